"""A guaranteed quote: the points of a booking that cites it in time."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Quote(Model):
    """The evaluation as it was quoted, and its inputs.

    Each of `awards` is a rule, its points, and the period of the budget that they are reserved in,
    or null. `snapshot` will be that of the booking; `lines` have amounts in minor units.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    status = fields.CharField(max_length=16)
    points = fields.BigIntField()
    booked_at = fields.DatetimeField()
    payment_method = fields.CharField(max_length=64, null=True)
    policy_version_id = fields.UUIDField()
    lines: fields.Field[list[dict[str, Any]]] = fields.JSONField()
    awards: fields.Field[list[tuple[str, int, str | None]]] = fields.JSONField()
    snapshot: fields.Field[dict[str, Any]] = fields.JSONField()
    explanation: fields.Field[list[dict[str, Any]]] = fields.JSONField()
    actor = fields.CharField(max_length=200)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    released_at = fields.DatetimeField(null=True)
    coupon_id = fields.UUIDField(null=True)

    class Meta:
        table = "quote"
