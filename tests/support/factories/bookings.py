"""Bookings as partners report them, and claims for missing ones."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.bookings import bookings
from domain.bookings.reports import BookingSent
from domain.checkout.booking_lines import LineSent
from domain.claims import claiming
from domain.claims.claiming import ClaimSent
from domain.kernel import dates
from domain.kernel.callers import Caller
from domain.kernel.idempotency import Outcome
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme
from tests.support.factories.calls import NOW, fresh, partner, request, staff


def booking(*lines: tuple[str, str], reference: str | None = None, **sent: Any) -> BookingSent:
    """`booking(("flight", "1500"))`: a booking with a unique reference."""
    return BookingSent(
        reference=reference or f"own-{fresh()}",
        lines=tuple(LineSent(product, Decimal(amount)) for product, amount in lines),
        **sent,
    )


async def report(
    programme: Programme,
    member_id: UUID,
    sent: BookingSent,
    *,
    key: str | None = None,
    caller: Caller | None = None,
    now: datetime = NOW,
) -> Outcome:
    """Report a booking, by default as a partner."""
    by = request(caller or partner(programme), key=key, now=now)
    return await bookings.earn(by, programme, MemberKey.of_id(member_id), sent)


async def book(
    programme: Programme, member_id: UUID, *lines: tuple[str, str], now: datetime = NOW, **sent: Any
) -> int:
    """Record a booking; the points it earned."""
    outcome = await report(programme, member_id, booking(*lines, **sent), now=now)
    points: int = outcome.figures["points_awarded"]
    return points


def line_of(product: str, amount: str, **attributes: Any) -> LineSent:
    return replace(LineSent(product, Decimal(amount)), attributes=attributes or None)


async def claim(
    programme: Programme,
    member_id: UUID,
    *,
    partner: str | None = None,
    now: datetime = NOW,
    caller: Caller | None = None,
) -> UUID:
    """An undecided claim for a booking of ten days ago; its id."""
    day = dates.local_date(now, programme.as_of(now).policy.zone) - timedelta(days=10)
    sent = ClaimSent(f"missing-{fresh()}", day, "No points yet.", partner)
    outcome = await claiming.claim(
        request(caller or staff(programme), now=now), programme, MemberKey.of_id(member_id), sent
    )
    return UUID(outcome.figures["claim_id"])
