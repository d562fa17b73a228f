"""Something a member did that is not a booking: a review, a share, a quiz."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Activity(Model):
    """`within_limit` is false for one that was stored, earned nothing and says why."""

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    type = fields.CharField(max_length=64)
    reference = fields.CharField(max_length=128)
    reporter = fields.CharField(max_length=200)
    occurred_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()
    attributes: fields.Field[dict[str, Any]] = fields.JSONField()
    within_limit = fields.BooleanField()
    points = fields.BigIntField()
    policy_version_id = fields.UUIDField()
    explanation: fields.Field[list[dict[str, Any]]] = fields.JSONField()
    content_hash = fields.BinaryField()

    class Meta:
        table = "activity"


class ActivityAttempts(Model):
    """How often an activity was reported on the day for which it stands for all over their limit.

    Its `id` is the activity's. There is a row from the second time on.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    attempts = fields.BigIntField()
    last_at = fields.DatetimeField()

    class Meta:
        table = "activity_attempts"
