"""A booking changed after it was paid: its new lines, and the effect on points."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Amendment(Model):
    """The booking's totals after it, and the points that it gave and took.

    `version` counts the booking's amendments from 1. `awarded` are the total points of each rule
    for the amended booking; `allowances` are the remainders of limited rules for it. Points whose
    time-out moved with the travel dates were taken and given again: `points_reissued`.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    booking_id = fields.UUIDField()
    version = fields.IntField()
    reference = fields.CharField(max_length=128)
    reporter = fields.CharField(max_length=200)
    amended_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()
    total_minor = fields.BigIntField()
    cash_minor = fields.BigIntField()
    cash_change_minor = fields.BigIntField()
    points = fields.BigIntField()
    points_awarded = fields.BigIntField()
    points_reissued = fields.BigIntField()
    points_clawed_back = fields.BigIntField()
    points_owed = fields.BigIntField()
    points_forgiven = fields.BigIntField()
    points_expired = fields.BigIntField()
    points_reinstated = fields.BigIntField()
    awarded: fields.Field[list[tuple[str, int]]] = fields.JSONField()
    allowances: fields.Field[dict[str, Any]] = fields.JSONField()
    explanation: fields.Field[list[dict[str, Any]]] = fields.JSONField()
    content_hash = fields.BinaryField()
    coupon_minor = fields.BigIntField(default=0)

    class Meta:
        table = "amendment"


class AmendmentLine(Model):
    """One line after an amendment; `points_returned` are returned points that had paid for it."""

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    amendment_id = fields.UUIDField()
    booking_id = fields.UUIDField()
    version = fields.IntField()
    line_number = fields.IntField()
    product = fields.CharField(max_length=64)
    amount_minor = fields.BigIntField()
    cash_minor = fields.BigIntField()
    travel_from = fields.DateField(null=True)
    travel_to = fields.DateField(null=True)
    attributes: fields.Field[dict[str, Any]] = fields.JSONField()
    points = fields.BigIntField()
    points_returned = fields.BigIntField()
    coupon_minor = fields.BigIntField(default=0)

    class Meta:
        table = "amendment_line"
