"""A state change that somebody outside must hear of, written in the transaction that made it."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class OutboxEvent(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    topic = fields.CharField(max_length=64)
    payload: fields.Field[dict[str, Any]] = fields.JSONField()
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "outbox_event"
