"""Events about a booking, for those who follow its member and the partner that reported it."""

from collections.abc import Iterable, Sequence

import models
from domain.accounts.accounts import Account
from domain.bookings.booking_keys import ParkedFact
from domain.bookings.booking_state import BookingState
from domain.earning import awards
from domain.earning.awards import AwardRow
from domain.earning.values import Award
from domain.kernel import money
from domain.kernel.callers import concerns, partner_of
from domain.kernel.outbox import Topic
from domain.kernel.refusals import Refusal
from domain.ledger.clawbacks import Clawback


def recorded(account: Account, booking: models.Booking, awarded: Iterable[AwardRow]) -> None:
    """The booking was reported, with what it earned."""
    account.notify(
        Topic.BOOKING_RECORDED,
        partner_id=partner_of(booking.reporter),
        booking_id=booking.id,
        reference=booking.reference,
        points=booking.points,
        redemption_id=booking.redemption_id,
    )
    awards.notify(account, awarded, booking.reporter, booking.points, booking_id=booking.id)


def completed(account: Account, state: BookingState, lines: Sequence[int], matured: int) -> None:
    """Lines were completed for the first time, with the points that became spendable."""
    told = {"partner_id": partner_of(state.reporter), "booking_id": state.id}
    if lines:
        account.notify(Topic.BOOKING_COMPLETED, **told, lines=sorted(lines))
    if matured:
        account.notify(Topic.POINTS_MATURED, **told, points=matured)


def amended(
    account: Account,
    state: BookingState,
    reference: str,
    given: tuple[int, Iterable[Award]],
    taken: Clawback,
) -> None:
    """The booking was amended, with the points that this gave, with their awards, or took."""
    partner_id, (points, awarded) = partner_of(state.reporter), given
    account.notify(
        Topic.BOOKING_AMENDED, partner_id=partner_id, booking_id=state.id, reference=reference
    )
    awards.notify(account, awarded, state.reporter, points, booking_id=state.id)
    awards.notify_clawback(account, taken, partner_id, booking_id=state.id)


def refunded(
    account: Account,
    state: BookingState,
    made: models.Refund,
    gross_minor: int,
    taken: Clawback,
) -> None:
    """The booking was refunded in part or in full, with the points that this took back."""
    partner_id, currency = partner_of(state.reporter), state.version.policy.currency
    account.notify(
        Topic.BOOKING_REFUNDED,
        partner_id=partner_id,
        booking_id=state.id,
        reference=made.reference,
        gross=money.to_json(gross_minor, currency),
        cash=money.to_json(made.cash_minor, currency),
        points=made.points_reinstated,
    )
    awards.notify_clawback(account, taken, partner_id, booking_id=state.id)


def fact_refused(
    account: Account, booking: models.Booking, fact: ParkedFact, error: Refusal
) -> None:
    """A fact that waited for it was refused; its reporter does not learn whose booking it is."""
    known = concerns(fact.reporter, booking.reporter)
    account.notify(
        Topic.PARKED_FACT_REFUSED,
        partner_id=partner_of(booking.reporter) if known else None,
        booking_id=booking.id,
        kind=fact.kind,
        booking=booking.reference,
        reference=fact.reference,
        problem=error.code,
    )
