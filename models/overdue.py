"""Lines whose completion is overdue, listed for review."""

from tortoise import fields
from tortoise.models import Model


class OverdueLine(Model):
    """A line that was overdue at `overdue_at` with points waiting for its completion."""

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    booking_id = fields.UUIDField()
    line_number = fields.IntField()
    overdue_at = fields.DatetimeField()
    raised_at = fields.DatetimeField()

    class Meta:
        table = "overdue_line"
