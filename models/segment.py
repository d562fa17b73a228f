"""Members on the lists that staff keep, with the instants."""

from tortoise import fields
from tortoise.models import Model


class SegmentMember(Model):
    """A member on a list from an instant until another, exclusive; null while it still is."""

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    segment = fields.CharField(max_length=64)
    added_at = fields.DatetimeField()
    added_by = fields.CharField(max_length=200)
    removed_at = fields.DatetimeField(null=True)
    removed_by = fields.CharField(max_length=200, null=True)

    class Meta:
        table = "segment_member"
