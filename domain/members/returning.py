"""Returning: whoever was erased and comes again, and is known by a contact that was proved.

Of a member that is erased the keyed digests of its proved contacts stay for 24 months. Whoever
proves one of them again is paid nothing that comes once for a member: it may have been paid.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from domain.kernel.database import row, update
from domain.members import contacts
from domain.members.contacts import Contact

KEPT_DAYS = 730
"""How long digests of contacts stay, about 24 months."""

FORGOTTEN_MAX = 10_000
"""How many old ones one statement removes."""


async def keep(programme_id: UUID, known_by: Iterable[Contact], now: datetime) -> None:
    """Keep what was proved of a member that is erased, in the transaction that erases it."""
    digests = [
        contacts.digests(programme_id, one.kind, one.value)[0]
        for one in known_by
        if one.proved_at is not None
    ]
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
    """Whether the member has proved a contact that somebody had who was erased not long ago."""
    digests = [
        digest
        for one in await contacts.of_members([member_id])
        if one.proved_at is not None
        for digest in contacts.digests(programme_id, one.kind, one.value)
    ]
    if not digests:
        return False
    found = await row(
        "SELECT 1 AS known FROM erased_contact "
        "WHERE programme_id = $1 AND digest = ANY($2::bytea[]) AND until > $3 LIMIT 1",
        programme_id,
        digests,
        now,
    )
    return found is not None


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
