"""The audit as admins read it, the last row first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from domain.kernel import secrecy
from domain.kernel.callers import Role
from domain.kernel.database import Row, row, rows

_CODED = ("partner", "reward")

_CHOSEN = "a.programme_id = $1 AND ($2::text[] IS NULL OR a.subject = ANY($2))"


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row. `reason` is as it was typed, and once it was erased, or its key is gone, the
    commitment to it."""

    sequence: int
    at: datetime
    actor: str
    roles: tuple[Role, ...]
    operation: str
    subject: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    reason: str | None
    request_id: str | None
    hash: bytes


async def page(
    programme_id: UUID, subjects: Sequence[str] | None, *, limit: int, after: Sequence[Any] | None
) -> list[AuditRow]:
    """At most `limit` rows, of these subjects or of all, after the sort key `after`."""
    found = await rows(
        "SELECT a.sequence, a.at, a.actor, a.roles, a.operation, a.subject, a.before, a.after, "
        "a.reason, r.value, a.request_id, a.hash "
        "FROM audit a LEFT JOIN audit_reason r "
        "ON r.programme_id = a.programme_id AND r.sequence = a.sequence "
        f"WHERE {_CHOSEN} AND ($3::bigint IS NULL OR a.sequence < $3) "
        "ORDER BY a.sequence DESC LIMIT $4",
        programme_id,
        subjects,
        *(after or (None,)),
        limit,
    )
    return [_row(one) for one in found]


async def count(programme_id: UUID, subjects: Sequence[str] | None) -> int:
    """How many rows there are, of these subjects or in all."""
    found = await row(
        f"SELECT count(*) AS count FROM audit a WHERE {_CHOSEN}", programme_id, subjects
    )
    return int(found["count"]) if found else 0


async def names_of(programme_id: UUID, table: str, own: UUID) -> list[str]:
    """What the audit calls a row of a table: by its id, and by its code where it has one."""
    by_id = f"{table}:{own}"
    if table not in _CODED:
        return [by_id]
    found = await rows(
        f"SELECT code FROM {table} WHERE id = $1 AND programme_id = $2", own, programme_id
    )
    return [by_id, *(f"{table}:{one['code']}" for one in found)]


def _row(found: Row) -> AuditRow:
    said = {name: orjson.loads(found[name] or "null") for name in ("before", "after")}
    roles = tuple(Role(name) for name in found["roles"].split())
    typed = secrecy.shown(found.pop("value"))
    told = {**said, "roles": roles, "reason": typed or found["reason"]}
    return AuditRow(**{**found, **told, "hash": bytes(found["hash"])})
