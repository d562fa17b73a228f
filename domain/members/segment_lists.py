"""Lists of members that staff maintain as segments of a policy, each membership with its interval.

A list at a past instant never changes: a removed member was on it until its removal.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from domain.accounts import seals
from domain.kernel import sealed_rows
from domain.kernel.database import row, rows, transact
from domain.kernel.ids import new_id
from domain.kernel.lookups import LookupScope, find_many
from domain.kernel.queries import Query, ask, query
from domain.programmes.programmes import Programme

IMPORT_BATCH = 1000
"""Most members that one transaction adds to a list or removes from it."""


async def of_members(
    member_ids: Sequence[UUID], segments: Sequence[str], at: datetime
) -> dict[UUID, frozenset[str]]:
    """By member, those of these lists that it was on at an instant; without members on none."""
    asked = queries(member_ids, segments, at)
    found = [member for one in asked for member in await ask(one)]
    return {member["member_id"]: frozenset(member["segments"]) for member in found}


def queries(member_ids: Sequence[UUID], segments: Sequence[str], at: datetime) -> list[Query]:
    """What `of_members` asks: one query, and none of no lists."""
    if not segments or not member_ids:
        return []
    asked = query(
        ("member_id", "segments"),
        "SELECT member_id, array_agg(DISTINCT segment::text) AS segments FROM segment_member "
        "WHERE member_id = ANY($1::uuid[]) AND segment = ANY($2::text[]) "
        "AND added_at <= $3 AND (removed_at IS NULL OR removed_at > $3) GROUP BY member_id",
        list(member_ids),
        list(segments),
        at,
    )
    return [asked]


async def size(programme_id: UUID, segment: str, at: datetime) -> int:
    """Number of members on this list at an instant."""
    found = await row(
        "SELECT count(DISTINCT member_id) AS count FROM segment_member "
        "WHERE programme_id = $1 AND segment = $2 "
        "AND added_at <= $3 AND (removed_at IS NULL OR removed_at > $3)",
        programme_id,
        segment,
        at,
    )
    return int(found["count"]) if found else 0


async def add(
    programme: Programme, segment: str, references: Sequence[str], now: datetime, *, by: str
) -> dict[str, UUID]:
    """Add members to a list from now on; returns by reference those that exist.

    Members already on it stay. At most `IMPORT_BATCH` at once.
    """
    wanted = [(LookupScope.REFERENCE, reference) for reference in references]
    found = await find_many(programme.id, wanted)
    members = {reference: one["member_id"] for (_, reference), one in found.items()}
    put = partial(put_on, programme.id, segment, set(members.values()), now, by)
    await transact(put)
    return members


async def put_on(
    programme_id: UUID, segment: str, member_ids: Collection[UUID], now: datetime, by: str
) -> set[UUID]:
    """The same in the caller's transaction; returns those who were not on the list before."""
    ids = sorted(member_ids)
    locked = await seals.lock(ids, now)
    added = await rows(
        "INSERT INTO segment_member (member_id, id, programme_id, segment, added_at, added_by) "
        "SELECT w.member_id, w.id, $1::uuid, $2::text, $3::timestamptz, $4::text "
        "FROM unnest($5::uuid[], $6::uuid[]) AS w (member_id, id) ORDER BY w.member_id "
        "ON CONFLICT (member_id, segment) WHERE removed_at IS NULL DO NOTHING "
        f"RETURNING {sealed_rows.columns('segment_member')}",
        programme_id,
        segment,
        now,
        by,
        ids,
        [new_id() for _ in ids],
    )
    await seals.write(locked, added, _sealed)
    return {one["member_id"] for one in added}


async def keep_only(
    programme: Programme, segment: str, kept: Collection[UUID], now: datetime, *, by: str
) -> int:
    """Remove everybody else from a list, from now on; returns how many."""

    async def of(_: Sequence[UUID]) -> Collection[UUID]:
        return kept

    return await keep_whom(programme, segment, of, now, by=by)


async def keep_whom(
    programme: Programme,
    segment: str,
    kept: Callable[[Sequence[UUID]], Awaitable[Collection[UUID]]],
    now: datetime,
    *,
    by: str,
) -> int:
    """The same, where `kept` decides which of at most `IMPORT_BATCH` members stay."""
    removed, after = 0, UUID(int=0)
    while found := await _listed(programme.id, segment, after):
        after, stay = found[-1], await kept(found)
        gone = [member_id for member_id in found if member_id not in stay]
        removed += await transact(partial(_remove, programme.id, segment, gone, now, by))
    return removed


async def _listed(programme_id: UUID, segment: str, after: UUID) -> list[UUID]:
    """Members on a list after an id, at most `IMPORT_BATCH`."""
    found = await rows(
        "SELECT member_id FROM segment_member WHERE programme_id = $1 AND segment = $2 "
        "AND removed_at IS NULL AND member_id > $3 ORDER BY member_id LIMIT $4",
        programme_id,
        segment,
        after,
        IMPORT_BATCH,
    )
    return [member["member_id"] for member in found]


async def _remove(
    programme_id: UUID, segment: str, member_ids: list[UUID], now: datetime, by: str
) -> int:
    """Remove members from a list, in the caller's transaction; returns how many."""
    locked = await seals.lock(member_ids, now)
    gone = await rows(
        "UPDATE segment_member SET removed_at = greatest($4, added_at), removed_by = $5 "
        "WHERE programme_id = $1 AND segment = $2 AND member_id = ANY($3::uuid[]) "
        f"AND removed_at IS NULL RETURNING {sealed_rows.columns('segment_member')}",
        programme_id,
        segment,
        member_ids,
        now,
        by,
    )
    await seals.write(locked, gone, _sealed)
    return len(gone)


_sealed = partial(sealed_rows.of, "segment_member")
