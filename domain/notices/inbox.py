"""The inbox of a member: its notices, the latest first."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from domain.kernel.callers import Caller, CallerKind
from domain.kernel.database import Row, rows, update
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.pages import AT_ID, beyond
from domain.kernel.queries import ask, of_each
from domain.kernel.refusals import InvalidInput, NotFound
from domain.members import endings
from domain.members.consents import Channel
from domain.notices.channels import Withheld
from domain.notices.kinds import Kind

NAMED_MAX = 100
"""Most notices that one request may name."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice without its words; instants are of the programme's clock. `channels` are those
    chosen for it, each with the reason why it is not sent; None where it is.
    """

    member_id: UUID
    id: UUID
    programme_id: UUID
    event_id: UUID
    kind: Kind
    template: int
    variables: dict[str, Any]
    happened_at: datetime
    decided_at: datetime | None
    channels: dict[Channel, Withheld | None]
    read_at: datetime | None


_COLUMNS = tuple(one.name for one in fields(Notice))
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM notice"


def shows_of(caller: Caller, member_id: UUID) -> bool:
    """Whether the caller sees it: members see their own, serving staff see all, other callers
    none.
    """
    own = caller.kind is CallerKind.MEMBER and caller.is_itself(member_id)
    return own or caller.serves


def is_there_for(caller: Caller, found: Notice) -> bool:
    """Whether it is one of the caller's programme, and shown to it."""
    return caller.programme_id == found.programme_id and shows_of(caller, found.member_id)


def _notice(found: Row) -> Notice:
    decided = orjson.loads(found["channels"]) if found["channels"] else {}
    known = {
        "kind": Kind(found["kind"]),
        "variables": orjson.loads(found["variables"]),
        "channels": {
            Channel(channel): None if reason is None else Withheld(reason)
            for channel, reason in decided.items()
        },
    }
    return Notice(**{**found, **known})


async def by_ids(programme_id: UUID, keys: Sequence[tuple[UUID, UUID]]) -> dict[UUID, Notice]:
    """Those of the programme, of (member id, id), by id; one query for all of them."""
    found = await rows(
        f"{_SELECT} WHERE member_id = ANY($1::uuid[]) AND id = ANY($2::uuid[]) "
        "AND programme_id = $3",
        [member_id for member_id, _ in keys],
        [own for _, own in keys],
        programme_id,
    )
    wanted = set(keys)
    return {one["id"]: _notice(one) for one in found if (one["member_id"], one["id"]) in wanted}


async def pages(
    member_ids: Sequence[UUID], limit: int, after: tuple[datetime, UUID] | None
) -> dict[UUID, list[Notice]]:
    """The same page of each member's notices, the latest first; one query for all of them."""
    wanted = of_each(
        _COLUMNS,
        f"{_SELECT} WHERE member_id = $1 "
        f"AND {beyond('happened_at, event_id', 2, *AT_ID, descending=True)} "
        "ORDER BY happened_at DESC, event_id DESC LIMIT $4",
        member_ids,
        *(after or (None, None)),
        limit,
    )
    by_member: dict[UUID, list[Notice]] = {member_id: [] for member_id in member_ids}
    for one in await ask(wanted):
        by_member[one["member_id"]].append(_notice(one))
    return by_member


async def last_of_kind(member_id: UUID, kind: Kind) -> Notice | None:
    """The latest notice of a kind to a member; None where there is none."""
    found = await rows(
        f"{_SELECT} WHERE member_id = $1 AND kind = $2 "
        "ORDER BY happened_at DESC, event_id DESC LIMIT 1",
        member_id,
        kind.value,
    )
    return _notice(found[0]) if found else None


async def counts(member_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Number of notices of each member; one query for all of them."""
    return await _counts(member_ids, "")


async def unread(member_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Number of unread notices of each member."""
    return await _counts(member_ids, " AND read_at IS NULL")


async def _counts(member_ids: Sequence[UUID], which: str) -> dict[UUID, int]:
    found = await rows(
        "SELECT member_id, count(*) AS count FROM notice WHERE member_id = ANY($1::uuid[])"
        f"{which} GROUP BY member_id",
        list(member_ids),
    )
    counted = {one["member_id"]: int(one["count"]) for one in found}
    return {member_id: counted.get(member_id, 0) for member_id in member_ids}


@dataclass(frozen=True, slots=True)
class Named:
    """A notice by the id that the caller uses; the key is None if it is no notice's id."""

    named: str
    key: tuple[UUID, UUID] | None


async def read(request: Request, member_id: UUID | None, named: Sequence[Named] | None) -> Outcome:
    """Mark these notices of one member, or of those merged into it, as read, or all of them without
    names; those read before stay so. Without `member_id` it is the member of the first one.
    Figures: `unread`.

    Raises: NotFound, InvalidInput, IdempotencyKeyReused, ConcurrentRequest.
    """
    if named is not None and len(named) > NAMED_MAX:
        raise InvalidInput(
            "too_many_notices", str(len(named)), (str(NAMED_MAX),), path=("notices",)
        )

    async def work() -> Figures:
        whose = await endings.family(_owner(member_id, named))
        keys = None if named is None else await _found(request.caller, whose, named)
        await update(
            "UPDATE notice SET read_at = $2 WHERE member_id = ANY($1::uuid[]) AND read_at IS NULL "
            "AND ($3::uuid[] IS NULL OR id = ANY($3))",
            whose,
            request.now,
            keys,
        )
        return {"unread": sum((await unread(whose)).values())}

    sent = [member_id, None if named is None else [one.named for one in named]]
    return await once(request, "readNotices", sent, work)


def _owner(member_id: UUID | None, named: Sequence[Named] | None) -> UUID:
    """The member that the notices belong to. Raises: InvalidInput where nothing says it,
    NotFound.
    """
    if member_id is not None:
        return member_id
    if not named:
        raise InvalidInput("notices_required", path=("notices",))
    if named[0].key is None:
        raise NotFound("notice", named[0].named, path=("notices", "0"))
    return named[0].key[0]


async def _found(caller: Caller, whose: Sequence[UUID], named: Sequence[Named]) -> list[UUID]:
    """The ids of the named notices, each of one of these members and visible to the caller. Raises:
    NotFound.
    """
    keys = [one.key for one in named if one.key is not None]
    there = await by_ids(caller.programme_id, keys) if keys else {}
    if caller.member_id in whose:
        caller = replace(caller, formerly=frozenset(whose))
    for place, one in enumerate(named):
        found = one.key and there.get(one.key[1])
        if not found or found.member_id not in whose or not is_there_for(caller, found):
            raise NotFound("notice", one.named, path=("notices", str(place)))
    return list(there)
