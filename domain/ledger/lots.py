"""A lot is one credit of points and what is left of it; this module has the rules for spending it.

Points are spent earliest expiry first and are gone the instant their lot expires, whether or not
any job has run: what the passage of time changes is computed, never waited for.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from heapq import heapify, heappop, heappush
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.kernel import dates
from domain.kernel.values import value
from domain.ledger.refusals import InsufficientPoints
from domain.programmes.rules import Expiry

NEVER = datetime.max.replace(tzinfo=UTC)


@value(frozen=True, slots=True)
class Lot:
    """`available_at` is null while pending; `expires_at` is exclusive, null for never (UTC).

    `rule` is the rule whose own expiry and funder the points have; null where these are the
    programme's.
    """

    id: UUID
    points: int
    remaining: int
    earned_at: datetime
    available_at: datetime | None
    expires_at: datetime | None
    policy_version_id: UUID
    funder: str
    booking_id: UUID | None = None
    line_number: int | None = None
    matures_at: datetime | None = None
    matured_expires_at: datetime | None = None
    rule: str | None = None

    @property
    def pending(self) -> bool:
        return self.available_at is None

    def with_remaining(self, points: int) -> "Lot":
        """The same lot with `remaining` points left; `replace` does this in three times as long."""
        return Lot(
            self.id,
            self.points,
            points,
            self.earned_at,
            self.available_at,
            self.expires_at,
            self.policy_version_id,
            self.funder,
            self.booking_id,
            self.line_number,
            self.matures_at,
            self.matured_expires_at,
            self.rule,
        )

    def spendable(self, now: datetime) -> bool:
        return (
            self.remaining > 0
            and self.available_at is not None
            and self.available_at <= now
            and (self.expires_at is None or now < self.expires_at)
        )


@value(frozen=True, slots=True)
class Touch:
    """Signed points that an entry puts into a lot or takes from it."""

    lot_id: UUID
    points: int


@value(frozen=True, slots=True)
class Hold:
    """Points reserved until `expires_at` (exclusive), and the lots that they were taken from."""

    redemption_id: UUID
    expires_at: datetime
    touches: tuple[Touch, ...]

    @property
    def points(self) -> int:
        return -sum(touch.points for touch in self.touches)


@value(frozen=True, slots=True)
class DueChange:
    """Change that the passage of time causes at one instant: a lot matures, a hold expires, or lots
    expire.
    """

    at: datetime
    touches: tuple[Touch, ...] = ()
    hold: Hold | None = None
    matured: Lot | None = None

    @property
    def points(self) -> int:
        return abs(sum(touch.points for touch in self.touches))


def spend_order(lot: Lot) -> tuple[datetime, datetime, UUID]:
    """Earliest expiry first, points that never expire last; then oldest, then id."""
    return (lot.expires_at or NEVER, lot.earned_at, lot.id)


def spendable_points(lots: Iterable[Lot], now: datetime) -> int:
    return sum(lot.remaining for lot in lots if lot.spendable(now))


def draw_down(lots: Iterable[Lot], points: int, now: datetime) -> tuple[Touch, ...]:
    """Take `points` from the lots in spend order.

    Raises: InsufficientPoints when the spendable lots hold less.
    """
    usable = sorted((lot for lot in lots if lot.spendable(now)), key=spend_order)
    touches, wanted = [], points
    for lot in usable:
        if wanted == 0:
            break
        taken = min(wanted, lot.remaining)
        touches.append(Touch(lot.id, -taken))
        wanted -= taken
    if wanted:
        raise InsufficientPoints(available=points - wanted, required=points)
    return tuple(touches)


def restore(taken: Sequence[Touch], points: int) -> tuple[Touch, ...]:
    """Give back `points` of those that `taken` drew, newest allocation first."""
    touches, wanted = [], points
    for touch in reversed(taken):
        if wanted == 0:
            break
        given = min(wanted, -touch.points)
        touches.append(Touch(touch.lot_id, given))
        wanted -= given
    if wanted:
        raise ValueError(f"{points} points are more than were taken")
    return tuple(touches)


class Agenda:
    """Changes due by `now`, one after the other, in time proportional to their number.

    At one instant lots mature first, then holds expire, each by id, then lots expire: points held
    past their expiry come back and expire at once. `lots` and `holds` are read as they are when the
    next change is requested; a lot that gets an expiry or points meanwhile is added again. Once
    nothing more is due, nothing falls due before `later` either.
    """

    def __init__(self, lots: Mapping[UUID, Lot], holds: Mapping[UUID, Hold], now: datetime) -> None:
        self.lots, self.holds, self.now = lots, holds, now
        self.later = min(
            (h.expires_at for h in holds.values() if h.expires_at > now), default=NEVER
        )
        self.expiring: dict[datetime, set[UUID]] = {}
        self.heap: list[tuple[datetime, int, UUID]] = [
            (hold.expires_at, _DIES, hold.redemption_id)
            for hold in holds.values()
            if hold.expires_at <= now
        ]
        heapify(self.heap)
        for lot in lots.values():
            if lot.remaining:
                self.add(lot)

    def add(self, lot: Lot) -> None:
        if not lot.remaining:
            return
        if lot.pending and lot.matures_at and self._falls(lot.matures_at):
            heappush(self.heap, (lot.matures_at, _MATURES, lot.id))
        if lot.expires_at and self._falls(lot.expires_at):
            if lot.expires_at not in self.expiring:
                heappush(self.heap, (lot.expires_at, _EXPIRE, UUID(int=0)))
            self.expiring.setdefault(lot.expires_at, set()).add(lot.id)

    def _falls(self, at: datetime) -> bool:
        """Whether this is due by now; if not, it is noted as later."""
        if at > self.now:
            self.later = min(self.later, at)
        return at <= self.now

    def next(self) -> DueChange | None:
        """The earliest change that is due; the caller applies it before it asks again."""
        while self.heap:
            at, kind, found = heappop(self.heap)
            due = self._due(at, kind, found)
            if due is not None:
                return due
        return None

    def _due(self, at: datetime, kind: int, found: UUID) -> DueChange | None:
        if kind == _DIES:
            hold = self.holds[found]
            return DueChange(at, restore(hold.touches, hold.points), hold)
        if kind == _MATURES:
            lot = self.lots[found]
            return DueChange(at, matured=lot) if lot.pending and lot.remaining else None
        lots = (self.lots[lot_id] for lot_id in self.expiring.pop(at))
        left = sorted((lot for lot in lots if lot.remaining), key=spend_order)
        return DueChange(at, tuple(Touch(lot.id, -lot.remaining) for lot in left)) if left else None


_MATURES, _DIES, _EXPIRE = range(3)
"""The order of changes that are due at one instant."""


def next_due_at(lots: Iterable[Lot], holds: Iterable[Hold]) -> datetime | None:
    """The earliest instant at which the passage of time changes these lots and holds."""
    left = [lot for lot in lots if lot.remaining]
    instants = [
        *(lot.expires_at for lot in left),
        *(lot.matures_at for lot in left if lot.pending),
        *(hold.expires_at for hold in holds),
    ]
    return min((instant for instant in instants if instant), default=None)


def expires_at(terms: Expiry | None, posted_at: datetime, zone: ZoneInfo) -> datetime | None:
    """The exclusive instant (UTC) at which points posted at `posted_at` are gone."""
    if terms is None:
        return None
    return _expiry(dates.local_date(posted_at, zone), terms.months, terms.through, zone)


@lru_cache(maxsize=4096)
def _expiry(day: date, months: int, through: str, zone: ZoneInfo) -> datetime:
    """The same for points posted on a local day."""
    last = dates.add_months(day, months)
    return dates.end_of_day(dates.month_end(last) if through == "month" else last, zone)


def renewed(old: Lot, points: int, lot_id: UUID, at_least: datetime, now: datetime) -> Lot:
    """A new lot for returned points of a lot: on its terms, valid until `at_least` or longer."""
    return Lot(
        id=lot_id,
        points=points,
        remaining=points,
        earned_at=old.earned_at,
        available_at=now,
        expires_at=None if old.expires_at is None else max(old.expires_at, at_least),
        policy_version_id=old.policy_version_id,
        funder=old.funder,
    )
