"""Tally: results of both sides, summed over members as whole numbers.

A sum is by dimension and key, for the baseline and for the candidate: points, minor units of the
currency, or members.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Any

from domain.backtests import counted
from domain.backtests.facts import Active, Booked, Life
from domain.backtests.sides import Side
from domain.bookings import booking_state
from domain.bookings.booking_state import BookingState
from domain.earning import discounts
from domain.kernel import dates
from domain.kernel.spreading import spread_whole
from domain.ledger.values import Bucket
from domain.programmes.policy import Policy

DECIMALS = 4

LISTED_MAX = 20
"""Number of listed members of those who win most, and of those who lose most."""


FIGURES_KEY = "FIGURE"
"""The key, among the dimensions, of the sums from which figures are computed; money in minor units.
"""


class Dimension(StrEnum):
    """Breakdowns: granted points by the first ones; members by tier; and members who win and lose.

    A segment has the points of its members at the end; a week has the points that a rule with a
    budget granted for facts of that week.
    """

    PRODUCT = "PRODUCT"
    RULE = "RULE"
    TIER = "TIER"
    SEGMENT = "SEGMENT"
    FUNDER = "FUNDER"
    TIER_MEMBERS = "TIER_MEMBERS"
    BUDGET_WEEK = "BUDGET_WEEK"
    WON = "WON"
    LOST = "LOST"


class Figure(StrEnum):
    """Sums of one side, in points, except those in minor units."""

    GRANTED = "granted"
    OUTSTANDING = "outstanding"
    OWED = "owed"
    EXPIRED = "expired"
    REDEEMED = "redeemed"
    UNMET = "unmet"
    NET_CASH = "net_cash"
    DISCOUNT = "discount"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class Period:
    """A period of facts, from an instant until another, exclusive (UTC)."""

    from_: datetime
    until: datetime

    def covers(self, instant: datetime) -> bool:
        return self.from_ <= instant < self.until


Sums = dict[str, dict[str, list[int]]]

Places = tuple[int, ...]
"""The places of a sum: the baseline's, the candidate's, or both."""

BOTH: Places = (0, 1)


@dataclass(slots=True)
class Tally:
    """Sums by dimension and key, each of the baseline and the candidate, in this order."""

    sums: Sums = field(default_factory=dict)
    members: int = 0
    assumed: int = 0

    def add(self, dimension: str, key: str, places: Places, number: int) -> None:
        if not number:
            return
        by_key = self.sums.get(dimension)
        if by_key is None:
            by_key = self.sums[str(dimension)] = {}
        pair = by_key.get(key)
        if pair is None:
            pair = by_key[str(key)] = [0, 0]
        for place in places:
            pair[place] += number

    def list_member(self, reference: str, granted: tuple[int, int]) -> None:
        """Keep the member if it is among those who win or lose most."""
        change = granted[1] - granted[0]
        if change:
            dimension = Dimension.WON if change > 0 else Dimension.LOST
            listed = self.sums.setdefault(str(dimension), {})
            listed[reference] = list(granted)
            if len(listed) > LISTED_MAX:
                del listed[min(listed, key=lambda one: _weight(one, listed[one]))]


def _weight(reference: str, granted: list[int]) -> tuple[int, str]:
    return abs(granted[1] - granted[0]), reference


@dataclass(frozen=True)
class Scope:
    """Members and period whose points are counted: of a segment, or of all members.

    `policies` are those with which the sides are reported at the end, the instant `cutoff` (UTC);
    `budgeted` are codes of rules that have a budget on either side.
    """

    period: Period
    cutoff: datetime
    policies: tuple[Policy, Policy]
    budgeted: frozenset[str] = frozenset()
    segment: str | None = None

    @cached_property
    def segments(self) -> tuple[tuple[str, ...], ...]:
        """The codes of the segments of each side."""
        return tuple(tuple(one.code for one in policy.segments) for policy in self.policies)


def add_member(tally: Tally, sides: tuple[Side, Side], scope: Scope) -> None:
    """Add one member whose two sides have been played to the end."""
    tally.members += 1
    segments = [
        counted.segments(side, policy, codes, scope.cutoff)
        for side, policy, codes in zip(sides, scope.policies, scope.segments, strict=True)
    ]
    if scope.segment is not None and not _is_in(scope, segments):
        return
    tally.assumed += any(side.assumed for side in sides)
    if sides[0] is sides[1]:
        granted = [_add_side(tally, BOTH, sides[0], scope)] * len(BOTH)
    else:
        granted = [_add_side(tally, (place,), sides[place], scope) for place in BOTH]
    recorded = _recorded(sides[0].life, scope.period)
    tally.add(FIGURES_KEY, Figure.RECORDED, BOTH, recorded)
    for place in BOTH:
        for code in segments[place]:
            tally.add(Dimension.SEGMENT, code, (place,), granted[place])
    tally.list_member(sides[0].life.reference, (granted[0], granted[1]))


def _is_in(scope: Scope, segments: Sequence[Collection[str]]) -> bool:
    """Whether the member is in the segment: by the baseline, unless only the candidate has it."""
    place = 0 if scope.segment in scope.segments[0] else 1
    return scope.segment in segments[place]


def _add_side(tally: Tally, places: Places, side: Side, scope: Scope) -> int:
    period, total = scope.period, 0
    for state in side.bookings.values():
        if period.covers(state.booked_at):
            total += _add_booking(tally, places, side, state, scope)
    for paid in side.activities:
        if period.covers(paid.occurred_at):
            total += paid.points
            _add_award(tally, places, (paid.type, paid.tier, paid.funder), paid.points)
            _add_week(tally, places, paid.type, (paid.occurred_at, paid.points), scope)
    for grant in side.grants.values():
        rule, at = grant.given.rule, grant.given.occurred_at
        if period.covers(at):
            total += grant.points
            _add_award(tally, places, (rule, grant.tier, grant.funder), grant.points)
            _add_week(tally, places, rule, (at, grant.points), scope)
    balances, moved = side.journal.balances, _moved(side, period)
    figures = {
        Figure.GRANTED: total,
        Figure.OUTSTANDING: balances.available + balances.pending + balances.held,
        Figure.OWED: balances.owed,
        Figure.EXPIRED: moved[Bucket.EXPIRED],
        Figure.REDEEMED: moved[Bucket.REDEEMED],
        Figure.UNMET: sum(points for at, points in side.unmet if period.covers(at)),
    }
    for figure, number in figures.items():
        tally.add(FIGURES_KEY, figure, places, number)
    tier = side.version.policy.tier_code(side.holding.tier)
    tally.add(Dimension.TIER_MEMBERS, tier, places, 1)
    return total


def _add_award(tally: Tally, places: Places, of: tuple[str, str, str], points: int) -> None:
    """Add points of an activity or grant to its rule, the member's tier, and its funder."""
    for dimension, key in zip((Dimension.RULE, Dimension.TIER, Dimension.FUNDER), of, strict=True):
        tally.add(dimension, key, places, points)


