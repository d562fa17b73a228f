"""Announcements of a programme to its members."""

from tortoise import fields
from tortoise.models import Model


class Announcement(Model):
    """An announcement by its code, as staff saved it last; shown from `from_at` until `until_at`,
    exclusive.

    Null in `tiers` and `segment` means all. Members are notified once it begins: `position` is the
    last one notified, by id, and `notified_at` the instant when all were, null until then.
    """

    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    code = fields.CharField(max_length=64)
    title: fields.Field[dict[str, str]] = fields.JSONField()
    text: fields.Field[dict[str, str]] = fields.JSONField()
    image_url = fields.CharField(max_length=2000, null=True)
    link_url = fields.CharField(max_length=2000, null=True)
    from_at = fields.DatetimeField()
    until_at = fields.DatetimeField(null=True)
    tiers: fields.Field[list[str] | None] = fields.JSONField(null=True)
    segment = fields.CharField(max_length=64, null=True)
    notify = fields.BooleanField()
    position = fields.UUIDField(null=True)
    notified_at = fields.DatetimeField(null=True)
    saved_at = fields.DatetimeField()
    saved_by = fields.CharField(max_length=200)

    class Meta:
        table = "announcement"
