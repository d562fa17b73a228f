"""Sending: deliveries, their attempts, and the lanes that keep them in order."""

from tortoise import fields
from tortoise.models import Model


class Delivery(Model):
    """An event of a member (or of none: the programme's id) for a target; instants are real ones.

    `id` is computed from event and target, so that it is written once. `attempts` counts those
    since `waits_since`: a woken delivery begins again. `begun_at` is the start of an unfinished
    attempt, and `reason` says why it was cancelled, if known.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    target = fields.UUIDField()
    event_id = fields.UUIDField()
    position = fields.BigIntField()
    status = fields.CharField(max_length=16)
    attempts = fields.SmallIntField()
    numbered_at = fields.DatetimeField()
    waits_since = fields.DatetimeField()
    due_at = fields.DatetimeField(null=True)
    begun_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=16, null=True)

    class Meta:
        table = "delivery"


class DeliveryAttempt(Model):
    """One attempt at a delivery, and its result: a status, or the reason why there is none."""

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    delivery_id = fields.UUIDField()
    at = fields.DatetimeField()
    status = fields.SmallIntField(null=True)
    error = fields.CharField(max_length=500, null=True)
    milliseconds = fields.IntField()
    answer = fields.CharField(max_length=500, null=True)

    class Meta:
        table = "delivery_attempt"


class DeliveryLane(Model):
    """The deliveries of a member to a target, one after the other: due at an instant, or with
    nothing to send; the sender has the `lease`, which expires.
    """

    member_id = fields.UUIDField()
    target = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    due_at = fields.DatetimeField(null=True)
    lease = fields.UUIDField(null=True)
    leased_until = fields.DatetimeField(null=True)

    class Meta:
        table = "delivery_lane"
