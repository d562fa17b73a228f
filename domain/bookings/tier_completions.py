"""Completed bookings as what tiers count: a booking counts once, when its last line completes.

The instant is that of the completion that is the latest, so the order in which lines are
reported does not matter. A line that was refunded whole, or dropped, is not waited for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from domain.bookings.booking_state import BookingState, LineState
from domain.tiers.values import Credit, Qualifying

_ONE, _NONE = Qualifying(completed_bookings=1), Qualifying(completed_bookings=-1)


def completed_at(lines: Iterable[LineState]) -> datetime | None:
    """When the last of the lines that are left completed; None while one is open."""
    left = [
        line for line in lines if line.left_minor or (not line.amount_minor and not line.dropped)
    ]
    instants = [line.completed_at for line in left if line.completed_at is not None]
    return max(instants) if instants and len(instants) == len(left) else None


def completed(lines: Iterable[LineState], numbers: Sequence[int], at: datetime) -> list[LineState]:
    """The lines with these completed."""
    return [replace(line, completed_at=at) if line.number in numbers else line for line in lines]


def refunded(lines: Iterable[LineState], gross: Mapping[int, int]) -> list[LineState]:
    """The lines with so much more refunded, by number, in minor units."""
    return [
        replace(line, refunded_gross_minor=line.refunded_gross_minor + gross.get(line.number, 0))
        for line in lines
    ]


def counted(state: BookingState, lines: Iterable[LineState], now: datetime) -> list[Credit]:
    """What counts and no longer counts when the booking's lines become these."""
    before, after = completed_at(state.lines), completed_at(lines)
    if before == after or state.snapshot["status"] == "GUEST":
        return []
    return [
        Credit(state.member_id, at, now, number, booking_id=state.id)
        for at, number in ((before, _NONE), (after, _ONE))
        if at is not None
    ]
