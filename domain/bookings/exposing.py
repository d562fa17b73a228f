"""Exposing: a change of a booking may be the first fact on which variants differ.

A booking is always judged by the variants of its snapshot: they may differ on what is added to it,
or left of it, although they agreed on the booking itself.
"""

from collections.abc import Sequence
from dataclasses import replace

from domain.accounts.accounts import Account
from domain.bookings import amendment_rules, reversals
from domain.bookings.booking_state import BookingState
from domain.earning import budgets
from domain.earning.values import Line
from domain.experiments import exposures, trials
from domain.programmes.policy import Policy


def expose(account: Account, state: BookingState, lines: Sequence[Line]) -> None:
    """Record the variants that the member meets when these lines are left of its booking."""
    judged_by = state.version.as_judged_at(account.now, account.programme.stops)
    if judged_by.assignment is None:
        return
    within_limits = amendment_rules.allowed(state, budgets.aside(state.allowances))

    def outcome(policy: Policy) -> object:
        version = replace(state.version, policy=policy)
        return trials.gives(
            policy, reversals.evaluate(replace(within_limits, version=version), lines)
        )

    met = trials.moved(judged_by, trials.OF_BOOKINGS, outcome)
    account.record(*exposures.to_rows(exposures.of(state.member_id, met, account.now)))
