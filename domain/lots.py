"""A lot is one credit of points and what is left of it; these are the rules of spending it.

Points are spent earliest expiry first and are gone the instant their lot expires, whether or
not any job has run: what time alone has changed is computed, never awaited.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from domain import dates
from domain.errors import InsufficientPoints
from domain.policy import Expiry

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Lot:
    """`available_at` is null while pending; `expires_at` is exclusive, null for never (UTC)."""

    id: UUID
    points: int
    remaining: int
    earned_at: datetime
    available_at: datetime | None
    expires_at: datetime | None
    policy_version_id: UUID
    funder: str

    def spendable(self, now: datetime) -> bool:
        return (
            self.remaining > 0
            and self.available_at is not None
            and self.available_at <= now
            and (self.expires_at is None or now < self.expires_at)
        )


@dataclass(frozen=True, slots=True)
class Touch:
    """Signed points that an entry puts into a lot or takes from it."""

    lot_id: UUID
    points: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Points reserved until `expires_at` (exclusive), and the lots that they were taken from."""

    redemption_id: UUID
    expires_at: datetime
    touches: tuple[Touch, ...]

    @property
    def points(self) -> int:
        return -sum(touch.points for touch in self.touches)


@dataclass(frozen=True, slots=True)
class Due:
    """What time alone changes at one instant: a hold that dies, else lots that expire."""

    at: datetime
    touches: tuple[Touch, ...]
    hold: Hold | None = None

    @property
    def points(self) -> int:
        return abs(sum(touch.points for touch in self.touches))


def spend_order(lot: Lot) -> tuple[datetime, datetime, UUID]:
    """Earliest expiry first, points that never expire last; then oldest, then id."""
    return (lot.expires_at or _NEVER, lot.earned_at, lot.id)


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
    """Give back `points` of what `taken` drew, the newest allocation first."""
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


def next_due(lots: Iterable[Lot], holds: Iterable[Hold], now: datetime) -> Due | None:
    """The earliest thing that time alone has changed by `now`.

    A hold that dies gives its points back before lots expire at the same instant, so points
    held past their expiry come back and expire at once.
    """
    dead = min(
        (hold for hold in holds if hold.expires_at <= now),
        key=lambda hold: (hold.expires_at, hold.redemption_id),
        default=None,
    )
    gone = [lot for lot in lots if lot.remaining and lot.expires_at and lot.expires_at <= now]
    at = min((lot.expires_at for lot in gone if lot.expires_at), default=None)
    if dead is not None and (at is None or dead.expires_at <= at):
        return Due(dead.expires_at, restore(dead.touches, dead.points), dead)
    if at is None:
        return None
    expired = sorted((lot for lot in gone if lot.expires_at == at), key=spend_order)
    return Due(at, tuple(Touch(lot.id, -lot.remaining) for lot in expired))


def next_due_at(lots: Iterable[Lot], holds: Iterable[Hold]) -> datetime | None:
    """The earliest instant at which time alone will change these lots and holds."""
    expiries = [lot.expires_at for lot in lots if lot.remaining and lot.expires_at]
    return min([*expiries, *(hold.expires_at for hold in holds)], default=None)


def expires_at(terms: Expiry | None, posted_at: datetime, zone: ZoneInfo) -> datetime | None:
    """The exclusive instant (UTC) at which points posted at `posted_at` are gone."""
    if terms is None:
        return None
    last = dates.add_months(dates.local_date(posted_at, zone), terms.months)
    return dates.end_of_day(dates.month_end(last) if terms.through == "month" else last, zone)
