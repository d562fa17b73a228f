"""The basis of a member's tier: what counts toward it, with sums, and each change."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class TierCredit(Model):
    """What one fact counts toward tiers, at the fact's own instant.

    The fact is the member's own, or that of a member that was merged into it, of whose credit this
    is a copy: the source. A credit by a job is the member's spending elsewhere on a day.
    """

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
    completed_bookings = fields.IntField()
    source_member_id = fields.UUIDField(null=True)
    source_id = fields.UUIDField(null=True)
    job_id = fields.UUIDField(null=True)

    class Meta:
        table = "tier_credit"


class TierTotal(Model):
    """The sum of what a member's facts count toward tiers that were recorded before `through`."""

    member_id = fields.UUIDField(primary_key=True)
    through = fields.DatetimeField()
    spend_minor = fields.BigIntField()
    bookings = fields.BigIntField()
    nights = fields.BigIntField()
    points = fields.BigIntField()
    completed_bookings = fields.BigIntField()

    class Meta:
        table = "tier_total"


class TierChange(Model):
    """A decision about a member's tier: its basis, and the resulting state.

    A decision that keeps the tier, as a renewal, has it as `from_tier` and `to_tier`.
    """

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
    judged_at = fields.DatetimeField()
    earned_tier = fields.CharField(max_length=64)
    until = fields.DatetimeField(null=True)
    assigned_tier = fields.CharField(max_length=64, null=True)
    assigned_until = fields.DatetimeField(null=True)
    actor = fields.CharField(max_length=200, null=True)
    note = fields.TextField(null=True)

    class Meta:
        table = "tier_change"
