"""Bookings judged a second time, by the written rules of one policy.

They earn one point for every yuan of cash times the tier's multiplier, rounded down once, and 40
more if the flights cost 150 or more. Points pay up to half of each line, one for a hundredth of a
yuan; or a coupon takes something off all lines, from each by its share of their sum. What is
refunded is judged as if it had never been bought.
"""

import calendar
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from math import ceil
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
LEVELS = (("silver", 0, "1.0"), ("gold", 300, "1.2"), ("platinum", 900, "1.5"))
BONUS, BONUS_FROM_MINOR = 40, 150_00
SHARE_PERCENT = 50

FUNDER = "bank"
"""The partner that may fund the additional points of flights."""

Shares = dict[int, int]

Place = tuple[str, bool, int]
"""The rule whose own terms points have, empty for the usual terms; whether they are pending; and
the line whose completion they wait for, otherwise 0.
"""

Placed = Mapping[Place, int]


@dataclass(frozen=True, slots=True)
class Terms:
    """What differs between the policies of histories.

    The additional points of flights are valid for `far_months`; None is as long as all points.
    """

    claw_back: str
    waits: str
    then: str
    overdue_days: int
    tier: str
    hold_minutes: int
    grace_days: int
    through: str
    far_months: int | None = None
    far_funder: str = "programme"

    @classmethod
    def drawn(cls, draw: Random) -> "Terms":
        return cls(
            claw_back=draw.choice(("only_pending", "within_balance", *("unlimited",) * 3)),
            waits=draw.choice(("nothing", "bonus", "all")),
            then=draw.choice(("mature", "mature", "review")),
            overdue_days=draw.choice((3, 14)),
            tier=draw.choice(("now", "never")),
            hold_minutes=draw.choice((30, 2 * 24 * 60)),
            grace_days=draw.choice((0, 45)),
            through=draw.choice(("day", "month")),
            far_months=draw.choice((None, None, 0, 2)),
            far_funder=draw.choice(("programme", "programme", FUNDER)),
        )

    def document(self) -> dict[str, Any]:
        """The same as parts of a policy document."""
        words = {"zh-CN": "规则", "en": "Rule"}
        own: dict[str, Any] = {"funder": self.far_funder}
        if self.waits == "bonus":
            own["available"] = "on_completion"
        if self.far_months is not None:
            own["expiry"] = {"months": self.far_months, "through": self.through}
        flights = {"products": ["flight"], "min_amount": BONUS_FROM_MINOR // 100}
        return {
            "points": {
                "worth": {"points": 100, "money": 1},
                "available": "on_completion" if self.waits == "all" else "at_payment",
                "expiry": {"months": 1, "through": self.through},
            },
            "tiers": {
                "basis": "spend",
                "window": "lifetime",
                "levels": [
                    {"code": code, "name": words, "threshold": least, "multiplier": factor}
                    for code, least, factor in LEVELS
                ],
            },
            "earning": [
                {"code": "base", "kind": "rate", "name": words, "points": 1, "per": 1},
                {"code": "far", "kind": "bonus", "name": words, "points": BONUS, "when": flights}
                | own,
            ],
            "completion": {"overdue_days": self.overdue_days, "then": self.then},
            "refunds": {
                "claw_back": self.claw_back,
                "tier": self.tier,
                "grace_days": self.grace_days,
            },
            "offset": {"step": 1, "minimum": 1, "shares": [{"percent": SHARE_PERCENT}]},
            "holds": {"minutes": self.hold_minutes},
            "transfers": {"account_age_days": 0},
        }

    @property
    def far(self) -> str:
        """The rule whose terms the additional points of flights have; empty for the usual."""
        usual = self.far_months is None and self.far_funder != FUNDER
        return "" if usual else "far"

    def gone(self, posted: datetime, rule: str = "") -> datetime:
        """When points expire: months later, after that local day or the last day of that month."""
        day = posted.astimezone(ZONE).date()
        months = 1 if not rule or self.far_months is None else self.far_months
        years, month = divmod(day.month - 1 + months, 12)
        year, month = day.year + years, month + 1
        last = calendar.monthrange(year, month)[1]
        through = last if self.through == "month" else min(day.day, last)
        return midnight_after(date(year, month, through))

    def overdue(self, booked_at: datetime, travel_to: date | None) -> datetime:
        last = travel_to or booked_at.astimezone(ZONE).date()
        return midnight_after(last + timedelta(days=self.overdue_days))


def midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), ZONE)


