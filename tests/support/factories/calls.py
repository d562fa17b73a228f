"""Callers, their requests, and the instant at which tests start."""

import itertools
import secrets
from datetime import UTC, datetime
from uuid import UUID

from domain.kernel.callers import EVERY_ROLE, OWN_SCOPES, Caller, CallerKind
from domain.kernel.idempotency import Request
from domain.programmes.programmes import Programme

NOW = datetime(2026, 3, 15, 2, 30, tzinfo=UTC)
"""15 March 2026, 10:30 in Shanghai."""

_numbers = itertools.count(1)


def fresh() -> int:
    """A number that is not given twice."""
    return next(_numbers)


def partner(programme: Programme, name: str = "booking-engine") -> Caller:
    scopes = frozenset(str(scope) for scope in OWN_SCOPES)
    return Caller(CallerKind.PARTNER, programme.id, programme.code, name, scopes)


def staff(programme: Programme, name: str = "kim") -> Caller:
    return Caller(CallerKind.STAFF, programme.id, programme.code, name, roles=EVERY_ROLE)


def member_caller(programme: Programme, reference: str, member_id: UUID | None = None) -> Caller:
    return Caller(CallerKind.MEMBER, programme.id, programme.code, reference, member_id=member_id)


def request(caller: Caller, *, key: str | None = None, now: datetime = NOW) -> Request:
    return Request(caller, key or secrets.token_hex(8), now)
