"""Counts of a side: contributions of its facts to each, after refunds and amendments so far."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from domain.backtests.sides import Running, Side
from domain.bookings import tier_counts
from domain.bookings.booking_state import BookingState, LineState
from domain.earning import judging, matching
from domain.earning.tallies import Tally
from domain.members.statuses import MemberStatus
from domain.programmes.counts import (
    ActivityCount,
    BookingCount,
    Count,
    RedemptionCount,
)
from domain.programmes.made import once
from domain.programmes.policy import Policy
from domain.programmes.segments import Segment
from domain.programmes.selectors import FactSelector

Asked = tuple[tuple[Segment, ...], tuple[str, ...]]
"""Segments, and codes of counts."""


def of_booking(side: Side, policy: Policy, at: datetime) -> Tally:
    """Segments and counts of the member that earning rules use around an instant, as
    `of_activity`.
    """
    return _tally(side, policy, at, policy.tallied_for_bookings)


def of_activity(
    side: Side,
    policy: Policy,
    at: datetime,
    asked: FactSelector,
    besides: UUID | None = None,
) -> Tally:
    """Segments and counts of the member that a selector uses around an instant; the fact `besides`
    is not counted.
    """
    return _tally(side, policy, at, policy.tallied(asked), besides)


def segments(side: Side, policy: Policy, codes: tuple[str, ...], at: datetime) -> list[str]:
    """Those of these segments that the member is in at an instant, by its present state; a member
    who is not enrolled is in none.
    """
    if not codes or side.life.status != MemberStatus.ENROLLED:
        return []
    tally = _tally(side, policy, at, _asked(policy, codes))
    facts = judging.to_facts(policy, side.particulars(policy), side.holding.tier, at, tally)
    return [code for code, is_in in facts.segments.items() if is_in]


@once
def _asked(policy: Policy, codes: tuple[str, ...]) -> Asked:
    """Segments and counts that these segments use."""
    return policy.tallied(FactSelector(segments=codes))


def _tally(
    side: Side,
    policy: Policy,
    at: datetime,
    asked: Asked,
    besides: UUID | None = None,
) -> Tally:
    segments, codes = asked
    counts = numbers(side, policy, codes, at, besides) if codes else {}
    if not any(segment.listed for segment in segments):
        return Tally(counts, segments)
    lists = frozenset(one.segment for one in side.life.lists if one.covers(at))
    return Tally(counts, segments, lists)


def numbers(
    side: Side,
    policy: Policy,
    codes: Iterable[str],
    at: datetime,
    besides: UUID | None = None,
) -> dict[str, int]:
    """The counts of these codes in their windows around an instant."""
    return {code: _count(side, policy, policy.counts[code], at, besides) for code in codes}


def _count(side: Side, policy: Policy, count: Count, at: datetime, besides: UUID | None) -> int:
    found = _dated_numbers(side, count, besides)
    if not found:
        return 0
    covers = count.window(at, policy.zone).covers
    return sum([number for dated, number in found if covers(dated)])


def _dated_numbers(side: Side, count: Count, besides: UUID | None) -> list[tuple[datetime, int]]:
    """Contributions of facts to a count, for any window, each with its instant."""
    if isinstance(count, BookingCount):
        numbers = _numbers_of_bookings(side, count)
        if besides is None:
            return list(numbers.values())
        own = {besides, _completed_by(side, besides)} if _is_completed(count) else {besides}
        return [found for booking_id, found in numbers.items() if booking_id not in own]
    if isinstance(count, ActivityCount):
        return [
            (paid.occurred_at, 1)
            for paid in side.activities
            if paid.within_limit
            and paid.id != besides
            and (count.types is None or paid.type in count.types)
        ]
    if isinstance(count, RedemptionCount):
        return [
            (taken.created_at, 1)
            for redemption_id, taken in side.taken.items()
            if taken.confirmed
            and redemption_id != besides
            and (count.rewards is None or taken.reward in count.rewards)
        ]
    return [(fact_at, 1) for friend, fact_at in side.friends.items() if friend != besides]


def _numbers_of_bookings(side: Side, count: BookingCount) -> dict[UUID, tuple[datetime, int]]:
    """Contribution of each booking, dated; reads only those that changed since the last call."""
    running = side.counts.setdefault(id(count), Running())
    for booking_id in dict.fromkeys(side.changed[running.read :]):
        state = side.bookings[booking_id]
        dated, number = _dated(count, state), _of_booking(count, state)
        if dated is not None and number:
            running.numbers[booking_id] = dated, number
        else:
            running.numbers.pop(booking_id, None)
    running.read = len(side.changed)
    return running.numbers


def _is_completed(count: BookingCount) -> bool:
    return count.of == "completed_bookings"


def _completed_by(side: Side, fact: UUID) -> UUID | None:
    """The booking that is not completed without this completion; None where the fact is none, or
    nothing is left of its lines.
    """
    for booking_id, calls in side.completions.items():
        for call in calls:
            if call.id == fact:
                lines = side.bookings[booking_id].lines
                left = {line.number for line in lines if tier_counts.is_left(line)}
                return None if left.isdisjoint(call.numbers) else booking_id
    return None


def _dated(count: BookingCount, state: BookingState) -> datetime | None:
    if _is_completed(count):
        return tier_counts.completed_at(state.lines, keeps_counting=False)
    return state.booked_at


def _of_booking(count: BookingCount, state: BookingState) -> int:
    if state.rejected or not state.earns:
        return 0
    lines = [line for line in state.lines if matching.is_of(count, line)]
    if not lines:
        return 0
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