def level_of(spend_minor: int) -> int:
    reached = [rank for rank, (_, least, _) in enumerate(LEVELS) if spend_minor >= least * 100]
    return reached[-1]


@dataclass(slots=True)
class Standing:
    """What was paid in cash, and each tier with the instant at which it was recorded."""

    spend_minor: int = 0
    changes: list[tuple[datetime, int]] = field(default_factory=list)

    @property
    def rank(self) -> int:
        return self.changes[-1][1] if self.changes else 0

    def at(self, instant: datetime) -> int:
        reached = [rank for since, rank in self.changes if since <= instant]
        return reached[-1] if reached else 0

    def buy(self, cash_minor: int, now: datetime) -> None:
        self.spend_minor += cash_minor
        if level_of(self.spend_minor) > self.rank:
            self.changes.append((now, level_of(self.spend_minor)))

    def give_back(self, cash_minor: int, now: datetime, acts: str) -> None:
        before = level_of(self.spend_minor)
        self.spend_minor -= cash_minor
        after = level_of(self.spend_minor)
        if acts == "now" and after < min(before, self.rank):
            self.changes.append((now, after))


@dataclass(slots=True)
class Line:
    """Amounts in minor units; `paid` is the points that paid for it, worth one unit each, `coupon`
    what a coupon took off it. No line has both.
    """

    number: int
    product: str
    amount: int
    paid: int = 0
    travel_to: date | None = None
    refunded: int = 0
    refunded_paid: int = 0
    coupon: int = 0
    refunded_coupon: int = 0

    @property
    def left(self) -> int:
        return self.amount - self.refunded

    @property
    def cash(self) -> int:
        """What was paid in cash, before refunds."""
        return self.amount - self.coupon - self.paid

    @property
    def cash_left(self) -> int:
        return self.cash - (self.refunded - self.refunded_coupon - self.refunded_paid)

    def points_of(self, gross: int) -> int:
        """The points that are returned if `gross` more of the line is refunded.

        The share of all refunds is rounded down. Points returned before the line became dearer
        stay returned.
        """
        share = self.paid * (self.refunded + gross) // self.amount if self.amount else 0
        return max(0, share - self.refunded_paid)

    def coupon_of(self, gross: int) -> int:
        """The part of the coupon that belongs to `gross` more of the line.

        Its share of all refunds is rounded up; what is left of it is never more than what is left
        of the line.
        """
        own = self.coupon - self.refunded_coupon
        share = ceil(Fraction((self.refunded + gross) * self.coupon, self.amount or 1))
        least = max(0, share - self.refunded_coupon, own - (self.left - gross))
        return min(least, own, gross)

    def refund(self, gross: int) -> tuple[int, int]:
        """Refund this part; its cash and its points."""
        off, back = self.coupon_of(gross), self.points_of(gross)
        self.refunded, self.refunded_paid = self.refunded + gross, self.refunded_paid + back
        self.refunded_coupon += off
        return gross - off - back, back

    def amend(self, amount: int, coupon: int = 0) -> tuple[int, int]:
        """The change in cash, and the points returned; an increase is paid in cash alone."""
        cheaper, back = (self.amount - self.coupon) - (amount - coupon), 0
        if cheaper > 0:
            back = self.points_of(cheaper)
        self.amount, self.coupon, self.paid = amount, coupon, self.paid - back
        return back - cheaper, back


