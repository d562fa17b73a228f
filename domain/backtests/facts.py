"""Facts: what a member did, as a side plays it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.ledger.lots import Lot


@dataclass(frozen=True, slots=True)
class LineFact:
    """A line as booked or amended; `attributes` are as reported."""

    number: int
    product: str
    attributes: Mapping[str, Any]
    amount_minor: int
    cash_minor: int
    travel_from: date | None
    travel_to: date | None


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking, and what its own judgement knew of the member."""

    booking_id: UUID
    booked_at: datetime
    payment_method: str | None
    lines: Sequence[LineFact]
    paid_points: int
    redemption_id: UUID | None
    snapshot: Mapping[str, Any]
    policy_version_id: UUID
    granted: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Completed:
    """Lines that were completed together."""

    booking_id: UUID
    completed_at: datetime
    numbers: Sequence[int]


@dataclass(frozen=True, slots=True)
class Refunded:
    """Gross by line, in minor units."""

    booking_id: UUID
    gross: Mapping[int, int]
    supplier_cancelled: bool


@dataclass(frozen=True, slots=True)
class Amended:
    """All lines as they were after it."""

    booking_id: UUID
    lines: Sequence[LineFact]


@dataclass(frozen=True, slots=True)
class Active:
    """An activity as reported; `own` by the member itself. It has `points` in the end, net."""

    activity_id: UUID
    type: str
    occurred_at: datetime
    attributes: Mapping[str, Any]
    own: bool
    by_itself: bool
    points: int


@dataclass(frozen=True, slots=True)
class Reversed:
    """An activity, or what the programme gave, that was not earned after all."""

    activity_id: UUID


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What was spent on a reward or a booking, or held for it until an instant.

    `list_points` is the list price of one today; None where the points were the member's choice.
    """

    redemption_id: UUID
    points: int
    quantity: int
    list_points: int | None
    minimum_tier: str | None
    holds_until: datetime | None


@dataclass(frozen=True, slots=True)
class Captured:
    """Points of a hold that were spent, all of it for a reward; what it held beyond comes back."""

    redemption_id: UUID
    points: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Returned:
    """A redemption that was cancelled, or a hold that was given up."""

    redemption_id: UUID


@dataclass(frozen=True, slots=True)
class Assigned:
    """What staff assigned, or lifted where `tier` is None."""

    tier: str | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Moved:
    """Points that came or went as recorded: a correction, or a transfer; `lots` came."""

    points: int
    lots: Sequence[Lot]


What = (
    Booked
    | Completed
    | Refunded
    | Amended
    | Active
    | Reversed
    | Redeemed
    | Captured
    | Returned
    | Assigned
    | Moved
)


@dataclass(frozen=True, slots=True)
class Fact:
    """What happened, and when it was recorded (UTC): ids of one instant are in their order."""

    recorded_at: datetime
    id: UUID
    what: What


@dataclass(slots=True)
class Life:
    """One member with all facts in their order; profile, who wrote each key of it, and birthday
    are today's.
    """

    member_id: UUID
    reference: str
    status: str
    birthday: date | None
    profile: Mapping[str, Any]
    writers: Mapping[str, str]
    joined_at: datetime
    facts: list[Fact] = field(default_factory=list)

    def add(self, recorded_at: datetime, fact_id: UUID, what: What) -> None:
        self.facts.append(Fact(recorded_at, fact_id, what))


def number_of(attributes: Mapping[str, Any], name: str) -> Decimal | None:
    """The attribute that an activity pays by, exact; None where there is no number."""
    found = attributes.get(name)
    if isinstance(found, bool) or not isinstance(found, int | str | Decimal):
        return None
    try:
        made = Decimal(str(found))
    except ArithmeticError:
        return None
    return made if made.is_finite() else None
