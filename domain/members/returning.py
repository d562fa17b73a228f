"""Returning: whoever was erased and comes again, and is known by a contact that was proved.

Of a member that is erased the keyed digests of all contacts that it ever proved stay for 24 months.
Whoever proves one of them again is paid nothing that comes once for a member: it may have been
paid. Nor is it once it has that contact no more.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.kernel.database import row, rows, update
from domain.members import contacts
from domain.members.contacts import Contact

KEPT_DAYS = 730
"""How long digests of contacts stay, about 24 months."""

FORGOTTEN_MAX = 10_000
"""How many old ones one statement removes."""


async def leave(programme_id: UUID, proved: Contact, now: datetime) -> None:
    """Remember of a member that it had proved a contact which it is about to have no more."""
    digests = contacts.digests(programme_id, proved.kind, proved.value)
    await update(
        "INSERT INTO past_contact AS p (member_id, digest, known_until) VALUES ($1, $2, $3) "
        "ON CONFLICT (member_id, digest) DO UPDATE "
        "SET known_until = greatest(p.known_until, excluded.known_until)",
        proved.member_id,
        digests[0],
        await _known_until(programme_id, digests, now),
    )


async def forget_past(member_id: UUID) -> list[bytes]:
    """Remove the digests of what a member had proved and has no more; which those were."""
    gone = await rows("DELETE FROM past_contact WHERE member_id = $1 RETURNING digest", member_id)
    return [bytes(one["digest"]) for one in gone]


async def keep(
    programme_id: UUID, member_id: UUID, known_by: Iterable[Contact], now: datetime
) -> None:
    """Keep what was ever proved of a member that is erased, in the transaction that erases it."""
    digests = {
        contacts.digests(programme_id, one.kind, one.value)[0]
        for one in known_by
        if one.proved_at is not None
    } | set(await forget_past(member_id))
    if digests:
        await update(
            "INSERT INTO erased_contact (programme_id, digest, until) "
            "SELECT $1, digest, $3 FROM unnest($2::bytea[]) AS kept (digest) "
            "ON CONFLICT (programme_id, digest) DO UPDATE SET until = excluded.until",
            programme_id,
            sorted(digests),
            now + timedelta(days=KEPT_DAYS),
        )


async def was_erased(programme_id: UUID, member_id: UUID, now: datetime) -> bool:
    """Whether the member has proved a contact that somebody had who was erased not long ago, also
    where it has that contact no more.
    """
    digests = await contacts.proved_digests(programme_id, member_id)
    if digests and await _known_until(programme_id, digests, now) is not None:
        return True
    found = await row(
        "SELECT 1 AS known FROM past_contact WHERE member_id = $1 AND known_until > $2 LIMIT 1",
        member_id,
        now,
    )
    return found is not None


async def _known_until(
    programme_id: UUID, digests: Sequence[bytes], now: datetime
) -> datetime | None:
    """Until when one of these is kept of somebody who was erased; None where none is."""
    found = await row(
        "SELECT max(until) AS until FROM erased_contact "
        "WHERE programme_id = $1 AND digest = ANY($2::bytea[]) AND until > $3",
        programme_id,
        list(digests),
        now,
    )
    return found["until"] if found else None


async def forget_old(programme_id: UUID, now: datetime) -> int:
    """Remove digests of a programme that are past their time, at most `FORGOTTEN_MAX`; how many."""
    return await update(
        "DELETE FROM erased_contact WHERE (programme_id, digest) IN "
        "(SELECT programme_id, digest FROM erased_contact "
        "WHERE programme_id = $1 AND until <= $2 LIMIT $3)",
        programme_id,
        now,
        FORGOTTEN_MAX,
    )
