"""Figures: sums of settled days by programme, and rows of members that cannot be summed."""

from tortoise import fields
from tortoise.models import Model


class FigureDay(Model):
    """The sum of one measure over the facts of one day that became known on `known_day`.

    `-` is written for a missing product or city, `mixed` where a booking has several. Money is in
    minor units.
    """

    programme_id = fields.UUIDField(primary_key=True)
    measure = fields.CharField(max_length=16)
    day = fields.DateField()
    known_day = fields.DateField()
    product = fields.CharField(max_length=64)
    city = fields.CharField(max_length=128)
    tier = fields.CharField(max_length=64)
    status = fields.CharField(max_length=16)
    value = fields.BigIntField()

    class Meta:
        table = "figure_day"


class MemberMonth(Model):
    """A member's month, whose first day is `month`, by all that is known of settled days.

    Bit n of `trips` stands for day n + 1 of the month, with a booking that is not refunded in full;
    `active` is true for a month with a booking, redemption or activity.
    """

    member_id = fields.UUIDField()
    month = fields.DateField(primary_key=True)
    bookings = fields.IntField()
    cash = fields.BigIntField()
    granted = fields.BigIntField()
    redeemed = fields.BigIntField()
    expired = fields.BigIntField()
    reward_cost = fields.BigIntField()
    trips = fields.IntField()
    active = fields.BooleanField()

    class Meta:
        table = "member_month"


class MemberSpan(Model):
    """When a member joined, null for a guest, and the days of its first two trips."""

    member_id = fields.UUIDField(primary_key=True)
    joined = fields.DateField(null=True)
    first_booking = fields.DateField(null=True)
    second_booking = fields.DateField(null=True)

    class Meta:
        table = "member_span"
