"""Played deeds: a member's facts as steps of missions read them, in this side's present state."""

from collections.abc import Collection, Iterable

from domain.backtests.sides import Completion, Side
from domain.bookings.booking_state import BookingState, LineState
from domain.earning.values import Line
from domain.grants.missions import Deed


def of_side(side: Side, kinds: Collection[str]) -> list[Deed]:
    """The facts of these kinds."""
    found: list[Deed] = []
    if "booking" in kinds or "completion" in kinds:
        for state in side.bookings.values():
            if state.earns and not state.rejected:
                found += (deed for deed in _of_booking(side, state) if deed.fact in kinds)
    if "activity" in kinds:
        for paid in side.activities:
            if paid.within_limit:
                at = paid.occurred_at
                found.append(Deed(paid.id, "activity", at, paid.tier, paid.type))
    if "redemption" in kinds:
        for redemption_id, taken in side.taken.items():
            if taken.confirmed:
                at = taken.created_at
                found.append(Deed(redemption_id, "redemption", at, taken.tier, taken.reward))
    return found


def _of_booking(side: Side, state: BookingState) -> Iterable[Deed]:
    """The booking, and each call that completed some of its lines."""
    left = [line for line in state.lines if line.left_minor > 0]
    if left:
        yield _deed(state, "booking", left)
    for call in side.completions.get(state.id, ()):
        done = [line for line in left if line.number in call.numbers]
        if done:
            yield _deed(state, "completion", done, call)


def _deed(
    state: BookingState,
    fact: str,
    lines: Iterable[LineState],
    call: Completion | None = None,
) -> Deed:
    at = call.completed_at if call else state.booked_at
    return Deed(
        call.id if call else state.id,
        fact,
        at,
        call.tier if call else state.snapshot["tier"],
        lines=tuple(map(_line, lines)),
        payment_method=state.payment_method,
    )


def _line(line: LineState) -> Line:
    return Line(
        line.number,
        line.product,
        line.cash_minor - line.refunded_cash_minor,
        line.attributes,
        travel_from=line.travel_from,
        travel_to=line.travel_to,
    )
