"""An event for other systems, written in the transaction that made it."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class OutboxEvent(Model):
    """`recorded_at` is an instant of the programme's clock, those of the relay are real ones.

    `relay_after`, and the `relay_error` that it waits for, are set once relaying has failed.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    topic = fields.CharField(max_length=64)
    payload: fields.Field[dict[str, Any]] = fields.JSONField()
    recorded_at = fields.DatetimeField()
    relayed_at = fields.DatetimeField(null=True)
    relay_failures = fields.IntField()
    relay_after = fields.DatetimeField(null=True)
    relay_error = fields.CharField(max_length=200, null=True)

    class Meta:
        table = "outbox_event"
