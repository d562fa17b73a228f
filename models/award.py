"""Points that one rule granted for one booking or activity."""

from tortoise import fields
from tortoise.models import Model


class Award(Model):
    """Points are whole; `occurred_at` is the fact's, so that a limit counts by it.

    A refund takes some back in a row of its own, below zero; an amendment adds or takes, and so
    does the reversal of an activity.
    `budget_period` names the counter that the points were taken from, or given back to.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    rule = fields.CharField(max_length=64)
    points = fields.BigIntField()
    occurred_at = fields.DatetimeField()
    booking_id = fields.UUIDField(null=True)
    activity_id = fields.UUIDField(null=True)
    refund_id = fields.UUIDField(null=True)
    amendment_id = fields.UUIDField(null=True)
    activity_reversal_id = fields.UUIDField(null=True)
    budget_period = fields.CharField(max_length=10, null=True)

    class Meta:
        table = "award"
