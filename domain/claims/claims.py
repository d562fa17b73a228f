"""Reading claims, and finding one for a caller that may act on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from domain.kernel import sealed_rows
from domain.kernel.callers import Caller, CallerKind
from domain.kernel.database import Row, row, rows
from domain.kernel.pages import AT_ID, beyond
from domain.kernel.private_texts import ERASED
from domain.kernel.queries import ask, of_each
from domain.kernel.refusals import NotFound
from domain.kernel.sealing import SealedRow
from domain.members import identity


class ClaimStatus(StrEnum):
    OPEN = "OPEN"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"
    ALREADY_CREDITED = "ALREADY_CREDITED"


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim for the booking of this reference, of a local day; instants are UTC.

    `booking_id` is the booking that was recorded, or existed already; `points` those given by the
    approval.
    """

    member_id: UUID
    id: UUID
    programme_id: UUID
    reference: str
    booked_on: date
    partner_id: UUID | None
    text: str
    links: tuple[str, ...]
    status: ClaimStatus
    opened_at: datetime
    opened_by: str
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    booking_id: UUID | None
    points: int | None


@dataclass(frozen=True, slots=True)
class ClaimKey:
    """A claim's row, and the global id that the caller uses."""

    member_id: UUID
    id: UUID
    named: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The choice of claims for a list: those of a programme that name `partner_id`, if given, and
    have one of these states, or any.
    """

    programme_id: UUID
    partner_id: UUID | None
    states: tuple[ClaimStatus, ...] = ()


_COLUMNS = tuple(one.name for one in fields(Claim))
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM claim"
_CHOSEN = (
    "programme_id = $1 AND ($2::uuid IS NULL OR partner_id = $2) "
    "AND (cardinality($3::text[]) = 0 OR status = ANY($3))"
)


def is_there_for(caller: Caller, claim: Claim) -> bool:
    """Whether the caller sees it: members see their own, partners those that name them, serving
    staff all of the programme.
    """
    if claim.programme_id != caller.programme_id:
        return False
    if caller.kind is CallerKind.MEMBER:
        return caller.is_itself(claim.member_id)
    return caller.delivers(claim.partner_id)


async def find_or_refuse(caller: Caller, key: ClaimKey) -> Claim:
    """Raises: NotFound where this caller may not see it."""
    found = await row(f"{_SELECT} WHERE member_id = $1 AND id = $2", key.member_id, key.id)
    if found is None or not is_there_for(caller, claim := _read(found)):
        raise NotFound("claim", key.named, path=("claim",))
    return claim


async def lock(claim: Claim) -> Claim:
    """The claim, locked until the end of the transaction, which has its member's account.

    Raises: NotFound.
    """
    found = await row(
        f"{_SELECT} WHERE member_id = $1 AND id = $2 FOR UPDATE", claim.member_id, claim.id
    )
    if found is None:
        raise NotFound("claim", path=("claim",))
    return _read(found)


async def lock_open(member_id: UUID) -> list[Claim]:
    """A member's open claims, locked until the end of the transaction."""
    found = await rows(
        f"{_SELECT} WHERE member_id = $1 AND status = 'OPEN' ORDER BY opened_at, id FOR UPDATE",
        member_id,
    )
    return [_read(one) for one in found]


async def by_ids(programme_id: UUID, keys: Sequence[tuple[UUID, UUID]]) -> dict[UUID, Claim]:
    """Claims of the programme, by (member id, id); one query for all of them."""
    found = await rows(
        f"{_SELECT} WHERE member_id = ANY($1::uuid[]) AND id = ANY($2::uuid[]) "
        "AND programme_id = $3",
        [member_id for member_id, _ in keys],
        [own for _, own in keys],
        programme_id,
    )
    wanted = set(keys)
    return {one["id"]: _read(one) for one in found if (one["member_id"], one["id"]) in wanted}


async def page(wanted: Listing, *, limit: int, after: Sequence[Any] | None) -> list[Claim]:
    """At most `limit` of a programme's, the oldest first, after the sort key `after`."""
    found = await rows(
        f"{_SELECT} WHERE {_CHOSEN} AND {beyond('opened_at, id', 4, *AT_ID, descending=False)} "
        "ORDER BY opened_at, id LIMIT $6",
        *_values(wanted),
        *(after or (None, None)),
        limit,
    )
    return [_read(one) for one in found]


