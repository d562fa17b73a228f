"""Members who were erased."""

from tortoise import fields
from tortoise.models import Model


class Erasure(Model):
    """That a member was erased, by whom, with which points; `was` is its status before.

    It names nobody any more, and is kept so that figures and restored databases stay right.
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