def _add_week(
    tally: Tally, places: Places, rule: str, what: tuple[datetime, int], scope: Scope
) -> None:
    """Add points of a rule with a budget to the week of their fact."""
    if rule in scope.budgeted:
        at, points = what
        year, week, _ = dates.local_date(at, scope.policies[0].zone).isocalendar()
        tally.add(Dimension.BUDGET_WEEK, f"{rule} {year}-W{week:02}", places, points)


def _add_booking(
    tally: Tally, places: Places, side: Side, state: BookingState, scope: Scope
) -> int:
    granted = sum(state.granted.values())
    tier = state.version.policy.tier_code(state.snapshot["tier"])
    tally.add(Dimension.TIER, tier, places, granted)
    for rule, points in state.granted.items():
        _, funder = state.version.policy.terms(rule)
        tally.add(Dimension.RULE, rule, places, points)
        tally.add(Dimension.FUNDER, funder, places, points)
        if scope.budgeted:
            _add_week(tally, places, rule, (state.booked_at, points), scope)
    parts = side.line_points[state.id]
    shares = spread_whole(granted, parts) if any(parts.values()) else {}
    for line in state.lines:
        tally.add(Dimension.PRODUCT, line.product, places, shares.get(line.number, 0))
    if state.earns:
        cash = sum([line.cash_minor - line.refunded_cash_minor for line in state.lines])
        tally.add(FIGURES_KEY, Figure.NET_CASH, places, cash)
        tally.add(FIGURES_KEY, Figure.DISCOUNT, places, _discount(state, tier))
    return granted


