"""Points that went from one member to another; each side has a row under the same id."""

from tortoise import fields
from tortoise.models import Model


class Transfer(Model):
    """`direction` is OUT for the giver and IN for the receiver."""

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    direction = fields.CharField(max_length=3)
    counterpart_id = fields.UUIDField()
    points = fields.BigIntField()
    note = fields.TextField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "transfer"
