"""Unencrypted contacts: servers of the release before the table `contact` keep them in `member`;
they are moved from there.

No proof is lost: a proved contact finds its member before and after. Moved values are null in
`member`, so that the work can be resumed at any time.
"""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from domain.accounts import seals
from domain.kernel import lookups
from domain.kernel.database import Row, rows, transact, update
from domain.kernel.lookups import Proof
from domain.kernel.sealing import SealedRow
from domain.members import contact_rows
from domain.members.contact_rows import Owner
from domain.members.contacts import ContactKind, key
from domain.programmes.programmes import Programme

BATCH = 200


async def left(programme: Programme) -> AsyncGenerator[tuple[UUID, ...], None]:
    """Members with unencrypted contacts, a batch at a time."""
    after = UUID(int=0)
    while found := await rows(
        "SELECT member_id FROM member WHERE programme_id = $1 AND member_id > $2 "
        "AND (email IS NOT NULL OR phone IS NOT NULL) ORDER BY member_id LIMIT $3",
        programme.id,
        after,
        BATCH,
    ):
        yield tuple(one["member_id"] for one in found)
        after = found[-1]["member_id"]


async def move(programme: Programme, member_ids: Sequence[UUID], now: datetime) -> int:
    """Move the contacts of these members, in a transaction; returns the number of members.

    Raises: ConcurrentRequest.
    """
    return await transact(partial(_move, programme, member_ids, now))


async def _move(programme: Programme, member_ids: Sequence[UUID], now: datetime) -> int:
    before = await _in_clear(member_ids)
    proofs = await _proofs(programme.id, before)
    locked = await seals.lock(member_ids, now)
    # what was changed meanwhile is left to the next run
    there = [one for one in await _in_clear(member_ids, lock=True) if one in before]
    sealed: dict[UUID, list[SealedRow]] = {}
    for one in there:
        own = one["member_id"]
        values = {kind.column: one[kind.column] for kind in ContactKind if one[kind.column]}
        proved = {kind: proofs[own, kind] for kind in ContactKind if (own, kind) in proofs}
        owner = Owner(programme.id, own)
        _, sealed[own] = await contact_rows.change(owner, values, proved, now)
    await update(
        "UPDATE member SET email = NULL, phone = NULL WHERE member_id = ANY($1::uuid[])",
        list(sealed),
    )
    await seals.write_all(locked, sealed)
    return len(sealed)


async def _in_clear(member_ids: Sequence[UUID], *, lock: bool = False) -> list[Row]:
    return await rows(
        "SELECT member_id, email, phone FROM member WHERE member_id = ANY($1::uuid[]) "
        "AND (email IS NOT NULL OR phone IS NOT NULL) ORDER BY member_id"
        f"{' FOR NO KEY UPDATE' if lock else ''}",
        list(member_ids),
    )


async def _proofs(
    programme_id: UUID, before: Sequence[Row]
) -> dict[tuple[UUID, ContactKind], Proof]:
    """Those of these contacts that find their member, or its successor after a merge; from here on
    by digest.
    """
    said = {
        (one["member_id"], kind): (kind.scope, key(one[kind.column]))
        for one in before
        for kind in ContactKind
        if one[kind.column] is not None
    }
    for scope, value in sorted(set(said.values())):
        newest = lookups.spellings(programme_id, scope, value)[0]
        await lookups.renew(programme_id, scope, {value: newest})
    found = await lookups.find_many(programme_id, set(said.values()))
    return {
        own: Proof(found[wanted]["proved_at"], found[wanted]["proved_by"])
        for own, wanted in said.items()
        if wanted in found and found[wanted]["row_id"] == own[0]
    }
