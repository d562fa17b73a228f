"""Lots as the journal follows them: the used points of each, and the amounts that these carried
(pure).
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.finance.accounts import NONE
from domain.kernel import dates
from domain.kernel.database import Row
from domain.kernel.dates import local_date
from domain.valuation import amounts


@dataclass(slots=True)
class Followed:
    """A lot with its value, None if unknown; `gone` points have left it, without open holds, and
    `moved` of them returned in other lots. `origin` is the account to which it was charged, None if
    another member transferred it.
    """

    id: UUID
    points: int
    funder: str
    cohort: str
    expiry_month: str
    amount: int | None
    origin: str | None = None
    gone: int = 0
    moved: int = 0

    @property
    def left(self) -> int:
        return self.points - self.gone

    @property
    def left_amount(self) -> int:
        value = self.amount or 0
        return value - amounts.carried(value, self.points, self.gone)

    def leave(self, points: int) -> int:
        """The amount that leaving points carry; below zero, that returning ones do."""
        carry = amounts.carry(self.amount or 0, self.points, self.gone, points)
        self.gone += points
        return carry

    def renew(self, points: int) -> int | None:
        """The amount that points carry when they return in another lot: that of the first points
        that left.
        """
        before, self.moved = self.moved, self.moved + points
        if self.amount is None:
            return None
        return amounts.carry(self.amount, self.points, before, points)


def follow(lot: Row, amount: int | None, zone: ZoneInfo) -> Followed:
    """Follow a lot from its credit; a pending one has no expiry until it matures."""
    expiry = NONE if lot["matured_entry_id"] else expiry_month(lot["expires_at"], zone)
    cohort = local_date(lot["earned_at"], zone).isoformat()[:7]
    return Followed(lot["id"], lot["points"], lot["funder"], cohort, expiry, amount)


def expiry_month(expires_at: datetime | None, zone: ZoneInfo) -> str:
    """The month of the last day on which points can be spent, as `2026-12`."""
    if expires_at is None:
        return NONE
    return dates.last_valid_date(expires_at, zone).isoformat()[:7]


@dataclass(slots=True)
class Drawn:
    """Points that a redemption took from lots, as `[lot, points]` in the order drawn: held ones,
    and spent ones that did not return.
    """

    held: list[tuple[UUID, int]] = field(default_factory=list)
    spent: list[tuple[UUID, int]] = field(default_factory=list)

    def capture(self, points: int) -> list[tuple[UUID, int]]:
        """Spend this many held points, first drawn first; returns what was spent of each lot."""
        taken, self.held = _split(self.held, points)
        self.spent += taken
        return taken

    def give_back(self, points: int) -> list[tuple[UUID, int]]:
        """Return this many spent points, last drawn first; gives what returned to each lot."""
        back, left = _split(self.spent[::-1], points)
        self.spent = left[::-1]
        return back

    def release(self) -> None:
        """Release all held points."""
        self.held = []


def _split(
    drawn: list[tuple[UUID, int]], points: int
) -> tuple[list[tuple[UUID, int]], list[tuple[UUID, int]]]:
    """The first `points` points, and the others."""
    taken, left = [], []
    for lot_id, drawn_points in drawn:
        first = min(points, drawn_points)
        points -= first
        if first:
            taken.append((lot_id, first))
        if drawn_points > first:
            left.append((lot_id, drawn_points - first))
    return taken, left
