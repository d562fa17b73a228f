"""All that is kept of a member, as one document."""

from typing import Any
from uuid import UUID

import orjson
from tortoise import Tortoise

import models
from domain.kernel import secrecy
from domain.kernel.database import rows, snapshot
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.refusals import InvalidInput
from domain.members.identity import MemberKey, find_or_refuse
from domain.programmes.programmes import Programme

ROWS_MAX = 100_000
"""Of one table; a member with more of them has it from whoever runs the database."""

_LEFT_OUT = {
    "account": {"last_hash"},
    "contact": {"digest", "salt"},
    "contact_code": {"digest", "sealed"},
    "private_text": {"salt"},
}
"""Columns that say nothing of the member, or would let somebody pass for it."""

_SECRET = {"contact": "value", "private_text": "value"}
"""Columns that are kept encrypted, shown in clear."""


async def export(request: Request, programme: Programme, member: MemberKey) -> Outcome:
    """Find the member of whom a `document` is asked for; figures: `member_id`.

    Raises: NotFound, IdempotencyKeyReused, ConcurrentRequest.
    """

    async def perform() -> Figures:
        return {"member_id": str(await find_or_refuse(programme.id, member))}

    return await once(request, "exportMember", {"member": member}, perform)


def tables() -> list[str]:
    """Every table whose rows are a member's."""
    others = models.CATALOGUE_TABLES | models.LOOKUP_TABLES | models.PART_TABLES | models.JOB_TABLES
    found = Tortoise.apps["models"].values()
    return sorted({one._meta.db_table for one in found} - others - {"aerich"})


async def document(member_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """By table, the member's rows at one instant; tables without any are left out.

    Raises: InvalidInput where there are too many.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    async with snapshot():
        for table in tables():
            kept = await rows(
                f"SELECT to_jsonb(t) AS one FROM {table} t WHERE t.member_id = $1 LIMIT $2",
                member_id,
                ROWS_MAX + 1,
            )
            if len(kept) > ROWS_MAX:
                raise InvalidInput("too_much", table, (str(ROWS_MAX),), path=("member",))
            if kept:
                found[table] = [_shown(table, orjson.loads(one["one"])) for one in kept]
    return found


def _shown(table: str, kept: dict[str, Any]) -> dict[str, Any]:
    if (name := _SECRET.get(table)) is not None:
        kept[name] = secrecy.shown(kept[name])
    left_out = _LEFT_OUT.get(table, set())
    return {name: value for name, value in kept.items() if name not in left_out}