@dataclass(slots=True)
class Trip:
    """A booking in its present state; `first` is what each rule grants it before refunds.

    `awarded` is what its member was given, `done` what was due back since, of which some was
    `found_expired`, and some `forgiven`. `discount` is what a coupon took off it at first, until
    the coupon is returned.
    """

    reference: str
    member: int
    lines: list[Line]
    factor: Fraction
    booked_at: datetime
    first: Mapping[str, int] = field(default_factory=dict)
    awarded: int = 0
    done: int = 0
    found_expired: int = 0
    forgiven: int = 0
    redemption: UUID | None = None
    discount: int = 0
    completed: set[int] = field(default_factory=set)
    amended: str = ""

    def granted(self) -> dict[str, int]:
        """What each rule grants on what is left in cash."""
        return self.judge({line.number: line.cash_left for line in self.lines})

    def price(self) -> None:
        """Set `first` to what each rule grants on all that was paid in cash."""
        self.first = self.judge({line.number: line.cash for line in self.lines})

    def judge(self, paid: Mapping[int, int]) -> dict[str, int]:
        """By rule, what is granted if this much of each line was paid in cash."""
        cash = sum(paid.values())
        flights = sum(paid[line.number] for line in self.lines if line.product == "flight")
        base, total = cash // 100, int(Fraction(cash, 100) * self.factor)
        far = BONUS if flights >= BONUS_FROM_MINOR else 0
        return {"base": base, "tier": total - base, "far": far}

    def take_off(self, worth: int) -> None:
        """Let a coupon take its worth off the lines, in proportion to their amounts."""
        self.discount = min(worth, sum(line.amount for line in self.lines))
        parts = shares(self.discount, {line.number: line.amount for line in self.lines})
        for line in self.lines:
            line.coupon = parts[line.number]

    def coupon_parts(self, amounts: Mapping[int, int]) -> Shares:
        """What the coupon takes off lines that cost this now: its first discount, spread over what
        is not refunded. The parts of refunded amounts stay, even when the coupon was returned.
        """
        was = {line.number: line for line in self.lines}
        kept = {number: was[number].refunded_coupon if number in was else 0 for number in amounts}
        if not self.discount:
            return kept
        left = {
            number: amount - (was[number].refunded if number in was else 0)
            for number, amount in amounts.items()
        }
        parts = shares(min(self.discount - sum(kept.values()), sum(left.values())), left)
        return {number: kept[number] + parts[number] for number in amounts}

    def entitled(self) -> int:
        """What it should have earned on what is left; but no rule more than it did in total, nor
        more than its exact value rounded up.
        """
        granted = self.granted()
        base = Fraction(sum(line.cash_left for line in self.lines), 100)
        exact = {"base": base, "tier": base * (self.factor - 1), "far": Fraction(granted["far"])}
        most = sum(min(points, ceil(exact[rule])) for rule, points in self.first.items())
        return min(sum(granted.values()), most)

    def due(self) -> int:
        """What refunds must still take."""
        return max(0, self.awarded - self.entitled() - self.done)

    def had(self) -> int:
        """What its member was given and kept: spent, expired, forgiven or still available."""
        return self.awarded - (self.done - self.found_expired - self.forgiven)

    def open_lines(self, terms: Terms, now: datetime) -> set[int]:
        """The lines whose points are pending: not completed, and not matured by being overdue."""
        return {
            line.number
            for line in self.lines
            if line.number not in self.completed
            and not (
                terms.then == "mature" and terms.overdue(self.booked_at, line.travel_to) <= now
            )
        }

    def placed(self, terms: Terms) -> Placed:
        """The places of the points that are granted on what is left."""
        granted = self.granted()
        spendable = {
            line.number: Fraction(line.cash_left, 100) * self.factor for line in self.lines
        }
        flights = {line.number: line.cash_left for line in self.lines if line.product == "flight"}
        whole = sum(flights.values())
        far = {
            number: Fraction(granted["far"] * cash, whole)
            for number, cash in flights.items()
            if whole
        }
        usual = granted["base"] + granted["tier"]
        placed = Counter[Place]()
        for rule, waits, points, exact in (
            ("", terms.waits == "all", usual, spendable),
            (terms.far, terms.waits != "nothing", granted["far"], far),
        ):
            parts = largest_remainder(points, exact) if waits else {0: points}
            for number, share in parts.items():
                placed[rule, waits, number] += share
        return placed


def less(before: Placed, after: Placed) -> Placed:
    """How many points each place lost."""
    return {place: before.get(place, 0) - after.get(place, 0) for place in {**before, **after}}


def offset(lines: Sequence[Line], points: int) -> int:
    """Let points pay, up to half of each line; how many were used."""
    caps = {line.number: line.amount * SHARE_PERCENT // 100 for line in lines}
    used = min(points, sum(caps.values()))
    whole = sum(caps.values())
    exact = {number: Fraction(used * cap, whole) for number, cap in caps.items() if whole}
    paid = largest_remainder(used, exact)
    for line in lines:
        line.paid = paid.get(line.number, 0)
    return used


def shares(total: int, weights: Mapping[int, int]) -> Shares:
    """`total` divided by these weights into whole shares."""
    whole = sum(weights.values())
    exact = {n: Fraction(total * weight, whole or 1) for n, weight in weights.items()}
    return largest_remainder(total, exact)


def largest_remainder(total: int, exact: Mapping[int, Fraction]) -> Shares:
    """Whole shares that add up to `total`; the rest goes to the largest remainders."""
    found = {number: int(value) for number, value in exact.items()}
    order = sorted(exact, key=lambda number: (found[number] - exact[number], number))
    for number in order[: total - sum(found.values())]:
        found[number] += 1
    return found
