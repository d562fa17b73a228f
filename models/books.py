"""The settled days of a programme: nothing can be recorded in them any more."""

from tortoise import fields
from tortoise.models import Model


class Books(Model):
    """Nothing is recorded before `settled_until`, the exclusive end of a local day.

    `settled_through` is the last day whose changes by the passage of time are all written, and
    `closed_through` the last day of the last period that was closed.
    """

    programme_id = fields.UUIDField(primary_key=True)
    opened_on = fields.DateField()
    settled_until = fields.DatetimeField()
    settled_through = fields.DateField(null=True)
    closed_through = fields.DateField(null=True)

    class Meta:
        table = "books"
