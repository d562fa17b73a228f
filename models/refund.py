"""Money given back for a booking, and its effect on the points."""

from tortoise import fields
from tortoise.models import Model


class Refund(Model):
    """Points no longer earned, their sources, and returned points.

    `points_clawed_back` includes those that became owed; expired and forgiven points count as done.
    One that names the review by which staff rejected the booking gave no money back.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    booking_id = fields.UUIDField()
    reference = fields.CharField(max_length=128)
    reporter = fields.CharField(max_length=200)
    refunded_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()
    supplier_cancelled = fields.BooleanField()
    points_clawed_back = fields.BigIntField()
    points_owed = fields.BigIntField()
    points_forgiven = fields.BigIntField()
    points_expired = fields.BigIntField()
    points_reinstated = fields.BigIntField()
    cash_minor = fields.BigIntField()
    content_hash = fields.BinaryField()
    counted_out = fields.BooleanField(
        null=True,
        description="Whether it took the booking out of what counts toward tiers; null for a "
        "refund from before that was kept, which did.",
    )
    review_id = fields.UUIDField(null=True)

    class Meta:
        table = "refund"


class RefundLine(Model):
    """One line's part: the gross amount refunded, its parts in cash and by a coupon's discount, and
    the points returned.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    refund_id = fields.UUIDField()
    booking_id = fields.UUIDField()
    line_number = fields.IntField()
    gross_minor = fields.BigIntField()
    cash_minor = fields.BigIntField()
    points = fields.BigIntField()
    coupon_minor = fields.BigIntField(default=0)

    class Meta:
        table = "refund_line"
