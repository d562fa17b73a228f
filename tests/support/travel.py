"""Hold points for a booking, and pay, complete, refund and amend it."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.bookings import amendments, bookings, completions, quotes, refunds
from domain.bookings.amendment_rules import AmendmentSent
from domain.bookings.completions import CompletionSent
from domain.bookings.quotes import QuoteSent
from domain.bookings.refund_rules import RefundLineSent, RefundSent
from domain.bookings.reports import BookingSent
from domain.checkout import offsets
from domain.checkout.booking_lines import LineSent
from domain.checkout.offsets import HoldSent
from domain.kernel.callers import Caller
from domain.kernel.database import row, rows
from domain.kernel.idempotency import Figures, Outcome
from domain.kernel.refusals import ConcurrentRequest
from domain.ledger.values import Balances
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme
from tests.support import factories as make


async def hold(
    programme: Programme,
    member_id: UUID,
    points: int,
    *lines: LineSent,
    caller: Caller | None = None,
    key: str | None = None,
    now: datetime = make.NOW,
) -> UUID:
    """Hold points for these lines; the redemption's id."""
    request = make.request(caller or make.partner(programme), key=key, now=now)
    sent = HoldSent(points, lines)
    outcome = await offsets.hold(request, programme, MemberKey.of_id(member_id), sent)
    return UUID(outcome.figures["redemption_id"])


async def insist(call: Callable[[], Awaitable[Outcome]]) -> Outcome:
    """The answer of a call that is repeated as long as it raises ConcurrentRequest."""
    while True:
        with suppress(ConcurrentRequest):
            return await call()


async def pay(
    programme: Programme,
    member_id: UUID,
    reference: str,
    *lines: LineSent,
    redemption: UUID | None = None,
    owner: UUID | None = None,
    caller: Caller | None = None,
    key: str | None = None,
    now: datetime = make.NOW,
    **sent: Any,
) -> Outcome:
    """Record a booking, part of it paid with the points of `redemption`."""
    paying = (owner or member_id, redemption) if redemption else None
    whole = BookingSent(reference, lines, redemption=paying, **sent)
    request = make.request(caller or make.partner(programme), key=key, now=now)
    return await bookings.earn(request, programme, MemberKey.of_id(member_id), whole)


async def guarantee(
    programme: Programme,
    member_id: UUID,
    *lines: LineSent,
    caller: Caller | None = None,
    key: str | None = None,
    now: datetime = make.NOW,
    **sent: Any,
) -> tuple[UUID, UUID]:
    """Guarantee a quote; its (member id, id), as a booking refers to it."""
    request = make.request(caller or make.partner(programme), key=key, now=now)
    whole = QuoteSent(lines, **sent)
    outcome = await quotes.guarantee(request, programme, MemberKey.of_id(member_id), whole)
    return member_id, UUID(outcome.figures["quote_id"])


async def complete(
    programme: Programme,
    reference: str,
    *numbers: int,
    caller: Caller | None = None,
    key: str | None = None,
    now: datetime = make.NOW,
    at: datetime | None = None,
) -> Outcome:
    """Complete these lines, or all."""
    request = make.request(caller or make.partner(programme), key=key, now=now)
    sent = CompletionSent(numbers or None, at)
    return await completions.complete(request, programme, reference, sent)


def refunded(reference: str, *parts: tuple[int, str], **sent: Any) -> RefundSent:
    """`refunded("R1", (1, "250"))`: CNY 250 of line 1; without parts, all that is left."""
    lines = tuple(RefundLineSent(number, Decimal(amount)) for number, amount in parts)
    return RefundSent(reference, lines or None, **sent)


async def refund(
    programme: Programme,
    booking: str,
    reference: str,
    *parts: tuple[int, str],
    caller: Caller | None = None,
    key: str | None = None,
    now: datetime = make.NOW,
    **sent: Any,
) -> Outcome:
    request = make.request(caller or make.partner(programme), key=key, now=now)
    return await refunds.refund(request, programme, booking, refunded(reference, *parts, **sent))


async def amend(
    programme: Programme,
    booking: str,
    reference: str,
    *lines: LineSent,
    caller: Caller | None = None,
    key: str | None = None,
    now: datetime = make.NOW,
    at: datetime | None = None,
) -> Outcome:
    """Record what the booking's lines are now."""
    request = make.request(caller or make.partner(programme), key=key, now=now)
    sent = AmendmentSent(reference, lines, at)
    return await amendments.amend(request, programme, booking, sent)


def changed(figures: Figures) -> tuple[int, int, int, int, int, int]:
    """Points awarded, clawed back, of them owed, forgiven, reinstated; cash in minor units."""
    names = ("awarded", "clawed_back", "owed", "forgiven", "reinstated")
    awarded, clawed_back, owed, forgiven, back = (figures[f"points_{name}"] for name in names)
    return awarded, clawed_back, owed, forgiven, back, figures["cash_change_minor"]


def taken(figures: Figures) -> tuple[int, int, int, int, int]:
    """Points clawed back, of them owed, forgiven, reinstated; and cash in minor units."""
    names = ("clawed_back", "owed", "forgiven", "reinstated")
    clawed_back, owed, forgiven, reinstated = (figures[f"points_{name}"] for name in names)
    return clawed_back, owed, forgiven, reinstated, figures["cash_minor"]


async def balances(member_id: UUID, now: datetime = make.NOW) -> Balances:
    """Pending, available, held and owed as a read at `now` sees them."""
    return (await make.state(member_id, now)).balances


async def entries(member_id: UUID, after: int = 0) -> list[tuple[str, str, str, int]]:
    """Kind, buckets and points of every entry after the sequence `after`."""
    found = await rows(
        "SELECT kind, from_bucket, to_bucket, points FROM ledger_entry "
        "WHERE member_id = $1 AND sequence > $2 ORDER BY sequence",
        member_id,
        after,
    )
    return [(e["kind"], e["from_bucket"], e["to_bucket"], e["points"]) for e in found]


async def sequence(member_id: UUID) -> int:
    found = await row("SELECT sequence FROM account WHERE member_id = $1", member_id)
    assert found is not None
    return int(found["sequence"])


async def topics(member_id: UUID) -> list[str]:
    """The topics of this member's events, in order."""
    found = await rows(
        "SELECT topic FROM outbox_event WHERE member_id = $1 ORDER BY recorded_at, id", member_id
    )
    return [event["topic"] for event in found]