def _discount(state: BookingState, tier: str) -> int:
    """The tier's discount on the booking, in minor units."""
    policy = state.version.policy
    if not discounts.are_offered(policy, tier):
        return 0
    return sum(discounts.on_lines(policy, tier, booking_state.cash_left(state)).values())


def _moved(side: Side, period: Period) -> dict[Bucket, int]:
    """Points that expired in the period, and points redeemed, less those returned."""
    moved = {Bucket.EXPIRED: 0, Bucket.REDEEMED: 0}
    for entry in side.journal.entries:
        for bucket, points in ((entry.target, entry.points), (entry.source, -entry.points)):
            if bucket in moved and period.covers(entry.effective_at):
                moved[bucket] += points
    return moved


def _recorded(life: Life, period: Period) -> int:
    """Points that the ledger granted for facts of the period, net."""
    total = 0
    for fact in life.facts:
        what = fact.what
        if isinstance(what, Booked) and period.covers(what.booked_at):
            total += sum(what.granted.values())
        elif isinstance(what, Active) and period.covers(what.occurred_at):
            total += what.points
    return total + sum(gift.points for gift in life.gifts if period.covers(gift.occurred_at))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a report; numbers as shown: points, or units of the currency."""

    key: str
    baseline: Fraction
    candidate: Fraction


def rows(sums: Mapping[str, Any], dimension: Dimension) -> list[Row]:
    """The sums of one dimension: the largest change first, then by key."""
    found = [Row(key, *map(Fraction, pair)) for key, pair in sums.get(dimension, {}).items()]
    return sorted(found, key=lambda row: (-abs(row.candidate - row.baseline), row.key))


MONEY_FIGURES = ("granted_worth", "outstanding_worth", "net_cash", "discount")
PERCENT_FIGURE = "cost_share"
FIGURES = (
    *("granted", "granted_worth", "outstanding", "outstanding_worth", "owed", "expired"),
    *("redeemed", "unmet", "net_cash", "discount", "cost_share", "drift"),
)
"""The figures of a report, in their order."""


def figures(sums: Mapping[str, Any], policies: tuple[Policy, Policy]) -> list[Row]:
    """The figures of both sides; money in units of the currency, the share of cost in percent."""
    known = sums.get(FIGURES_KEY, {})
    pairs = {figure: known.get(figure, [0, 0]) for figure in Figure}
    unit = policies[0].minor_units(Decimal(1))
    worth = [policy.minor_per_point / unit for policy in policies]

    def money(figure: Figure) -> list[Fraction]:
        return [Fraction(number) / unit for number in pairs[figure]]

    def points(figure: Figure) -> list[Fraction]:
        return [Fraction(number) for number in pairs[figure]]

    granted, recorded = points(Figure.GRANTED), points(Figure.RECORDED)
    cash, off = money(Figure.NET_CASH), money(Figure.DISCOUNT)
    values: dict[str, Iterable[Fraction]] = {
        "granted": granted,
        "granted_worth": [granted[at] * worth[at] for at in (0, 1)],
        "outstanding": points(Figure.OUTSTANDING),
        "outstanding_worth": [points(Figure.OUTSTANDING)[at] * worth[at] for at in (0, 1)],
        "owed": points(Figure.OWED),
        "expired": points(Figure.EXPIRED),
        "redeemed": points(Figure.REDEEMED),
        "unmet": points(Figure.UNMET),
        "net_cash": cash,
        "discount": off,
        "cost_share": [
            (granted[at] * worth[at] + off[at]) / cash[at] * 100 if cash[at] else Fraction(0)
            for at in (0, 1)
        ],
        "drift": [granted[at] - recorded[at] for at in (0, 1)],
    }
    return [Row(name, *values[name]) for name in FIGURES]


def to_decimal(value: Fraction) -> Decimal:
    """The number with `DECIMALS` decimals, rounded down toward zero."""
    scaled = abs(value) * 10**DECIMALS
    whole = scaled.numerator // scaled.denominator
    return Decimal(whole if value >= 0 else -whole).scaleb(-DECIMALS)
