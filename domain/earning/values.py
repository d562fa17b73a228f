"""Inputs and results of an evaluation: lines, member facts, allowances, awards and reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from domain.earning import lot_keys
from domain.earning.lot_keys import PointsByLot
from domain.kernel.values import value

Attributes = Mapping[str, Any]


@value(frozen=True, slots=True)
class Line:
    """One line of a booking, in minor units: the parts paid in cash, paid in points, and deducted
    by a coupon.
    """

    number: int
    product: str
    cash_minor: int
    attributes: Attributes = field(default_factory=dict)
    offset_minor: int = 0
    travel_from: date | None = None
    travel_to: date | None = None
    coupon_minor: int = 0

    @property
    def net_minor(self) -> int:
        """What a coupon leaves of it to pay."""
        return self.cash_minor + self.offset_minor

    @property
    def amount_minor(self) -> int:
        return self.net_minor + self.coupon_minor

    @property
    def nights(self) -> int | None:
        """From the first day of travel to the last; None where either is not known."""
        if self.travel_from is None or self.travel_to is None:
            return None
        return (self.travel_to - self.travel_from).days


@value(frozen=True, slots=True)
class MemberFacts:
    """What is known about the member when the fact is judged.

    `joined_days` are local days since it joined; None where no rule asks. `counts` has those that
    rules ask for, of spend in minor units; none is zero. `segments` says of those that rules ask
    for whether the member is in them. `hour` is that of the fact's local day.
    """

    tier: str
    in_birthday_month: bool = False
    profile: Attributes = field(default_factory=dict)
    joined_days: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    hour: int = 0
    segments: Mapping[str, bool] = field(default_factory=dict)


@value(frozen=True, slots=True)
class Allowance:
    """What a rule's limit leaves to this member; None where the limit does not restrict it.

    `budget` is what the rule's budget leaves to everybody, in points; null where none bounds it.
    Where it is `paid_before`, nothing is left because the member may have had it before it was
    erased.
    """

    times: int | None = None
    points: int | None = None
    budget: int | None = None
    paid_before: bool = False


@value(frozen=True, slots=True)
class Reason:
    """One line of an explanation, as a code and parameters; worded where it is read."""

    code: str
    params: Mapping[str, Any]
    points: int | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """Reasons for what a fact earned, and the policy version that judged it, if any."""

    reasons: tuple[Reason, ...] = ()
    version_id: UUID | None = None


@value(frozen=True, slots=True)
class Award:
    rule: str
    points: int


@value(frozen=True, slots=True)
class Evaluation:
    """`awards` per rule and `line_points` per line each add up to `points`.

    So does `by_lot`, by their terms and lines. `exact` is what each rule adds before rounding and
    before its limit, as numerator and denominator; bonuses, which are whole, have none.
    """

    points: int
    awards: tuple[Award, ...]
    line_points: Mapping[int, int]
    explanation: tuple[Reason, ...]
    by_lot: PointsByLot = field(default_factory=dict)
    exact: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def shares(self) -> dict[str, Fraction]:
        """What each rule adds exactly."""
        return {rule: Fraction(*share) for rule, share in self.exact.items()}

    @property
    def line_pending(self) -> dict[int, int]:
        """The part of each line's points that waits for its completion, where there is any."""
        return lot_keys.by_line(lot_keys.pending(self.by_lot))


@dataclass(frozen=True, slots=True)
class Rejudged:
    """A fact that was judged again, by its id: by rule the points that were `recorded` of it, and
    those that are `found` now. Of an amendment they are all that the booking grants since, of a
    refund what it takes back. `variants` of experiments judged it.
    """

    fact_id: UUID
    version_id: UUID
    recorded_at: datetime
    evaluation: Evaluation
    recorded: Mapping[str, int]
    found: Mapping[str, int]
    variants: Sequence[tuple[str, str]] = ()

    @property
    def is_reproduced(self) -> bool:
        return self.recorded == self.found
