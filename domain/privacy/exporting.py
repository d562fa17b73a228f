"""Everything stored about a member, and all merged into it, as one document."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from domain.kernel import secrecy
from domain.kernel.database import rows, snapshot
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.refusals import InvalidInput
from domain.ledger import ledger
from domain.members import endings
from domain.members.identity import MemberKey, find_or_refuse
from domain.privacy import exported
from domain.programmes.programmes import Programme
from domain.redemptions.redemption_reads import NOT_YET_GIVEN

ROWS_MAX = 100_000
"""Most rows of one table; a member with more gets them from the database's operator."""


async def export(request: Request, programme: Programme, member: MemberKey) -> Outcome:
    """Find the member whose `document` is requested; figures: `member_id`.

    Raises: NotFound, IdempotencyKeyReused, ConcurrentRequest.
    """

    async def perform() -> Figures:
        return {"member_id": str(await find_or_refuse(programme.id, member))}

    return await once(request, "exportMember", {"member": member}, perform)


Document = dict[str, list[dict[str, Any]]]
"""By table, rows of a member."""


async def family(member_id: UUID) -> list[UUID]:
    """The members whose rows belong to this one: the final member of its merges, and all merged
    into that.
    """
    return await endings.family(await ledger.became(member_id))


async def document(programme_id: UUID, member_ids: Sequence[UUID]) -> Document:
    """By table, the rows of these members at one instant; tables without any are left out.

    Raises: InvalidInput where there are too many.
    """
    found: Document = {}
    asked = {**{one: _of_member(one) for one in exported.OF_MEMBERS}, **exported.ELSEWHERE}
    async with snapshot():
        for table, sql in sorted(asked.items()):
            programme = [programme_id] if "$3" in sql else []
            kept = await rows(
                f"SELECT to_jsonb(t) AS one FROM ({sql} LIMIT $2) t",
                list(member_ids),
                ROWS_MAX + 1,
                *programme,
            )
            if len(kept) > ROWS_MAX:
                raise InvalidInput("too_much", table, (str(ROWS_MAX),), path=("member",))
            given = [_shown(table, orjson.loads(one["one"])) for one in kept]
            if told := [one for one in given if not _is_of_staff(table, one)]:
                found[table] = told
    return found


def revealed(given: Document) -> set[tuple[UUID, UUID]]:
    """The redemptions, by (member id, id), whose codes it contains."""
    coupons = {one["redemption_id"] for one in given.get("coupon_code", [])}
    return {
        (UUID(one["member_id"]), UUID(one["id"]))
        for one in given.get("redemption", [])
        if one["codes"] or one["id"] in coupons
    }


def _of_member(table: str) -> str:
    return f"SELECT * FROM {table} WHERE member_id = ANY($1::uuid[])"


def _is_of_staff(table: str, kept: Mapping[str, Any]) -> bool:
    return table == "private_text" and (kept["owner_table"], kept["field"]) == exported.OF_STAFF


def _shown(table: str, kept: dict[str, Any]) -> dict[str, Any]:
    if (name := exported.SECRET.get(table)) is not None:
        kept[name] = secrecy.shown(kept[name])
    if table == "redemption" and kept["status"] in NOT_YET_GIVEN:
        kept["codes"] = []
    left_out = exported.OF_MEMBERS.get(table, frozenset())
    return {name: value for name, value in kept.items() if name not in left_out}
