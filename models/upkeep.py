"""An operator's work on the whole database."""

from tortoise import fields
from tortoise.models import Model


class Upkeep(Model):
    """A backup or verification that was completed, with the results of the latter; at real
    instants.
    """

    id = fields.UUIDField(primary_key=True)
    kind = fields.CharField(max_length=16)
    began_at = fields.DatetimeField()
    ended_at = fields.DatetimeField()
    members = fields.BigIntField(null=True)
    entries = fields.BigIntField(null=True)
    faults = fields.IntField(null=True)

    class Meta:
        table = "upkeep"
