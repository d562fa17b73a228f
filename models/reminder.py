"""A reminder that a member got of points that expire."""

from tortoise import fields
from tortoise.models import Model


class ExpiryReminder(Model):
    """One reminder, `days` before the expiry (exclusive) of all points that expire together."""

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    expires_at = fields.DatetimeField()
    days = fields.IntField()
    points = fields.BigIntField()
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "expiry_reminder"
