"""Points spent on a reward, and what became of it."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Redemption(Model):
    """`points` is what was taken in all; `worth_minor` what it buys, in minor units."""

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    reward_id = fields.UUIDField(null=True)
    status = fields.CharField(max_length=16)
    points = fields.BigIntField()
    quantity = fields.IntField()
    worth_minor = fields.BigIntField(null=True)
    currency = fields.CharField(max_length=3)
    codes: fields.Field[list[Any]] = fields.JSONField()
    actor = fields.CharField(max_length=200)
    policy_version_id = fields.UUIDField()
    created_at = fields.DatetimeField()
    hold_expires_at = fields.DatetimeField(null=True)
    released_at = fields.DatetimeField(null=True)
    tracking = fields.CharField(max_length=200, null=True)
    fulfilled_at = fields.DatetimeField(null=True)
    cancelled_at = fields.DatetimeField(null=True)
    cancelled_by = fields.CharField(max_length=200, null=True)
    cancel_reason = fields.TextField(null=True)

    class Meta:
        table = "redemption"
