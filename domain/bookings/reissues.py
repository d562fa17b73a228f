"""Reissues: pending points whose line moved to other dates are taken and credited again."""

from dataclasses import replace

from domain.bookings import reversals
from domain.bookings.amendment_rules import AmendmentCredit
from domain.bookings.booking_state import BookingState
from domain.earning import lot_keys
from domain.earning.lot_keys import AT_ONCE, LotKey
from domain.ledger import journal as journals
from domain.ledger.journal import Journal
from domain.ledger.lots import Touch
from domain.ledger.values import Cause


def reissue(
    journal: Journal,
    state: BookingState,
    amended: BookingState,
    given: AmendmentCredit,
    cause: Cause,
) -> AmendmentCredit:
    """Take pending points whose line moved to other dates, to credit them with the new time-out."""
    if amended.version.policy.completion.then != "mature":
        return given
    ends = {line.number: line.travel_to or line.travel_from for line in state.lines}
    moved = {
        line.number
        for line in amended.lines
        if line.number in ends and ends[line.number] != (line.travel_to or line.travel_from)
    }
    lots = [
        lot
        for lot in reversals.own_lots(journal, state)
        if lot.pending and lot.line_number in moved
    ]
    if not lots:
        return given
    touches = [Touch(lot.id, -lot.remaining) for lot in lots]
    points = journals.claw_back(journal, touches, cause).points
    by_lot = dict(given.by_lot)
    for lot, touch in zip(lots, touches, strict=True):
        lot_keys.add(by_lot, LotKey(lot.rule, lot.line_number or AT_ONCE, True), -touch.points)
    return replace(given, by_lot=by_lot, reissued=points)
