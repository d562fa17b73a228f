"""Something a member did that is not a booking: a review, a share, a quiz."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Activity(Model):
    """`within_limit` is false for one that was stored, earned nothing and says why.

    A grant of the programme has the reporter `system`. `reward` and `benefit` are codes of a reward
    or perk that it gives in place of points; `brought_by` is the fact that caused it, null for a
    day.
    """

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
    reward = fields.CharField(max_length=64, null=True)
    benefit = fields.CharField(max_length=64, null=True)
    brought_by = fields.UUIDField(null=True)

    class Meta:
        table = "activity"


class ActivityAttempts(Model):
    """Number of reports over the limit on a day, for which only the first is stored as an activity.

    Its `id` is the activity's. There is a row from the second time on.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    attempts = fields.BigIntField()
    last_at = fields.DatetimeField()

    class Meta:
        table = "activity_attempts"


class ActivityReversal(Model):
    """A reversal (REVERSED) or restoration (RESTORED) of an activity, alternating and numbered from
    1.

    `points` are those taken out of its awards, or granted again. Points taken were clawed back
    (including those owed), forgiven, or had expired. `reason` is given by staff, and such a
    reversal is permanent; `brought_by` is the fact that caused any other.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    activity_id = fields.UUIDField()
    number = fields.IntField()
    kind = fields.CharField(max_length=16)
    points = fields.BigIntField()
    points_clawed_back = fields.BigIntField()
    points_owed = fields.BigIntField()
    points_forgiven = fields.BigIntField()
    points_expired = fields.BigIntField()
    recorded_at = fields.DatetimeField()
    actor = fields.CharField(max_length=200)
    reason = fields.TextField(null=True)
    brought_by = fields.UUIDField(null=True)

    class Meta:
        table = "activity_reversal"
