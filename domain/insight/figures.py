"""Figures of one member: sums of its facts by day and measure, and its own rows.

Pure. A fact counts on the day that it concerns and is known from the day on which it was recorded;
for entries of the ledger both are the day of their effect. Figures known through a settled day are
those of the moment when that day was settled, whenever they are computed.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from domain.insight.booking_figures import Step, of_booking
from domain.kernel import dates
from domain.kernel.database import Row
from domain.ledger.values import SYSTEM
from domain.members.statuses import MemberStatus
from domain.programmes.programmes import Programme

NONE = "-"
"""The product or city of facts that have none."""

Rows = Mapping[str, Sequence[Row]]
"""One member's rows by table, with the columns that `reading.SELECTS` names at least."""


class Measure(StrEnum):
    """Quantities that are summed. `MEMBERS` counts members of a tier: +1 on entering it, -1 on
    leaving it.

    The two measures of lots belong to the day on which the lot was earned, so that the points of a
    month can be followed as long as they last.
    """

    BOOKINGS = "bookings"
    CASH = "cash"
    GRANTED = "granted"
    ACTIVITY_GRANTED = "activity_granted"
    EARNED = "earned"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    REWARD_COST = "reward_cost"
    JOINED = "joined"
    UPGRADED = "upgraded"
    FELL = "fell"
    MEMBERS = "members"
    LOT_POINTS = "lot_points"
    LOT_DRAWN = "lot_drawn"


class Figure(NamedTuple):
    """Key of a value in the roll-up; `tier` is that of the fact, not of today."""

    known_day: date
    day: date
    measure: str
    product: str = NONE
    city: str = NONE
    tier: str = NONE
    status: str = MemberStatus.ENROLLED.value


@dataclass(slots=True)
class Month:
    """A member's month; bit n of `trips` is day n + 1, with a booking that stands."""

    bookings: int = 0
    cash: int = 0
    granted: int = 0
    redeemed: int = 0
    expired: int = 0
    reward_cost: int = 0
    trips: int = 0
    active: bool = False

    @property
    def is_empty(self) -> bool:
        return self == _EMPTY


_EMPTY = Month()


@dataclass(frozen=True, slots=True)
class MemberSpan:
    """From when a member joined, None for a guest, through its first two trips: their days."""

    joined: date | None = None
    first_booking: date | None = None
    second_booking: date | None = None


@dataclass(slots=True)
class MemberFigures:
    """One member's part of the roll-up, and its own rows, by the first day of each month."""

    sums: Counter[Figure] = field(default_factory=Counter)
    months: defaultdict[date, Month] = field(default_factory=lambda: defaultdict(Month))
    span: MemberSpan = field(default_factory=MemberSpan)


_ADDED = {
    Measure.BOOKINGS: "bookings",
    Measure.CASH: "cash",
    Measure.GRANTED: "granted",
    Measure.REDEEMED: "redeemed",
    Measure.EXPIRED: "expired",
    Measure.REWARD_COST: "reward_cost",
}
"""The measures that a member's month has, too."""

_OF_ENTRIES: Mapping[str, tuple[Measure, int]] = {
    "EARN": (Measure.EARNED, 1),
    "CLAW_BACK": (Measure.EARNED, -1),
    "REDEEM": (Measure.REDEEMED, 1),
    "CAPTURE": (Measure.REDEEMED, 1),
    "REINSTATE": (Measure.REDEEMED, -1),
    "EXPIRE": (Measure.EXPIRED, 1),
}
_SPENDING = ("REDEEM", "CAPTURE")

_OF_LOTS: Mapping[str, tuple[Measure, int]] = {
    **dict.fromkeys(("EARN", "ADJUST", "CLAW_BACK"), (Measure.LOT_POINTS, 1)),
    **dict.fromkeys(("HOLD", "REDEEM", "RELEASE", "REINSTATE"), (Measure.LOT_DRAWN, -1)),
}


def of_member(tables: Rows, programme: Programme, through: date) -> MemberFigures:
    """Figures of one member, by everything known through this day.

    Once the day is settled, the result is always the same. Points are whole, money is in minor
    units.
    """
    return _Reckoning(tables, programme, through).made()


