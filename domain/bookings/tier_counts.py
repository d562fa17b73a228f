"""What tiers count of a booking: the booking, its nights, and its completion, once.

A booking completes once, when its last line does, at the completion that is the latest, so the
order in which lines are reported does not matter. A fully refunded or dropped line is not waited
for. Where the policy lets refunded bookings keep counting, refunds subtract nothing. A booking that
costs nothing counts nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter

from domain.bookings.booking_state import BookingState, LineState
from domain.tiers.values import Credit, Qualifying

_ONE, _NONE = Qualifying(completed_bookings=1), Qualifying(completed_bookings=-1)


def completed_at(lines: Sequence[LineState], *, keeps_counting: bool) -> datetime | None:
    """Instant at which the last of the counting lines completed; None while one is open."""
    if not any(line.amount_minor for line in lines):
        return None
    counting = [
        line.completed_at
        for line in lines
        if is_left(line) or (keeps_counting and line.completed_at is not None and not line.dropped)
    ]
    instants = [instant for instant in counting if instant is not None]
    return max(instants) if instants and len(instants) == len(counting) else None


def is_left(line: LineState) -> bool:
    """Whether something of the line is left, or it never cost anything and was not dropped."""
    return bool(line.left_minor) or (not line.amount_minor and not line.dropped)


def completed(lines: Iterable[LineState], numbers: Sequence[int], at: datetime) -> list[LineState]:
    """The lines with these completed."""
    return [replace(line, completed_at=at) if line.number in numbers else line for line in lines]


def refunded(lines: Iterable[LineState], gross: Mapping[int, int]) -> list[LineState]:
    """The lines with these additional refunds, by number, in minor units."""
    return [
        replace(line, refunded_gross_minor=line.refunded_gross_minor + gross.get(line.number, 0))
        for line in lines
    ]


def counted(state: BookingState, lines: Sequence[LineState], now: datetime) -> list[Credit]:
    """What newly counts and no longer counts when the booking's lines become these."""
    keeps = state.keeps_counting
    before, after = (completed_at(one, keeps_counting=keeps) for one in (state.lines, lines))
    if before == after or not state.counts:
        return []
    return [
        Credit(state.member_id, at, now, number, booking_id=state.id)
        for at, number in ((before, _NONE), (after, _ONE))
        if at is not None
    ]


def bookings(state: BookingState) -> int:
    """Number of bookings: one, or zero where nothing that counts is left."""
    return 1 if any(map(_cost(state), state.lines)) else 0


def nights(state: BookingState) -> int:
    """Nights of the lines that count and whose product the policy counts by nights."""
    counted = state.version.policy.tiers.night_products
    if not counted or not bookings(state):
        return 0
    cost = _cost(state)
    return sum(
        (line.travel_to - line.travel_from).days
        for line in state.lines
        if line.product in counted
        and not line.dropped
        and (cost(line) or not line.refunded_gross_minor)
        and line.travel_from
        and line.travel_to
    )


def _cost(state: BookingState) -> Callable[[LineState], int]:
    """Counting amount of a line, in minor units: what is left, or all if refunds are ignored."""
    return attrgetter("amount_minor" if state.keeps_counting else "left_minor")
