"""Requests with pinned digests, and the values that several of them contain."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

from domain.checkout.booking_lines import LineSent
from domain.kernel.database import update
from domain.kernel.idempotency import Outcome, Request
from domain.kernel.lookups import LookupScope
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme
from tests.support import factories as make

AT = datetime(2026, 3, 14, 18, 15, 30, 250_000, tzinfo=timezone(timedelta(hours=8)))
FIRST, SECOND, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
BY_ID = MemberKey.of_id(FIRST)
BY_REFERENCE = MemberKey(LookupScope.REFERENCE, "xiaoli")
BY_EMAIL = MemberKey(LookupScope.EMAIL, "li@example.com")
BY_PHONE = MemberKey(LookupScope.PHONE, "+8613800138000")

FLIGHT = LineSent(
    "flight",
    Decimal("1500.50"),
    travel_from=date(2026, 5, 1),
    travel_to=date(2026, 5, 3),
    attributes={"city": "上海", "hot_route": True},
)

HOTEL = LineSent("hotel", Decimal(800))
Call = Callable[[Request, Programme], Awaitable[Outcome]]


async def _stored(programme: Programme, digest: str) -> Request:
    """A request under a key that was used before for a request with this digest."""
    caller = replace(make.staff(programme), programme="pinned")
    request = make.request(caller)
    await update(
        "INSERT INTO idempotency_key "
        "(programme_id, caller, key, operation, input_sha256, created_at, result) "
        "VALUES ($1, 'staff:kim', $2, 'before', $3, $4, '{\"answered\": \"before\"}')",
        programme.id,
        request.key,
        bytes.fromhex(digest),
        request.now.astimezone(UTC),
    )
    return request


async def answer_again(call: Call, stored: str) -> None:
    """Assert that the call gets the stored answer of an earlier request with this digest."""
    programme = await make.establish()
    request = await _stored(programme, stored)
    assert await call(request, programme) == Outcome({"answered": "before"}, replayed=True)
