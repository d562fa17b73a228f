"""A booking and its lines, as the booking system reported them."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Booking(Model):
    """Amounts are minor units of `currency`; `cash_minor` is the part not paid in points, after a
    coupon's discount of `coupon_minor`.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    reference = fields.CharField(max_length=128)
    reporter = fields.CharField(max_length=200)
    booked_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()
    currency = fields.CharField(max_length=3)
    payment_method = fields.CharField(max_length=64, null=True)
    total_minor = fields.BigIntField()
    cash_minor = fields.BigIntField()
    points = fields.BigIntField()
    policy_version_id = fields.UUIDField()
    snapshot: fields.Field[dict[str, Any]] = fields.JSONField()
    explanation: fields.Field[list[dict[str, Any]]] = fields.JSONField()
    content_hash = fields.BinaryField()
    redemption_id = fields.UUIDField(null=True)
    quote_id = fields.UUIDField(null=True)
    coupon_minor = fields.BigIntField(default=0)

    class Meta:
        table = "booking"


class BookingLine(Model):
    """A line as first reported; changes by amendments are in their own lines."""

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    booking_id = fields.UUIDField()
    number = fields.IntField()
    product = fields.CharField(max_length=64)
    amount_minor = fields.BigIntField()
    cash_minor = fields.BigIntField()
    travel_from = fields.DateField(null=True)
    travel_to = fields.DateField(null=True)
    attributes: fields.Field[dict[str, Any]] = fields.JSONField()
    points = fields.BigIntField()
    amendment_id = fields.UUIDField(null=True)
    coupon_minor = fields.BigIntField(default=0)

    class Meta:
        table = "booking_line"


class CouponUse(Model):
    """A coupon that took `discount_minor` off a booking's lines of its `products` (null: of all);
    or, with a `use_id`, its return when the booking was refunded or amended.

    `coupon_id` and `coupon_member_id`, the coupon's owner, are without foreign keys.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    booking_id = fields.UUIDField()
    coupon_id = fields.UUIDField()
    coupon_member_id = fields.UUIDField()
    discount_minor = fields.BigIntField()
    products: fields.Field[list[str]] = fields.JSONField(null=True)
    use_id = fields.UUIDField(null=True)
    refund_id = fields.UUIDField(null=True)
    amendment_id = fields.UUIDField(null=True)
    actor = fields.CharField(max_length=200)
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "coupon_use"


class Completion(Model):
    """A line that was flown, stayed in, used: from then on its points can be spent."""

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    booking_id = fields.UUIDField()
    line_number = fields.IntField()
    completed_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()
    reporter = fields.CharField(max_length=200)

    class Meta:
        table = "completion"


class ParkedFact(Model):
    """A refund or completion that was reported before its booking, and is applied when that is
    recorded.
    """

    programme_id = fields.UUIDField()
    booking_reference = fields.CharField(max_length=128)
    kind = fields.CharField(max_length=16)
    reference = fields.CharField(max_length=128, primary_key=True)
    sent: fields.Field[dict[str, Any]] = fields.JSONField()
    reporter = fields.CharField(max_length=200)
    received_at = fields.DatetimeField()

    class Meta:
        table = "parked_fact"
