"""Facts: what a member did, as a side plays it."""

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
    """A booking, and what its own judgement knew of the member; one that was `imported` has no
    budgets and brings no grants. `states` are its lines as they begin, before points pay for any.
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
    """Gross by line, in minor units; of what staff `rejected` none."""

    booking_id: UUID
    refunded_at: datetime
    gross: Mapping[int, int]
    supplier_cancelled: bool
    rejected: bool = False


@value(frozen=True, slots=True)
class Amended:
    """All lines as they were after it."""

    booking_id: UUID
    amended_at: datetime
    lines: Sequence[Line]


@value(frozen=True, slots=True)
class Active:
    """An activity as reported; `own` by the member itself. It has `points` in the end, net."""

    activity_id: UUID
    type: str
    occurred_at: datetime
    attributes: Mapping[str, Any]
    own: bool
    points: int


@value(frozen=True, slots=True)
class Reversed:
    """An activity, or the grant of this rule and occurrence, that staff took back."""

    activity_id: UUID
    rule: str | None = None
    occurrence: str = ""


@value(frozen=True, slots=True)
class Referring:
    """What became of a friend's joining, as recorded: on the referrer's side, or the friend's.

    `fact_at` is the friend's fact. The member's part is paid for while it `stands`.
    """

    referral_id: UUID
    side: Literal["referrer", "referee"]
    friend_id: UUID
    joined_at: datetime
    fact_at: datetime | None
    stands: bool


@value(frozen=True, slots=True)
class Redeemed:
    """What was spent on a reward or a booking, or held for it until an instant.

    `list_points` is the list price of one today; None where the points were the member's choice.
    `reward` is its code, None of what was held for a booking.
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
    """Points of a hold that were spent, all of it for a reward; what it held beyond comes back."""

    redemption_id: UUID
    points: int
    whole: bool


@value(frozen=True, slots=True)
class Returned:
    """A redemption that was cancelled, or points that were still `held` and given up."""

    redemption_id: UUID
    held: bool


@value(frozen=True, slots=True)
class Assigned:
    """What staff assigned, or lifted where `tier` is None."""

    tier: str | None
    until: datetime | None


@value(frozen=True, slots=True)
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
    | Referring
    | Redeemed
    | Captured
    | Returned
    | Assigned
    | Moved
)


@value(frozen=True, slots=True)
class Fact:
    """What happened, and when it was recorded (UTC): ids of one instant are in their order."""

    recorded_at: datetime
    id: UUID
    what: What


@value(frozen=True, slots=True)
class Gift:
    """What the programme gave by itself: the points left of it in the end."""

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
    """One member with all facts in their order; profile, who wrote each key of it, and birthday
    are today's. `gifts` are what the programme gave in truth.
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
    """The attribute that an activity pays by, exact; None where there is no number."""
    found = attributes.get(name)
    if isinstance(found, bool) or not isinstance(found, int | str | Decimal):
        return None
    try:
        made = Decimal(str(found))
    except ArithmeticError:
        return None
    return made if made.is_finite() else None
