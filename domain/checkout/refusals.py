"""Why points or a coupon do not pay for a booking, and why a quote does not hold."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from domain.kernel.refusals import Points, Price, Refusal


@dataclass(eq=False)
class CouponNotApplicable(Refusal):
    """The coupon deducts nothing from this booking."""

    reason: Annotated[
        str,
        "Stable code of the reason: MINIMUM_SPEND, PRODUCTS when no line has a product that the "
        "coupon applies to, or NO_WORTH.",
    ]
    minimum_spend: Annotated[Price, "Smallest total price of the lines that the coupon applies to."]
    eligible: Annotated[Price, "Total price of the lines that the coupon applies to."]


@dataclass(eq=False)
class BelowMinimum(Refusal):
    """The points are fewer than the smallest number that may be used."""

    minimum: Annotated[Points, "Smallest number of points that may be used."]


@dataclass(eq=False)
class NotAStep(Refusal):
    """The number of points is not a multiple of the step."""

    step: Annotated[Points, "Step size, in points."]


@dataclass(eq=False)
class ShareExceeded(Refusal):
    """The points would pay more of this booking than is allowed."""

    max_points: Annotated[Points, "Largest number of points that may pay for the booking."]
    share_percent: Annotated[Decimal, "Largest share of the price that points may pay, in percent."]


@dataclass(eq=False)
class QuoteExpired(Refusal):
    """The quote has expired; the budgets and limits that it reserved are free again."""

    expired_at: Annotated[datetime, "Instant at which the quote expired."]


@dataclass(eq=False)
class QuoteMismatch(Refusal):
    """The booking differs from the one that was quoted."""

    what: Annotated[
        str,
        "Input field that differs: amount, travelFrom, paymentMethod …; reference when another "
        "booking has used the quote.",
    ]
    quoted: Annotated[str | None, "Value in the quote; null when it has none."]
    found: Annotated[str | None, "Value in the booking; null when it has none."]
