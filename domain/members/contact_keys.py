"""Contacts under an earlier secret key, moved to the newest one."""

from collections.abc import AsyncGenerator
from functools import partial
from uuid import UUID

from domain.kernel import lookups, secrecy
from domain.kernel.database import row, rows, transact, update
from domain.members.contacts import ContactKind, key, keys

BATCH = 500
"""Number of contacts read at a time."""


async def rewritable() -> AsyncGenerator[tuple[UUID, UUID], None]:
    """Contacts, named by (member id, id), that are not stored under the newest key."""
    after = (UUID(int=0), UUID(int=0))
    while found := await rows(
        "SELECT member_id, id FROM contact WHERE (left(value, 63) < $1 OR left(value, 63) > $1) "
        "AND (member_id, id) > ($2, $3::uuid) ORDER BY member_id, id LIMIT $4",
        secrecy.current_beginning(),
        *after,
        BATCH,
    ):
        for one in found:
            after = (one["member_id"], one["id"])
            yield after


async def rewrite(member_id: UUID, contact_id: UUID) -> int:
    """Store a contact under the newest key, so that it is found by that; returns 0 where it was
    removed or changed meanwhile.

    Raises: Unreadable, ConcurrentRequest.
    """
    return await transact(partial(_rewrite, member_id, contact_id))


async def _rewrite(member_id: UUID, contact_id: UUID) -> int:
    found = await row(
        "SELECT c.kind, c.value, c.digest, m.programme_id FROM contact c "
        "JOIN member m ON m.member_id = c.member_id WHERE c.member_id = $1 AND c.id = $2",
        member_id,
        contact_id,
    )
    if found is None:
        return 0
    kind, value = ContactKind(found["kind"]), secrecy.revealed(found["value"])
    place = (found["programme_id"], kind.scope)
    known = next(
        (one for one in keys(value) if found["digest"] in lookups.digests(*place, one)), key(value)
    )
    newest, *older = lookups.spellings(*place, known)
    # what a contact is found by is locked before its row
    await lookups.renew(*place, dict.fromkeys(older, newest))
    return await update(
        "UPDATE contact SET value = $4, digest = $5 WHERE member_id = $1 AND id = $2 "
        "AND value = $3",
        member_id,
        contact_id,
        found["value"],
        secrecy.concealed(value),
        bytes.fromhex(newest),
    )
