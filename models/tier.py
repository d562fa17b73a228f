"""How a member came to its tier: what counts toward it, and each change."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class TierCredit(Model):
    """What one fact counts toward tiers, at the fact's own instant."""

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    booking_id = fields.UUIDField(null=True)
    activity_id = fields.UUIDField(null=True)
    occurred_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()
    spend_minor = fields.BigIntField()
    bookings = fields.IntField()
    nights = fields.IntField()
    points = fields.BigIntField()

    class Meta:
        table = "tier_credit"


class TierChange(Model):
    """A change of tier with what it was decided on."""

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    from_tier = fields.CharField(max_length=64)
    to_tier = fields.CharField(max_length=64)
    effective_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()
    reason = fields.CharField(max_length=64)
    inputs: fields.Field[dict[str, Any]] = fields.JSONField()
    policy_version_id = fields.UUIDField()
    booking_id = fields.UUIDField(null=True)

    class Meta:
        table = "tier_change"
