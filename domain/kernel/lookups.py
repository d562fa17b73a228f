"""Lookups: values that are unique across members, one row for each taken value.

A value may also be expected: its row has no member until somebody takes the value. A contact is
stored as its keyed digest, and names its member once it is proved.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.kernel import secrecy
from domain.kernel.database import Row, row, rows, tuples_of_each, update
from domain.kernel.refusals import ConcurrentRequest

LISTED_MAX = 100
"""How many values are looked up as a list."""

LOOK_UPS_MAX = 10
"""How often to try a value that others take and free at the same time."""


class LookupScope(StrEnum):
    """What a lookup row is found by; its value is unique within programme and scope."""

    REFERENCE = "reference"
    EMAIL = "email"
    PHONE = "phone"
    REFERRAL_CODE = "referral_code"
    BOOKING = "booking"
    ACTIVITY = "activity"
    FULFILMENT = "fulfilment"
    BENEFIT_USE = "benefit_use"


CONTACTS = frozenset({LookupScope.EMAIL, LookupScope.PHONE})
"""Scopes whose values are stored as keyed digests."""


def digests(programme_id: UUID, scope: LookupScope, value: str) -> list[bytes]:
    """Digests of a contact under each secret key, newest first: these find it here, and it is
    compared by them.
    """
    return secrecy.digests(f"contact\x00{programme_id}\x00{scope}", value)


def spellings(programme_id: UUID, scope: LookupScope, value: str) -> list[str]:
    """Forms in which a value may be stored, newest first."""
    if scope not in CONTACTS:
        return [value]
    return [one.hex() for one in digests(programme_id, scope, value)]


@dataclass(frozen=True, slots=True)
class Proof:
    """When a contact was proved (UTC), and who vouched for it, as ledger entries name callers."""

    proved_at: datetime
    proved_by: str


async def look_up(
    programme_id: UUID, scope: LookupScope, value: str, member_id: UUID, row_id: UUID
) -> Row | None:
    """Take a value for this member's row, or return the row that has it already.

    Raises: ConcurrentRequest when others take and free the value all the time.
    """
    for _ in range(LOOK_UPS_MAX):
        if await insert(programme_id, scope, value, (member_id, row_id)):
            return None
        found = await row(f"SELECT member_id, row_id {_NAMED}", programme_id, scope, value)
        if found is not None:
            return found
        # its holder has just freed it, between the two statements
    raise ConcurrentRequest


_NAMED = "FROM lookup WHERE programme_id = $1 AND scope = $2 AND value = $3"

_IDENTIFYING = (
    "member_id IS NOT NULL AND (proved_at IS NOT NULL OR scope NOT IN ('email', 'phone'))"
)
"""Condition for values that name a member: neither only expected, nor an unproved contact."""


async def insert(
    programme_id: UUID, scope: LookupScope, value: str, owner: tuple[UUID, UUID] | None
) -> bool:
    """Take a value for a row, named by (member id, id), or expect one; False if it is already
    taken.

    Waits for whoever is taking it.
    """
    inserted = await row(
        "INSERT INTO lookup (programme_id, scope, value, member_id, row_id) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (programme_id, scope, value) DO NOTHING "
        "RETURNING value",
        programme_id,
        scope,
        value,
        *(owner or (None, None)),
    )
    return inserted is not None


async def insert_many(
    programme_id: UUID, scope: LookupScope, owners: Mapping[str, tuple[UUID, UUID]]
) -> set[str]:
    """Take those values that nobody has, each for its row, named by (member id, id); returns the
    taken ones.

    They are taken in one order, so that no two calls deadlock.
    """
    values = sorted(owners)
    taken = await rows(
        "INSERT INTO lookup (programme_id, scope, value, member_id, row_id) "
        "SELECT $1::uuid, $2, wanted.value, wanted.member_id, wanted.row_id "
        "FROM unnest($3::text[], $4::uuid[], $5::uuid[]) AS wanted (value, member_id, row_id) "
        "ON CONFLICT (programme_id, scope, value) DO NOTHING RETURNING value",
        programme_id,
        scope,
        values,
        [owners[value][0] for value in values],
        [owners[value][1] for value in values],
    )
    return {found["value"] for found in taken}


async def find(programme_id: UUID, scope: LookupScope, value: str) -> Row | None:
    """The `member_id` and `row_id` that have the value; None while it is only expected, or a
    contact that is not proved.
    """
    for one in spellings(programme_id, scope, value):
        found = await row(
            f"SELECT member_id, row_id {_NAMED} AND {_IDENTIFYING}", programme_id, scope, one
        )
        if found is not None:
            return found
    return None


async def find_many(
    programme_id: UUID, wanted: Iterable[tuple[LookupScope, str]]
) -> dict[tuple[LookupScope, str], Row]:
    """By scope and value, the `member_id` that has it, with its proof; one statement for all.

    Many are looked up one by one, by a statement prepared once: for a long list and a table without
    statistics, the planner would read the whole table.
    """
    asked = {
        (scope, one): (scope, value)
        for scope, value in wanted
        for one in spellings(programme_id, scope, value)
    }
    pairs = list(asked)
    if len(pairs) > LISTED_MAX:
        keys = [(programme_id, scope, value) for scope, value in pairs]
        read = await tuples_of_each(f"SELECT {', '.join(_FOUND)} {_NAMED} AND {_IDENTIFYING}", keys)
        found = [dict(zip(_FOUND, one, strict=True)) for one in read]
    else:
        found = await rows(
            f"SELECT {', '.join(_FOUND)} FROM lookup WHERE programme_id = $1 "
            "AND (scope, value) IN (SELECT * FROM unnest($2::text[], $3::text[])) "
            f"AND {_IDENTIFYING}",
            programme_id,
            [scope for scope, _ in pairs],
            [value for _, value in pairs],
        )
    return {asked[LookupScope(one["scope"]), one["value"]]: one for one in found}


_FOUND = ("scope", "value", "member_id", "row_id", "proved_at", "proved_by")


async def prove(
    programme_id: UUID, scope: LookupScope, value: str, member_id: UUID, proof: Proof
) -> bool:
    """Make a contact name this member only; False if it is proved to be another's.

    Waits for whoever is proving it. What was proved before keeps its first proof.
    """
    newest, *older = spellings(programme_id, scope, value)
    await renew(programme_id, scope, dict.fromkeys(older, newest))
    proved = await row(
        "INSERT INTO lookup (programme_id, scope, value, member_id, row_id, proved_at, proved_by) "
        "VALUES ($1, $2, $3, $4, $4, $5, $6) ON CONFLICT (programme_id, scope, value) DO UPDATE "
        "SET member_id = excluded.member_id, row_id = excluded.row_id, "
        "proved_at = excluded.proved_at, proved_by = excluded.proved_by "
        "WHERE lookup.proved_at IS NULL RETURNING value",
        programme_id,
        scope,
        newest,
        member_id,
        proof.proved_at,
        proof.proved_by,
    )
    if proved is not None:
        return True
    # the statement has locked the row that is in its way
    holder = await find(programme_id, scope, value)
    return holder is not None and holder["member_id"] == member_id


async def prove_many(
    programme_id: UUID, scope: LookupScope, owners: Mapping[str, UUID], proof: Proof
) -> set[str]:
    """Make contacts that nobody has proved name these members; returns which.

    They are taken in one order, so that no two calls deadlock.
    """
    newest: dict[str, str] = {}
    standing: dict[str, str] = {}
    for value in owners:
        first, *older = spellings(programme_id, scope, value)
        newest[first] = value
        standing |= dict.fromkeys(older, first)
    await renew(programme_id, scope, standing)
    values = sorted(newest)
    proved = await rows(
        "INSERT INTO lookup (programme_id, scope, value, member_id, row_id, proved_at, proved_by) "
        "SELECT $1::uuid, $2, wanted.value, wanted.member_id, wanted.member_id, $5::timestamptz, "
        "$6 FROM unnest($3::text[], $4::uuid[]) AS wanted (value, member_id) "
        "ON CONFLICT (programme_id, scope, value) DO UPDATE "
        "SET member_id = excluded.member_id, row_id = excluded.row_id, "
        "proved_at = excluded.proved_at, proved_by = excluded.proved_by "
        "WHERE lookup.proved_at IS NULL RETURNING value",
        programme_id,
        scope,
        values,
        [owners[newest[value]] for value in values],
        proof.proved_at,
        proof.proved_by,
    )
    return {newest[found["value"]] for found in proved}


async def renew(programme_id: UUID, scope: LookupScope, standing: Mapping[str, str]) -> None:
    """Store contacts as their newest digests, given the present ones; a digest that another row has
    already is kept by that row. Inside a transaction; they are taken in one order.
    """
    if not standing:
        return
    there = await rows(
        "SELECT value FROM lookup WHERE programme_id = $1 AND scope = $2 "
        "AND value = ANY($3::text[])",
        programme_id,
        scope,
        list(standing),
    )
    for before in sorted(one["value"] for one in there):
        found = await row(
            "DELETE FROM lookup WHERE programme_id = $1 AND scope = $2 AND value = $3 "
            "RETURNING member_id, row_id, proved_at, proved_by",
            programme_id,
            scope,
            before,
        )
        if found is not None:
            await update(
                "INSERT INTO lookup (programme_id, scope, value, member_id, row_id, proved_at, "
                "proved_by) VALUES ($1, $2, $3, $4, $5, $6, $7) "
                "ON CONFLICT (programme_id, scope, value) DO NOTHING",
                programme_id,
                scope,
                standing[before],
                *found.values(),
            )


async def lock(programme_id: UUID, scope: LookupScope, value: str) -> Row | None:
    """Lock the row of a value, even if only expected, so that nobody else takes or frees it in this
    transaction; None where it is gone.
    """
    return await row(f"SELECT member_id, row_id {_NAMED} FOR UPDATE", programme_id, scope, value)


async def expect(programme_id: UUID, scope: LookupScope, value: str) -> Row | None:
    """The row that has the value; without one the value is expected. Locked either way.

    Raises: ConcurrentRequest when others expect and free the value all the time.
    """
    for _ in range(LOOK_UPS_MAX):
        if await insert(programme_id, scope, value, None):
            return None
        found = await lock(programme_id, scope, value)
        if found is not None:
            return found if found["member_id"] is not None else None
        # the one who expected it has just freed it, between the two statements
    raise ConcurrentRequest


async def assign(
    programme_id: UUID, scope: LookupScope, value: str, owner: tuple[UUID, UUID]
) -> None:
    """Give a value that this transaction expects (`expect`) to the row that it was expected for, by
    (member id, id).

    Raises: ConcurrentRequest where nobody expects it.
    """
    assigned = await update(
        "UPDATE lookup SET member_id = $4, row_id = $5 "
        "WHERE programme_id = $1 AND scope = $2 AND value = $3 AND member_id IS NULL",
        programme_id,
        scope,
        value,
        *owner,
    )
    if assigned != 1:
        raise ConcurrentRequest


async def hand_over(
    programme_id: UUID, scope: LookupScope, value: str, owner: tuple[UUID, UUID]
) -> None:
    """Make a value that this transaction has taken name another row, by (member id, id).

    Raises: ConcurrentRequest where nobody has it.
    """
    handed = await update(
        "UPDATE lookup SET member_id = $4, row_id = $5 "
        "WHERE programme_id = $1 AND scope = $2 AND value = $3",
        programme_id,
        scope,
        value,
        *owner,
    )
    if handed != 1:
        raise ConcurrentRequest


async def free_own(programme_id: UUID, scope: LookupScope, value: str, member_id: UUID) -> None:
    """Free a value if it is this member's."""
    for one in spellings(programme_id, scope, value):
        await update(
            "DELETE FROM lookup "
            "WHERE programme_id = $1 AND scope = $2 AND value = $3 AND member_id = $4",
            programme_id,
            scope,
            one,
            member_id,
        )


async def free_all_of(
    programme_id: UUID, scopes: Sequence[LookupScope], member_ids: Sequence[UUID]
) -> None:
    """Free all values of these scopes that find one of these members."""
    await update(
        "DELETE FROM lookup WHERE programme_id = $1 AND scope = ANY($2::text[]) "
        "AND member_id = ANY($3::uuid[])",
        programme_id,
        list(scopes),
        list(member_ids),
    )


async def free(programme_id: UUID, scope: LookupScope, values: Sequence[str]) -> None:
    """Free values, so that anybody can take them."""
    if not values:
        return
    await update(
        "DELETE FROM lookup WHERE programme_id = $1 AND scope = $2 AND value = ANY($3::text[])",
        programme_id,
        scope,
        list(values),
    )


async def lead(
    programme_id: UUID, scopes: Sequence[LookupScope], from_id: UUID, into_id: UUID
) -> None:
    """Make the values of these scopes that name one member find another; each row notes whose it
    was.
    """
    await update(
        "UPDATE lookup SET member_id = $3, row_id = $2 "
        "WHERE programme_id = $1 AND member_id = $2 AND scope = ANY($4::text[])",
        programme_id,
        from_id,
        into_id,
        list(scopes),
    )
