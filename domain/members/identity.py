"""How a member is named and found: by id, reference, proved contact or referral code."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.kernel import cache, lookups
from domain.kernel.database import note_named, row, rows
from domain.kernel.inputs import (
    REFERENCE_CHARACTERS_MAX,
    Path,
    check_identifier,
    check_phone,
    code_key,
)
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import InvalidInput, NotFound
from domain.members import contacts

LEADING = (
    LookupScope.REFERENCE,
    LookupScope.EMAIL,
    LookupScope.PHONE,
    LookupScope.REFERRAL_CODE,
)
"""Scopes of values that find a member."""


ERASED = "erased-"
"""Prefix of the references of erased members, and of no others."""


def erased(member_id: UUID) -> str:
    """Reference of an erased member."""
    return f"{ERASED}{member_id}"


def check_reference(reference: str, path: Path = ("reference",)) -> None:
    """Check that this may be a reference. Raises: InvalidInput."""
    check_identifier(reference, path)
    if reference.startswith(ERASED):
        raise InvalidInput("reserved_reference", reference, (ERASED,), path=path)


@dataclass(frozen=True, slots=True)
class MemberKey:
    """One way to name a member: by id, or by a lookup scope and value."""

    scope: LookupScope | None
    value: str

    @classmethod
    def of_id(cls, member_id: UUID) -> "MemberKey":
        return cls(None, str(member_id))

    def canonical(self) -> dict[str, Any]:
        return {"scope": self.scope, "value": self.value}


async def find_id(programme_id: UUID, reference: str) -> UUID | None:
    """The member with this reference; remembered while announcements of changes are received."""
    key = MemberKey(LookupScope.REFERENCE, reference)
    return await cache.remember(
        "member", f"{programme_id}:{reference}", lambda: find(programme_id, key)
    )


async def find(programme_id: UUID, key: MemberKey) -> UUID | None:
    """The id of the member that the key names in the programme, or None."""
    if "\x00" in key.value:
        return None
    if key.scope is None:
        found = await row(
            "SELECT member_id FROM member WHERE programme_id = $1 AND member_id = $2",
            programme_id,
            UUID(key.value),
        )
    else:
        found = None
        for known in _known(key):
            found = found or await lookups.find(programme_id, key.scope, known)
        if found is not None:
            note_named(found["member_id"])
    return found["member_id"] if found else None


async def find_many(programme_id: UUID, keys: Iterable[MemberKey]) -> dict[MemberKey, UUID]:
    """By key, the member that it names in the programme, where there is one; two statements."""
    wanted = {key for key in keys if "\x00" not in key.value}
    ids = {UUID(key.value): key for key in wanted if key.scope is None}
    named = [
        (key, (key.scope, known))
        for key in wanted
        if key.scope is not None
        for known in _known(key)
    ]
    found: dict[MemberKey, UUID] = {}
    if ids:
        members = await rows(
            "SELECT member_id FROM member WHERE programme_id = $1 AND member_id = ANY($2::uuid[])",
            programme_id,
            list(ids),
        )
        found |= {ids[member["member_id"]]: member["member_id"] for member in members}
    if named:
        owners = await lookups.find_many(programme_id, {place for _, place in named})
        for key, place in named:
            if owner := owners.get(place):
                found.setdefault(key, owner["member_id"])
    return found


def _known(key: MemberKey) -> tuple[str, ...]:
    """Digests or values by which the member may be found."""
    if key.scope is LookupScope.PHONE:
        with suppress(InvalidInput):
            return (check_phone(key.value, ()),)
    if key.scope is LookupScope.REFERRAL_CODE:
        return (code_key(key.value),)
    return contacts.keys(key.value.strip()) if key.scope is LookupScope.EMAIL else (key.value,)


async def find_or_refuse(
    programme_id: UUID, key: MemberKey, path: tuple[str, ...] = ("member",)
) -> UUID:
    """Raises: NotFound, the same for another programme's member."""
    member_id = await find(programme_id, key)
    if member_id is None:
        raise NotFound("member", key.value[:REFERENCE_CHARACTERS_MAX], path=path)
    return member_id


async def next_after(
    programme_id: UUID,
    after: UUID,
    limit: int,
    *,
    joined_before: datetime | None = None,
    status: str | None = None,
) -> list[UUID]:
    """The next members of a programme by id, at most `limit`: of all, of those who joined before an
    instant, or of those with a status.
    """
    found = await rows(
        "SELECT member_id FROM member WHERE programme_id = $1 AND member_id > $2 "
        "AND ($4::timestamptz IS NULL OR joined_at < $4) AND ($5::text IS NULL OR status = $5) "
        "ORDER BY member_id LIMIT $3",
        programme_id,
        after,
        limit,
        joined_before,
        status,
    )
    return [member["member_id"] for member in found]


async def lead(programme_id: UUID, from_id: UUID, into_id: UUID) -> None:
    """Make everything that finds a merged member find the other: its reference, proved contacts and
    referral code. Each still names the merged member's row.
    """
    await lookups.lead(programme_id, LEADING, from_id, into_id)


async def references(member_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The reference of each of these members, except erased ones."""
    found = await rows(
        "SELECT member_id, reference FROM member "
        "WHERE member_id = ANY($1::uuid[]) AND status <> 'ERASED'",
        list(member_ids),
    )
    return {member["member_id"]: member["reference"] for member in found}
