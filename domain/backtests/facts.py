"""Facts: a member's facts, in the form that a side plays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from domain.bookings.booking_state import LineState
from domain.earning.values import Line
from domain.kernel.values import value
from domain.ledger.lots import Lot


@value(frozen=True, slots=True)
class Booked:
    """A booking, and the member's values that its own judgement used; an `imported` one has no
    budgets and causes no grants. `states` are its first lines, before points pay for any.
    """

    booking_id: UUID
    booked_at: datetime
    payment_method: str | None
    lines: Sequence[Line]
    states: Sequence[LineState]
    paid_points: int
    redemption_id: UUID | None
    snapshot: Mapping[str, Any]
    policy_version_id: UUID
    granted: Mapping[str, int]
    imported: bool = False


@value(frozen=True, slots=True)
class Completed:
    """Lines that were completed together."""

    completion_id: UUID
    booking_id: UUID
    completed_at: datetime
    numbers: Sequence[int]


@value(frozen=True, slots=True)
class Refunded:
    """A refund: gross by line, in minor units; none if staff `rejected` the booking."""

    booking_id: UUID
    refunded_at: datetime
    gross: Mapping[int, int]
    supplier_cancelled: bool
    rejected: bool = False


@value(frozen=True, slots=True)
class Amended:
    """An amendment: all lines as they were after it."""

    booking_id: UUID
    amended_at: datetime
    lines: Sequence[Line]


@value(frozen=True, slots=True)
class Active:
    """An activity as reported; `own` by the member itself. Its final net points are `points`."""

    activity_id: UUID
    type: str
    occurred_at: datetime
    attributes: Mapping[str, Any]
    own: bool
    points: int


@value(frozen=True, slots=True)
class Reversed:
    """An activity, or the grant of this rule and occurrence, that staff reversed."""

    activity_id: UUID
    rule: str | None = None
    occurrence: str = ""


@value(frozen=True, slots=True)
class Referring:
    """A change of a referral, as recorded, on the referrer's side or the friend's.

    `fact_at` is the instant of the friend's fact. The member's part is rewarded while it `stands`.
    """

    referral_id: UUID
    side: Literal["referrer", "referee"]
    friend_id: UUID
    joined_at: datetime
    fact_at: datetime | None
    stands: bool


@value(frozen=True, slots=True)
class Redeemed:
    """Points spent on a reward or a booking, or held for it until an instant.

    `list_points` is today's list price of one; None where the member chose the points. `reward` is
    its code, None for a hold for a booking.
    """

    redemption_id: UUID
    points: int
    quantity: int
    list_points: int | None
    minimum_tier: str | None
    holds_until: datetime | None
    reward: str | None = None


@value(frozen=True, slots=True)
class Captured:
    """Points of a hold that were spent, all of them for a reward; the rest of the hold returns."""

    redemption_id: UUID
    points: int
    whole: bool


@value(frozen=True, slots=True)
class Returned:
    """A redemption that was cancelled, or points still `held` that were released."""

    redemption_id: UUID
    held: bool


@value(frozen=True, slots=True)
class Assigned:
    """A tier assigned by staff; None in `tier` ends the assignment."""

    tier: str | None
    until: datetime | None


@value(frozen=True, slots=True)
class Moved:
    """Points credited or taken as recorded, by a correction or a transfer; `lots` are those
    credited.
    """

    points: int
    lots: Sequence[Lot]


What = (
    Booked
    | Completed
    | Refunded
    | Amended
    | Active
    | Reversed
    | Referring
    | Redeemed
    | Captured
    | Returned
    | Assigned
    | Moved
)


@value(frozen=True, slots=True)
class Fact:
    """A fact, and the instant of its recording (UTC); facts of one instant are ordered by id."""

    recorded_at: datetime
    id: UUID
    what: What


@value(frozen=True, slots=True)
class Gift:
    """A grant that was really given, with its final points."""

    id: UUID
    rule: str
    occurrence: str
    occurred_at: datetime
    recorded_at: datetime
    points: int


@value(frozen=True, slots=True)
class Listed:
    """The member was on a list from an instant until another, exclusive."""

    segment: str
    since: datetime
    until: datetime | None

    def covers(self, instant: datetime) -> bool:
        return self.since <= instant and (self.until is None or instant < self.until)


@dataclass(slots=True)
class Life:
    """One member with all facts in their order; profile, the writer of each of its keys, and
    birthday are those of today. `gifts` are the grants that were really given.
    """

    member_id: UUID
    reference: str
    status: str
    birthday: date | None
    profile: Mapping[str, Any]
    writers: Mapping[str, str]
    joined_at: datetime
    facts: list[Fact] = field(default_factory=list)
    gifts: list[Gift] = field(default_factory=list)
    lists: list[Listed] = field(default_factory=list)

    def add(self, recorded_at: datetime, fact_id: UUID, what: What) -> None:
        self.facts.append(Fact(recorded_at, fact_id, what))


def number_of(attributes: Mapping[str, Any], name: str) -> Decimal | None:
    """The attribute that determines an activity's points, exact; None if it is no number."""
    found = attributes.get(name)
    if isinstance(found, bool) or not isinstance(found, int | str | Decimal):
        return None
    try:
        made = Decimal(str(found))
    except ArithmeticError:
        return None
    return made if made.is_finite() else None
