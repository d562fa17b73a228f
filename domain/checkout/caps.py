"""Caps: how much of a booking points may pay, per line, and in whole steps of points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil

from domain.checkout.refusals import BelowMinimum, NotAStep, ShareExceeded
from domain.earning import matching
from domain.earning.values import Line
from domain.kernel import spreading
from domain.kernel.refusals import InvalidInput
from domain.programmes import points as points_terms
from domain.programmes.policy import Policy
from domain.programmes.terms import OffsetTerms, Share
from domain.rewards import catalogue


@dataclass(frozen=True, slots=True)
class LineCap:
    """Most of one line that points may pay, in minor units, and the share that applies."""

    line: int
    percent: Decimal
    cap_minor: int


@dataclass(frozen=True, slots=True)
class Cap:
    """Most of a booking that points may pay: per line, and in whole steps of points.

    `total_minor` is the amount to pay after a coupon's discount of `coupon_minor`, `worth_each` the
    worth of a point, in minor units.
    """

    lines: tuple[LineCap, ...]
    total_minor: int
    worth_each: Fraction
    terms: OffsetTerms
    coupon_minor: int = 0

    @property
    def cap_minor(self) -> int:
        return sum(line.cap_minor for line in self.lines)

    @property
    def points_max(self) -> int:
        """The fewest points, in whole steps, that buy the most the cap allows."""
        return self.offered(self._within)

    @property
    def _within(self) -> int:
        """The most points whose worth, rounded down, stays within the cap."""
        return ceil((self.cap_minor + 1) / self.worth_each) - 1

    def offered(self, points: int) -> int:
        """The fewest points, in whole steps, that buy the most these can within the cap."""
        step = self.terms.step
        most = min(points, self._within) // step * step
        return -(-self.paying(most) // step) * step

    @property
    def share_percent(self) -> Decimal:
        """The cap as a share of the amount to pay, to two decimals."""
        if not self.total_minor:
            return Decimal(0)
        hundredths = self.cap_minor * 10_000 // self.total_minor
        return Decimal(hundredths).scaleb(-2)

    def at_the_worth_of(self, points: int, worth_minor: int) -> "Cap":
        """The same cap where a point has the worth that was stated for these points."""
        return replace(self, worth_each=Fraction(worth_minor, points))

    def worth_minor(self, points: int) -> int:
        return int(points * self.worth_each)

    def paying(self, points: int) -> int:
        """Those of `points` that buy something: without the rest they are worth the same."""
        return ceil(self.worth_minor(points) / self.worth_each)


def cap(policy: Policy, tier: str, lines: Sequence[Line]) -> Cap:
    """The cap of points on these lines, after a coupon.

    Raises: InvalidInput where the programme takes no points for bookings.
    """
    points_terms.check(policy)
    terms = policy.offset
    if terms is None:
        raise InvalidInput("no_offset", path=("points",))
    caps = []
    for line in lines:
        percent = _percent(policy, terms, line)
        caps.append(LineCap(line.number, percent, int(line.net_minor * percent / 100)))
    total = sum(line.net_minor for line in lines)
    worth_each = _worth_each(policy, tier, [line.travel_from for line in lines])
    off = sum(line.coupon_minor for line in lines)
    return Cap(tuple(caps), total, worth_each, terms, off)


def _percent(policy: Policy, terms: OffsetTerms, line: Line) -> Decimal:
    """The most specific share that matches; of equally specific ones the lowest.

    Without a day of travel any season may apply, so the lowest of all possible shares is used.
    """
    day = line.travel_from
    found = [share for share in terms.shares if _matches(policy, share, line, day)]
    if not found:
        return Decimal(0)
    sure = [share for share in found if share.seasons is None or day is not None]
    best = max((share.specificity for share in sure), default=0)
    return min(share.percent for share in found if share.specificity >= best)


def _matches(policy: Policy, share: Share, line: Line, day: date | None) -> bool:
    in_season = share.seasons is None or day is None or policy.in_season(share.seasons, day)
    return in_season and matching.is_of(share, line)


def _worth_each(policy: Policy, tier: str, travel: Sequence[date | None]) -> Fraction:
    """Worth of a point in the season of travel; the lowest of several lines' rates."""
    rates = [catalogue.redemption_rate_on(policy, tier, day) for day in travel]
    return policy.minor_per_point * min(rates)


def pay(allowed: Cap, lines: Sequence[Line], points: int) -> list[Line]:
    """The lines, each with the part that `points` pay: by the caps, in whole points where these
    fit.

    Why, and what happens where they do not: docs/decisions/0023-a-line-is-paid-in-whole-points.md.
    """
    offsets = _offsets(allowed, {line.number: line.net_minor for line in lines}, points)
    return [
        replace(
            line,
            cash_minor=line.cash_minor - offsets[line.number],
            offset_minor=offsets[line.number],
        )
        for line in lines
    ]


def _offsets(allowed: Cap, amounts: Mapping[int, int], points: int) -> dict[int, int]:
    caps, total = {line.line: line.cap_minor for line in allowed.lines}, allowed.worth_minor(points)
    if allowed.worth_each <= 1:
        # whole points are as fine as money is
        return spreading.spread(total, {line: Fraction(cap) for line, cap in caps.items()})
    offsets, reached = {}, 0
    for line, whole in sorted(_whole_points(allowed, amounts, points).items()):
        offsets[line] = allowed.worth_minor(reached + whole) - allowed.worth_minor(reached)
        reached += whole
    left = {line: Fraction(max(0, cap - offsets[line])) for line, cap in caps.items()}
    rest = spreading.spread(total - sum(offsets.values()), left)
    return {line: offset + rest[line] for line, offset in offsets.items()}


def _whole_points(allowed: Cap, amounts: Mapping[int, int], points: int) -> dict[int, int]:
    """By line, by largest remainder: within its cap, then within its amount if points may pay for
    it; whole points that fit into no line are left out.
    """
    caps, each = {line.line: line.cap_minor for line in allowed.lines}, allowed.worth_each
    whole = allowed.cap_minor or 1
    exact = {line: Fraction(points * cap, whole) for line, cap in caps.items()}
    given = {line: int(min(exact[line], cap / each)) for line, cap in caps.items()}
    for room in (caps, {line: amounts[line] if cap else 0 for line, cap in caps.items()}):
        while rest := points - sum(given.values()):
            fits = [line for line in given if (given[line] + 1) * each <= room[line]]
            if not fits:
                break
            for line in sorted(fits, key=lambda line: (given[line] - exact[line], line))[:rest]:
                given[line] += 1
    return given


def check_points(cap: Cap, points: int, path: tuple[str, ...] = ("points",)) -> None:
    """Raises: BelowMinimum, NotAStep, ShareExceeded, InvalidInput."""
    if points < cap.terms.minimum:
        raise BelowMinimum(cap.terms.minimum, path=path)
    if points % cap.terms.step:
        raise NotAStep(cap.terms.step, path=path)
    if not cap.cap_minor or cap.worth_minor(points) > cap.cap_minor:
        raise ShareExceeded(cap.points_max, cap.share_percent, path=path)
    if not cap.paying(points):
        least = str(ceil(1 / cap.worth_each))
        raise InvalidInput("worth_nothing", str(points), (least,), path=path)