@dataclass
class _Reckoning:
    """The rows of a member, and the figures computed so far."""

    tables: Rows
    programme: Programme
    through: date
    into: MemberFigures = field(default_factory=MemberFigures)

    def made(self) -> MemberFigures:
        trips = self._bookings()
        self._activities()
        self._entries()
        self._allocations()
        joined = self._standing()
        for day in trips:
            self.into.months[day.replace(day=1)].trips |= 1 << (day.day - 1)
        self.into.span = MemberSpan(joined, *trips[:2])
        self.into.sums = Counter({of: value for of, value in self.into.sums.items() if value})
        for month in [of for of, found in self.into.months.items() if found.is_empty]:
            del self.into.months[month]
        return self.into

    def _add(self, of: Figure, value: int) -> None:
        if of.known_day > self.through or not value:
            return
        self.into.sums[of] += value
        name = _ADDED.get(Measure(of.measure))
        if name is not None:
            month = self._month(of.day)
            setattr(month, name, getattr(month, name) + value)

    def _month(self, day: date) -> Month:
        return self.into.months[day.replace(day=1)]

    def _day(self, instant: datetime) -> date:
        return dates.local_date(instant, self.programme.versions[0].policy.zone)

    def _by(self, table: str, column: str) -> dict[UUID, list[Row]]:
        found: defaultdict[UUID, list[Row]] = defaultdict(list)
        for row in self.tables.get(table, ()):
            if row[column] is not None:
                found[row[column]].append(row)
        return found

    def _bookings(self) -> list[date]:
        """Add the figures of bookings; returns the days of those that stand, in order."""
        parts = {
            table: self._by(table, "booking_id")
            for table in (
                *("booking_line", "award", "refund", "refund_line"),
                *("amendment", "amendment_line"),
            )
        }
        trips = set()
        for booking in self.tables.get("booking", ()):
            if self._day(booking["recorded_at"]) > self.through:
                continue
            own = {table: found.get(booking["id"], []) for table, found in parts.items()}
            if self._steps(booking, own):
                trips.add(self._day(booking["booked_at"]))
        return sorted(trips)

    def _steps(self, booking: Row, own: Rows) -> bool:
        """Add one booking; returns whether it stands."""
        day, stands = self._day(booking["booked_at"]), 0
        guest = booking["member_status"] == MemberStatus.GUEST
        status = MemberStatus.GUEST if guest else MemberStatus.ENROLLED
        for step in of_booking(booking, own):
            known = self._day(step.known_at)
            if known > self.through:
                continue
            self._step(step, Figure(known, day, "", tier=booking["tier"], status=status.value))
            stands += step.bookings
        if stands:
            self._month(day).active = True
        return stands > 0

    def _step(self, step: Step, of: Figure) -> None:
        placed = of._replace(product=step.product or NONE, city=step.city or NONE)
        for measure, value in (
            (Measure.BOOKINGS, step.bookings),
            (Measure.CASH, step.cash),
            (Measure.GRANTED, step.granted),
        ):
            self._add(placed._replace(measure=measure.value), value)

    def _activities(self) -> None:
        """Add points of activities and grants, less those reversed; only reported ones count as
        being active.
        """
        awards = self._by("award", "activity_id")
        reversed_at = {
            one["id"]: one["recorded_at"] for one in self.tables.get("activity_reversal", ())
        }
        for activity in self.tables.get("activity", ()):
            known, day = self._day(activity["recorded_at"]), self._day(activity["occurred_at"])
            if known > self.through:
                continue
            if activity["reporter"] != SYSTEM.actor:
                self._month(day).active = True
            for award in awards.get(activity["id"], ()):
                own = award["activity_reversal_id"]
                learned = self._day(reversed_at[own]) if own in reversed_at else known
                tier = self._tier(activity["occurred_at"], learned)
                of = Figure(learned, day, Measure.ACTIVITY_GRANTED.value, tier=tier)
                self._add(of, award["points"])

    @cached_property
    def _own_entries(self) -> dict[UUID, tuple[Row, date, str]]:
        """Entries with an effect through the day, by id, with the day and the tier of it."""
        found = {}
        for entry in self.tables.get("ledger_entry", ()):
            day = self._day(entry["effective_at"])
            if day <= self.through:
                found[entry["id"]] = (entry, day, self._tier(entry["effective_at"], day))
        return found

    def _entries(self) -> None:
        """Add points earned, redeemed and expired, and the cost of rewards once their points are
        spent.
        """
        costs = {
            redemption["id"]: redemption["cost_minor"]
            for redemption in self.tables.get("redemption", ())
            if redemption["reward_id"] is not None and redemption["cost_minor"]
        }
        charged: set[tuple[UUID, int]] = set()
        for entry, day, tier in self._own_entries.values():
            if entry["kind"] not in _OF_ENTRIES:
                continue
            measure, sign = _OF_ENTRIES[entry["kind"]]
            self._add(Figure(day, day, measure.value, tier=tier), sign * entry["points"])
            if entry["kind"] in _SPENDING:
                self._month(day).active = True
            redemption = entry["redemption_id"]
            if measure is not Measure.REDEEMED or redemption not in costs:
                continue
            if (redemption, sign) not in charged:
                charged.add((redemption, sign))
                of = Figure(day, day, Measure.REWARD_COST.value, tier=tier)
                self._add(of, sign * costs[redemption])

    def _allocations(self) -> None:
        """Add points of lots that were earned and used, by the day on which the lot was earned."""
        earned = {lot["id"]: self._day(lot["earned_at"]) for lot in self.tables.get("lot", ())}
        for touch in self.tables.get("allocation", ()):
            entry, day, tier = self._own_entries.get(touch["entry_id"], (None, None, ""))
            if entry is None or day is None or entry["kind"] not in _OF_LOTS:
                continue
            measure, sign = _OF_LOTS[entry["kind"]]
            of = Figure(day, earned[touch["lot_id"]], measure.value, tier=tier)
            self._add(of, sign * touch["points"])

    def _standing(self) -> date | None:
        """Add enrolment and the tiers that the member entered; returns the day of enrolment."""
        for member in self.tables.get("member", ()):
            joined = self._day(member["joined_at"])
            was = [one["was"] for one in self.tables.get("erasure", ())] or [member["status"]]
            if MemberStatus.GUEST in was or joined > self.through:
                return None
            tier = self._first_tier
            for measure in (Measure.JOINED, Measure.MEMBERS):
                self._add(Figure(joined, joined, measure.value, tier=tier), 1)
            self._moves(tier)
            return joined
        return None

    def _moves(self, tier: str) -> None:
        for change in sorted(self._changes, key=lambda one: (one["recorded_at"], one["id"])):
            to = change["to_tier"]
            if change["from_tier"] == to:
                continue
            known, day = self._day(change["recorded_at"]), self._day(change["effective_at"])
            if known > self.through:
                break
            rank = self._ranking(change)
            rose = Measure.UPGRADED if rank(to) > rank(change["from_tier"]) else Measure.FELL
            of = Figure(known, day, rose.value, tier=change["from_tier"])
            self._add(of, 1)
            self._add(of._replace(measure=Measure.MEMBERS.value, tier=tier), -1)
            self._add(of._replace(measure=Measure.MEMBERS.value, tier=to), 1)
            tier = to

    def _ranking(self, change: Row) -> Callable[[str], int]:
        return self.programme.version(change["policy_version_id"]).policy.rank

    @cached_property
    def _changes(self) -> list[Row]:
        """Decisions about the tier in the order of their effect."""
        return sorted(
            self.tables.get("tier_change", ()),
            key=lambda one: (one["effective_at"], one["recorded_at"], one["id"]),
        )

    @cached_property
    def _first_tier(self) -> str:
        """The tier before any decision."""
        first = min(self._changes, key=lambda one: (one["recorded_at"], one["id"]), default=None)
        if first is not None:
            return str(first["from_tier"])
        return next((str(one["tier"]) for one in self.tables.get("account", ())), NONE)

    def _tier(self, at: datetime, known: date) -> str:
        """The tier by the last decision with an effect by then, of those known on this day: a
        decision recorded later does not change settled figures.
        """
        tier = self._first_tier
        for change in self._changes:
            if change["effective_at"] > at:
                break
            if self._day(change["recorded_at"]) <= known:
                tier = change["to_tier"]
        return tier
