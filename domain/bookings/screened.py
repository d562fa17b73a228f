"""Screened amendments: what rules against fraud say of a booking that comes to earn more.

It is one more fact of the moment `earn`. Rules of an amount judge it by what its booking earns by
then in all, so that nothing is split: beyond what staff let through of the booking before, for
nobody is asked the same twice.
"""

from domain.accounts.accounts import Account
from domain.bookings.booking_state import BookingState
from domain.ledger.values import Cause
from domain.risk import screening, verdicts
from domain.risk.screening import Screening
from domain.risk.verdicts import Withheld


def amended(
    account: Account,
    state: BookingState,
    looked: Screening,
    cause: Cause,
    earned: tuple[int, int],
) -> Withheld | None:
    """Record what fired at an amendment, of which `earned` says the points that it gives and those
    of its booking in all; for how long what it gives is withheld.

    While the booking is before staff it waits with the booking.
    """
    points, in_all = earned
    waits = state.withheld(account.now)
    more = in_all > sum(state.granted.values())
    if not (looked.rules and points and more and cause.amendment_id) or state.with_staff:
        return waits
    verdict = looked.judge(points, in_all=in_all - state.passed)
    own = screening.record(account, looked, verdict, cause.amendment_id, in_all)
    return verdicts.longer(waits, own)
