"""Counts of a side: what its facts add to each, as refunds and amendments left them so far."""

from collections.abc import Sequence
from datetime import datetime

from domain.backtests.sides import Side
from domain.bookings import tier_counts
from domain.bookings.booking_state import BookingState, LineState
from domain.earning import matching
from domain.earning.tallies import Tally
from domain.programmes.counts import ActivityCount, BookingCount, Count, CountWindow
from domain.programmes.policy import Policy
from domain.programmes.segments import Segment
from domain.programmes.selectors import FactSelector


def of_booking(side: Side, policy: Policy, at: datetime) -> Tally:
    """What earning rules ask of the member around an instant, as `of_activity`."""
    return _tally(side, policy, at, policy.tallied_for_bookings)


def of_activity(side: Side, policy: Policy, at: datetime, asked: FactSelector) -> Tally:
    """What a selector asks of the member around an instant; counts of redemptions and referrals
    are zero, and nobody is on a list.
    """
    return _tally(side, policy, at, policy.tallied(asked))


def _tally(
    side: Side, policy: Policy, at: datetime, asked: tuple[tuple[Segment, ...], Sequence[str]]
) -> Tally:
    segments, codes = asked
    counts = {
        code: _count(side, policy.counts[code], policy.counts[code].window(at, policy.zone))
        for code in codes
    }
    return Tally(counts, segments)


def _count(side: Side, count: Count, window: CountWindow) -> int:
    if isinstance(count, BookingCount):
        return sum(_of_booking(count, state, window) for state in side.bookings.values())
    if isinstance(count, ActivityCount):
        return sum(
            paid.within_limit
            and not paid.by_itself
            and (count.types is None or paid.type in count.types)
            and window.covers(paid.occurred_at)
            for paid in side.activities
        )
    return 0


def _of_booking(count: BookingCount, state: BookingState, window: CountWindow) -> int:
    dated: datetime | None = state.booked_at
    if count.of == "completed_bookings":
        dated = tier_counts.completed_at(state.lines, keeps_counting=False)
    if state.snapshot["status"] == "GUEST" or dated is None or not window.covers(dated):
        return 0
    lines = [line for line in state.lines if matching.is_of(count, line)]
    if count.of == "spend":
        return sum(line.cash_minor - line.refunded_cash_minor for line in lines)
    if count.of == "nights":
        costs = any(line.left_minor > 0 for line in state.lines)
        return sum(_nights(line) for line in lines if line.left_minor or _untouched(line)) * costs
    return int(any(line.left_minor > 0 for line in lines))


def _untouched(line: LineState) -> bool:
    return not line.refunded_gross_minor and not line.dropped


def _nights(line: LineState) -> int:
    if line.travel_from is None or line.travel_to is None:
        return 0
    return (line.travel_to - line.travel_from).days
