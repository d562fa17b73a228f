"""Counts: numbers computed from what a member did, which rules ask for by their codes.

A count has the facts of one kind that match its filters and whose dates lie in its window. A
window is days that end with the judged one, or the calendar period around that, and never goes
beyond the judged instant; without one the count is of all time.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import Field

from domain.kernel import dates
from domain.programmes import trees
from domain.programmes.nodes import Code, Node, Words
from domain.programmes.refusals import FaultCode, PolicyFault
from domain.programmes.selectors import AttributeCondition
from domain.programmes.trees import codes, defined, items, texts, value

COUNTS_MAX = 100
WINDOW_DAYS_MAX = 36_500


class CountWindow(NamedTuple):
    """Dates that count (UTC), both ends included; without ends all time."""

    from_: datetime | None = None
    through: datetime | None = None

    def covers(self, instant: datetime) -> bool:
        return (self.from_ is None or self.from_ <= instant) and (
            self.through is None or instant <= self.through
        )


class _Count(Node):
    """Fields that all counts share."""

    name: Words | None = Field(None, description="Without it the count is shown by its code.")
    days: Annotated[int, Field(ge=1, le=WINDOW_DAYS_MAX, strict=True)] | None = Field(
        None, description="Local days that end with the judged one."
    )
    per: Literal["day", "month", "year"] | None = Field(
        None, description="The local day, month or year around the judged instant."
    )

    def window(self, judged_at: datetime, zone: ZoneInfo) -> CountWindow:
        """The dates that count for what is judged at this instant."""
        if self.days is not None:
            first = dates.add_days(dates.local_date(judged_at, zone), 1 - self.days)
            return CountWindow(dates.start_of_day(first, zone), judged_at)
        if self.per is not None:
            return CountWindow(dates.period_bounds(judged_at, self.per, zone)[0], judged_at)
        return CountWindow()


class BookingCount(_Count):
    """Bookings with a matching line of which an amount is left, or what is left of such lines.

    They are dated by the booking, completed ones by their completion. Spend is in cash.
    """

    of: Literal["bookings", "completed_bookings", "spend", "nights"]
    products: tuple[Code, ...] | None = Field(None, min_length=1)
    attributes: dict[Code, AttributeCondition] | None = Field(
        None, description="Line attributes that must all be equal, or within a range."
    )


class ActivityCount(_Count):
    """Matching activities, within their limit; dated by when they occurred."""

    of: Literal["activities"]
    types: tuple[Code, ...] | None = Field(None, min_length=1)


class RedemptionCount(_Count):
    """Redemptions that were confirmed or fulfilled; dated by when they were made."""

    of: Literal["redemptions"]
    rewards: tuple[Code, ...] | None = Field(
        None, min_length=1, description="Codes of rewards; one of them was redeemed."
    )


class ReferralCount(_Count):
    """Friends for whom the member is paid as the referrer; dated by the friend's fact."""

    of: Literal["referrals"]


Count = Annotated[
    BookingCount | ActivityCount | RedemptionCount | ReferralCount, Field(discriminator="of")
]


def faults(tree: Any) -> Iterator[PolicyFault]:
    """Contradictions in counts, except about products and attributes."""
    types = defined(tree, codes(tree, "activities"), "activities")
    for where, count in items(tree, "counts"):
        if value(count, "days") is not None and value(count, "per") is not None:
            yield PolicyFault(FaultCode.COUNT_WINDOW, (*where, "per"))
        yield from trees.undefined(texts(tree, *where, "types"), types)
