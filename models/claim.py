"""A member's claim for the points of a booking that is missing."""

from tortoise import fields
from tortoise.models import Model


class Claim(Model):
    """`booked_on` is the booking's local day, `partner_id` the partner that sold it, if the member
    knows.

    `booking_id` is the booking that the approval recorded, with the `points` that it gave, or the
    one that existed already.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    reference = fields.CharField(max_length=128)
    booked_on = fields.DateField()
    partner_id = fields.UUIDField(null=True)
    text = fields.TextField()
    links: fields.Field[list[str]] = fields.JSONField()
    status = fields.CharField(max_length=16)
    opened_at = fields.DatetimeField()
    opened_by = fields.CharField(max_length=200)
    decided_at = fields.DatetimeField(null=True)
    decided_by = fields.CharField(max_length=200, null=True)
    reason = fields.TextField(null=True)
    booking_id = fields.UUIDField(null=True)
    points = fields.BigIntField(null=True)

    class Meta:
        table = "claim"
