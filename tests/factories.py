"""What tests start from: a programme of their own, its callers, and its members."""

import itertools
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from domain import bookings, members, policy, programmes
from domain.booking_lines import LineSent
from domain.bookings import BookingSent
from domain.callers import Caller, CallerKind, Scope
from domain.idempotency import Request
from domain.ids import new_id
from domain.members import EnrolSent, MemberKey
from domain.programmes import Programme
from models import Reward, RewardStock

NOW = datetime(2026, 3, 15, 2, 30, tzinfo=UTC)
"""15 March 2026, 10:30 in Shanghai."""

SHIPPED = Path(__file__).resolve().parent.parent / "domain" / "programmes"

_numbers = itertools.count(1)


def shipped_document(code: str = "ota", **changes: Any) -> dict[str, Any]:
    """A shipped document under a code of its own, with top-level parts replaced."""
    document: dict[str, Any] = yaml.safe_load((SHIPPED / f"{code}.yaml").read_text())
    document["programme"] = f"{code}_{secrets.token_hex(6)}"
    document.update(changes)
    return document


async def establish(document: dict[str, Any] | None = None, *, now: datetime = NOW) -> Programme:
    """A new programme; tests never meet each other's."""
    parsed = policy.validate(document or shipped_document())
    return await programmes.establish(parsed, now - timedelta(days=900), by="test", note="")


def partner(programme: Programme, name: str = "booking-engine") -> Caller:
    scopes = frozenset(str(scope) for scope in Scope)
    return Caller(CallerKind.PARTNER, programme.id, programme.code, name, scopes)


def staff(programme: Programme, name: str = "kim") -> Caller:
    return Caller(CallerKind.STAFF, programme.id, programme.code, name)


def member_caller(programme: Programme, reference: str, member_id: UUID | None = None) -> Caller:
    return Caller(
        CallerKind.MEMBER, programme.id, programme.code, reference, member_id=member_id
    )


def request(caller: Caller, *, key: str | None = None, now: datetime = NOW) -> Request:
    return Request(caller, key or secrets.token_hex(8), now)


async def enrol(programme: Programme, *, now: datetime = NOW, **sent: Any) -> UUID:
    outcome = await members.enrol(
        request(partner(programme), now=now), programme, EnrolSent(**sent)
    )
    return UUID(outcome.figures["member_id"])


def booking(
    *lines: tuple[str, str], reference: str | None = None, **sent: Any
) -> BookingSent:
    """`booking(("flight", "1500"))`: a booking with a reference of its own."""
    return BookingSent(
        reference=reference or f"B{next(_numbers)}",
        lines=tuple(LineSent(product, Decimal(amount)) for product, amount in lines),
        **sent,
    )


async def book(
    programme: Programme, member_id: UUID, *lines: tuple[str, str], now: datetime = NOW, **sent: Any
) -> int:
    """Record a booking; the points it earned."""
    outcome = await bookings.earn(
        request(partner(programme), now=now),
        programme,
        MemberKey.of_id(member_id),
        booking(*lines, **sent),
    )
    points: int = outcome.figures["points_awarded"]
    return points


async def reward(programme: Programme, *, stock: int | None = None, **columns: Any) -> Reward:
    """A reward on offer; a lounge visit for 4000 points unless said otherwise."""
    made = await Reward.create(
        **{
            "id": new_id(),
            "programme_id": programme.id,
            "code": f"reward_{next(_numbers)}",
            "kind": "SERVICE",
            "names": {"zh-CN": "贵宾厅", "en": "Lounge"},
            "descriptions": {},
            "list_points": 4000,
            "open_value": False,
            "pooled_codes": False,
            "active": True,
            "created_at": NOW,
            **columns,
        }
    )
    if stock is not None:
        await RewardStock.create(reward_id=made.id, remaining=stock)
    return made


def line_of(product: str, amount: str, **attributes: Any) -> LineSent:
    return replace(LineSent(product, Decimal(amount)), attributes=attributes or None)
