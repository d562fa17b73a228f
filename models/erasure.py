"""Members who were erased."""

from tortoise import fields
from tortoise.models import Model


class Erasure(Model):
    """A record of a member's erasure, with its actor and the points lost; `was` is the status
    before.

    It identifies nobody any more, and is kept so that figures and restored databases stay right.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    was = fields.CharField(max_length=16)
    points = fields.BigIntField()
    erased_at = fields.DatetimeField()
    erased_by = fields.CharField(max_length=200)

    class Meta:
        table = "erasure"
