"""The audit as admins read it, the last row first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from domain.kernel import secrecy
from domain.kernel.callers import Role
from domain.kernel.database import Row, row, rows
from domain.kernel.pages import beyond

_NAMED = {
    "member": "SELECT 'member' AS kind, member_id::text AS id, value AS code FROM lookup "
    "WHERE programme_id = $1 AND scope = 'reference' AND value = $2 AND member_id IS NOT NULL",
    **{
        table: f"SELECT '{table}' AS kind, id::text AS id, code FROM {table} "
        f"WHERE {programme} = $1 AND (id::text = $2 OR code = $2)"
        for table, programme in (
            ("programme", "id"),
            ("partner", "programme_id"),
            ("reward", "programme_id"),
        )
    },
}
"""By kind, what has the name `$2` in the programme `$1`."""

_KEYS = ("key", "partner_key")
"""Names of a key in rows: as the subject of a call, and as a written row."""

_CHOSEN = (
    "a.programme_id = $1 AND ($2::text[] IS NULL OR a.subject = ANY($2) OR a.after ?| $2::text[])"
)
"""Condition on rows that are about one of these or changed it."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row. `reason` is the text as typed; once erased, or when its key is gone, the commitment
    to it.
    """

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
        f"WHERE {_CHOSEN} AND {beyond('a.sequence', 3, 'bigint', descending=True)} "
        "ORDER BY a.sequence DESC LIMIT $4",
        programme_id,
        subjects,
        *(after or (None,)),
        limit,
    )
    return [_row(one) for one in found]


async def count(programme_id: UUID, subjects: Sequence[str] | None) -> int:
    """Number of rows, about these subjects or in all."""
    found = await row(
        f"SELECT count(*) AS count FROM audit a WHERE {_CHOSEN}", programme_id, subjects
    )
    return int(found["count"]) if found else 0


async def names_of(programme_id: UUID, kind: str, name: str) -> list[str]:
    """All names that rows use for an object of a kind: its id, and its code if it has one. The
    object is given by either, a member also by its reference.
    """
    if kind in _KEYS:
        return [f"{one}:{name}" for one in _KEYS]
    found = await _known(programme_id, (kind,), name)
    return sorted({f"{kind}:{name}", *found})


async def names_of_any(programme_id: UUID, name: str) -> list[str]:
    """All names that rows use for the object, of any kind, with this name: a member, code or id."""
    found = await _known(programme_id, tuple(_NAMED), name)
    return [name, *sorted({*(f"{kind}:{name}" for kind in _NAMED), *found})]


async def _known(programme_id: UUID, kinds: Iterable[str], name: str) -> list[str]:
    """Kind, id and code of each object of these kinds that has this name; one statement."""
    asked = [_NAMED[kind] for kind in kinds if kind in _NAMED]
    if not asked:
        return []
    found = await rows(" UNION ALL ".join(asked), programme_id, name)
    return [f"{one['kind']}:{each}" for one in found for each in (one["id"], one["code"])]


def _row(found: Row) -> AuditRow:
    said = {name: orjson.loads(found[name] or "null") for name in ("before", "after")}
    roles = tuple(Role(name) for name in found["roles"].split())
    typed = secrecy.shown(found.pop("value"))
    told = {**said, "roles": roles, "reason": typed or found["reason"]}
    return AuditRow(**{**found, **told, "hash": bytes(found["hash"])})
