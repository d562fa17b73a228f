"""A client-made key of a mutation and the first result under it."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class IdempotencyKey(Model):
    programme_id = fields.UUIDField()
    caller = fields.CharField(max_length=200)
    key = fields.CharField(max_length=128, primary_key=True)
    operation = fields.CharField(max_length=64)
    input_sha256 = fields.BinaryField()
    result: fields.Field[dict[str, Any] | None] = fields.JSONField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "idempotency_key"
