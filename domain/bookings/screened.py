"""Screened amendments: rules against fraud applied to a booking whose points increase.

It is one more fact of kind `earn`. Rules about an amount judge it by the booking's total points so
far, so that splitting does not help, less what staff have already approved of the booking.
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
    """Record the rules that fired at an amendment; `earned` has its points and the booking's total.
    Returns until when its points are withheld.

    While a review of the booking is open, the amendment waits with it.
    """
    points, in_all = earned
    waits = state.withheld(account.now)
    more = in_all > sum(state.granted.values())
    if not (looked.rules and points and more and cause.amendment_id) or state.with_staff:
        return waits
    verdict = looked.judge(points, in_all=in_all - state.passed)
    own = screening.record(account, looked, verdict, cause.amendment_id, in_all)
    return verdicts.longer(waits, own)
