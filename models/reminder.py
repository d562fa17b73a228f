"""Reminders that a member got: of points that expire, and of anything else."""

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


class Reminder(Model):
    """The event of a kind of notice and its object was written, once: (member_id, kind, key)."""

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    kind = fields.CharField(max_length=32)
    key = fields.CharField(max_length=100)
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "reminder"
