"""Progress of the job that gives grants of the calendar."""

from tortoise import fields
from tortoise.models import Model


class CalendarMark(Model):
    """The last local day for which all members of a programme were looked through."""

    programme_id = fields.UUIDField(primary_key=True)
    covered_through = fields.DateField()

    class Meta:
        table = "calendar_mark"
