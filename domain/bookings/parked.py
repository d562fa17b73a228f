"""Facts reported before their booking, applied in the transaction that records it."""

from datetime import datetime
from uuid import UUID

from tortoise.transactions import in_transaction

import models
from domain.accounts import accounts
from domain.bookings import booking_events, booking_keys, completions, refunds
from domain.bookings.booking_keys import BookingKey, ParkedFact
from domain.kernel.callers import concerns
from domain.kernel.database import rows
from domain.kernel.idempotency import Figures
from domain.kernel.refusals import NotFound, Refusal
from domain.programmes.programmes import Programme


async def apply(
    programme: Programme, key: BookingKey, booking: models.Booking, now: datetime
) -> list[str]:
    """Apply what waited for this booking, in the order received; returns the ids of grants that
    this changed.

    A fact that the booking does not allow, or that another partner reported, does not stop the
    booking: events report all of these, and also the facts above the limit, except those of other
    partners.
    """
    changed: list[str] = []
    refused: list[tuple[ParkedFact, Refusal]] = []
    waited = await booking_keys.unpark(programme.id, booking.reference)
    for fact in waited.facts:
        if not concerns(fact.reporter, booking.reporter):
            refused.append((fact, NotFound("booking", booking.reference, path=("booking",))))
            continue
        try:
            async with in_transaction():
                changed += (await _apply(programme, key, fact, now))["grants"]
        except Refusal as error:
            refused.append((fact, error))
    own = [fact for fact in waited.beyond if concerns(fact.reporter, booking.reporter)]
    refused += [(fact, booking_keys.too_many(booking.reference)) for fact in own]
    if refused:
        async with accounts.opened(programme, key.member_id, now) as account:
            for fact, why in refused:
                booking_events.fact_refused(account, booking, fact, why)
    return changed


async def applied(booking: models.Booking) -> list[UUID]:
    """The facts that had waited for it: its refunds and completions recorded at the same time."""
    found = await rows(
        "SELECT id FROM refund WHERE member_id = $1 AND booking_id = $2 AND recorded_at = $3 "
        "UNION ALL SELECT id FROM completion WHERE member_id = $1 AND booking_id = $2 "
        "AND recorded_at = $3",
        booking.member_id,
        booking.id,
        booking.recorded_at,
    )
    return [fact["id"] for fact in found]


async def _apply(programme: Programme, key: BookingKey, fact: ParkedFact, now: datetime) -> Figures:
    if fact.kind == refunds.PARKED_KIND:
        return await refunds.apply_parked(programme, key, fact, now)
    return await completions.apply_parked(programme, key, fact, now)
