"""Returning members: erased and enrolled again, recognised by a contact that was proved.

When a member is erased, the keyed digests of all contacts that it ever proved are kept for 24
months. A member who proves one of them again gets nothing that is given once per member, as it may
have had that before; this stays so when it gives up that contact.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.kernel import secrecy
from domain.kernel.database import rows, update
from domain.kernel.queries import Query, ask, query, read_ahead_each
from domain.members import contacts
from domain.members.contacts import Contact

KEPT_DAYS = 730
"""How long digests of contacts are kept, about 24 months."""

FORGOTTEN_MAX = 10_000
"""How many old ones one statement removes."""


async def leave(programme_id: UUID, proved: Contact, now: datetime) -> None:
    """Remember that a member had proved a contact that it is about to lose."""
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
    """Remove the digests of a member's former proved contacts; returns them."""
    gone = await rows("DELETE FROM past_contact WHERE member_id = $1 RETURNING digest", member_id)
    return [bytes(one["digest"]) for one in gone]


async def keep(
    programme_id: UUID, member_id: UUID, known_by: Iterable[Contact], now: datetime
) -> None:
    """Keep the digests of all contacts that a member ever proved; a part of its erasure."""
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
    """Whether the member has, or had, a proved contact of a member erased within the kept time."""
    if await ask(_query_as_kept(programme_id, member_id, now)):
        return True
    for one in await _queries_by_each_key(programme_id, member_id, now):
        if await ask(one):
            return True
    return False


def queries(programme_id: UUID, member_id: UUID, now: datetime) -> list[Query]:
    """The queries of `was_erased` that are known in advance: all of them while one key is set."""
    asked = _query_as_kept(programme_id, member_id, now)
    return [asked] if secrecy.is_one_key() else [asked, contacts.query_of([member_id])]


async def read_ahead_rest(programme_id: UUID, member_ids: Iterable[UUID], now: datetime) -> None:
    """Read the other queries ahead, for several members whose `queries` were read."""
    asked = [await _queries_by_each_key(programme_id, one, now) for one in member_ids]
    await read_ahead_each(asked)


def _query_as_kept(programme_id: UUID, member_id: UUID, now: datetime) -> Query:
    """Whether it is known by what is kept of it: contacts that it had, and those that it has by
    the digests that they are kept with.
    """
    return query(("known",), _AS_KEPT, member_id, programme_id, now)


_AS_KEPT = """
SELECT 1 AS known FROM past_contact p WHERE p.member_id = $1 AND p.known_until > $3
UNION ALL
SELECT 1 FROM erased_contact e WHERE e.programme_id = $2 AND e.until > $3
    AND e.digest = ANY(ARRAY(
        SELECT c.digest FROM contact c WHERE c.member_id = $1 AND c.proved_at IS NOT NULL))
LIMIT 1
"""


async def _queries_by_each_key(programme_id: UUID, member_id: UUID, now: datetime) -> list[Query]:
    """Whether it is known by digests under each key, of a member that has a contact, while there
    are several: who was erased may be kept under another one.
    """
    digests = await contacts.proved_digests(programme_id, member_id)
    return [_query_until(programme_id, digests, now)] if digests else []


async def _known_until(
    programme_id: UUID, digests: Sequence[bytes], now: datetime
) -> datetime | None:
    """Time until which one of these digests is kept for an erased member; None where none is."""
    found = await ask(_query_until(programme_id, digests, now))
    return max((one["until"] for one in found), default=None)


def _query_until(programme_id: UUID, digests: Sequence[bytes], now: datetime) -> Query:
    """Query for the time until which each of these is kept."""
    return query(
        ("until",),
        "SELECT until FROM erased_contact "
        "WHERE programme_id = $1 AND digest = ANY($2::bytea[]) AND until > $3",
        programme_id,
        list(digests),
        now,
    )


async def forget_old(programme_id: UUID, now: datetime) -> int:
    """Remove expired digests of a programme, at most `FORGOTTEN_MAX`; returns how many."""
    return await update(
        "DELETE FROM erased_contact WHERE (programme_id, digest) IN "
        "(SELECT programme_id, digest FROM erased_contact "
        "WHERE programme_id = $1 AND until <= $2 LIMIT $3)",
        programme_id,
        now,
        FORGOTTEN_MAX,
    )