async def count(wanted: Listing) -> int:
    found = await row(
        f"SELECT count(*) AS count FROM claim WHERE {_CHOSEN}",
        *_values(wanted),
    )
    return int(found["count"]) if found else 0


def _values(wanted: Listing) -> tuple[UUID, UUID | None, list[str]]:
    return wanted.programme_id, wanted.partner_id, [one.value for one in wanted.states]


MERGED = "merged"
"""Reason for withdrawing a claim of a merged member; the other member has it from then on."""

_OWN = f"($2::bool OR status <> 'WITHDRAWN' OR reason IS DISTINCT FROM '{MERGED}')"


async def pages(
    member_ids: Sequence[UUID],
    moved: bool,
    limit: int,
    after: tuple[datetime, UUID] | None,
) -> dict[UUID, list[Claim]]:
    """The same page of each member's claims, the latest first, with or without those `moved` to
    another member; one query for all of them.
    """
    wanted = of_each(
        _COLUMNS,
        f"{_SELECT} WHERE member_id = $1 AND {_OWN} "
        f"AND {beyond('opened_at, id', 3, *AT_ID, descending=True)} "
        "ORDER BY opened_at DESC, id DESC LIMIT $5",
        member_ids,
        moved,
        *(after or (None, None)),
        limit,
    )
    by_member: dict[UUID, list[Claim]] = {member_id: [] for member_id in member_ids}
    for one in await ask(wanted):
        by_member[one["member_id"]].append(_read(one))
    return by_member


async def counts(member_ids: Sequence[UUID], moved: bool) -> dict[UUID, int]:
    """Number of claims of each member, as `pages` reads them; one query for all of them."""
    found = await rows(
        "SELECT member_id, count(*) AS count FROM claim WHERE member_id = ANY($1::uuid[]) "
        f"AND {_OWN} GROUP BY member_id",
        list(member_ids),
        moved,
    )
    counted = {one["member_id"]: int(one["count"]) for one in found}
    return {member_id: counted.get(member_id, 0) for member_id in member_ids}


async def count_open(member_id: UUID) -> int:
    found = await row(
        "SELECT count(*) AS count FROM claim WHERE member_id = $1 AND status = 'OPEN'", member_id
    )
    return int(found["count"]) if found else 0


async def of_reference(member_id: UUID, reference: str) -> Claim | None:
    """A member's claim for the booking of this reference, unless it was withdrawn."""
    found = await row(
        f"{_SELECT} WHERE member_id = $1 AND reference = $2 AND status <> 'WITHDRAWN'",
        member_id,
        reference,
    )
    return _read(found) if found else None


async def waiting() -> dict[UUID, tuple[int, datetime]]:
    """Number of claims that wait for a decision, and the instant of the oldest, by programme."""
    found = await rows(
        "SELECT programme_id, count(*) AS count, min(opened_at) AS since FROM claim "
        "WHERE status = 'OPEN' GROUP BY programme_id"
    )
    return {one["programme_id"]: (int(one["count"]), one["since"]) for one in found}


async def opened_since(member_id: UUID, since: datetime) -> int:
    """Number of claims that a member has opened from an instant on, whatever their state."""
    found = await row(
        "SELECT count(*) AS count FROM claim WHERE member_id = $1 AND opened_at >= $2",
        member_id,
        since,
    )
    return int(found["count"]) if found else 0


def _read(found: Row) -> Claim:
    read: Mapping[str, Any] = {
        **found,
        "links": tuple(orjson.loads(found["links"])),
        "status": ClaimStatus(found["status"]),
    }
    return Claim(**read)


async def erase(member_id: UUID) -> list[SealedRow]:
    """Keep of a member's claims only their results, and no text that anybody wrote; returns the
    rows to seal. The reference of a recorded booking stays, as it belongs to the booking.
    """
    changed = await rows(
        "UPDATE claim SET text = '', links = '[]', reference = CASE WHEN booking_id IS NULL "
        "THEN $3::text || id::text ELSE reference END, "
        "reason = CASE WHEN reason IS NOT NULL THEN $2 END WHERE member_id = $1 "
        f"RETURNING {sealed_rows.columns('claim')}",
        member_id,
        ERASED,
        identity.ERASED,
    )
    return sealed_rows.of_all("claim", changed)
