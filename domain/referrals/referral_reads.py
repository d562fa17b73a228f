"""Referrals as the referrer's list shows them: each friend with its status."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from domain.kernel.database import Row, rows
from domain.kernel.pages import AT_ID, beyond
from domain.kernel.queries import ask, of_each
from domain.referrals.states import ReferralStatus


@dataclass(frozen=True, slots=True)
class FriendRow:
    """One friend of a referrer; instants are UTC."""

    member_id: UUID
    id: UUID
    friend_id: UUID
    status: ReferralStatus
    joined_at: datetime
    flags: tuple[str, ...]


_LISTED = """
SELECT f.member_id, f.id, f.other_id AS friend_id, f.joined_at, l.status, l.flags
FROM referral f JOIN LATERAL (SELECT n.status, n.flags FROM referral n
    WHERE n.member_id = $1 AND n.id = f.id ORDER BY n.version DESC LIMIT 1) l ON true
WHERE f.member_id = $1 AND f.side = 'REFERRER' AND f.version = 1
"""

_COLUMNS = ("member_id", "id", "friend_id", "joined_at", "status", "flags")


async def pages(
    member_ids: Sequence[UUID], limit: int, after: tuple[datetime, UUID] | None
) -> dict[UUID, list[FriendRow]]:
    """The same page of each member's friends, the latest joined first; one query for all."""
    page = of_each(
        _COLUMNS,
        f"{_LISTED} AND {beyond('f.joined_at, f.id', 2, *AT_ID, descending=True)} "
        "ORDER BY f.joined_at DESC, f.id DESC LIMIT $4",
        member_ids,
        after[0] if after else None,
        after[1] if after else None,
        limit,
    )
    by_member: dict[UUID, list[FriendRow]] = {member_id: [] for member_id in member_ids}
    for one in await ask(page):
        by_member[one["member_id"]].append(_friend(one))
    return by_member


async def counts(member_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Number of friends of each member; one query for all of them."""
    found = await rows(
        "SELECT member_id, count(*) AS count FROM referral WHERE member_id = ANY($1::uuid[]) "
        "AND side = 'REFERRER' AND version = 1 GROUP BY member_id",
        list(member_ids),
    )
    counted = {one["member_id"]: int(one["count"]) for one in found}
    return {member_id: counted.get(member_id, 0) for member_id in member_ids}


async def by_ids(programme_id: UUID, keys: Sequence[tuple[UUID, UUID]]) -> dict[UUID, FriendRow]:
    """Referrals of the programme, by (member id, id); one query for all of them."""
    asked = of_each(
        _COLUMNS,
        f"{_LISTED} AND f.id = ANY($2::uuid[]) AND f.programme_id = $3",
        [member_id for member_id, _ in keys],
        [own for _, own in keys],
        programme_id,
    )
    wanted = set(keys)
    return {
        one["id"]: _friend(one)
        for one in await ask(asked)
        if (one["member_id"], one["id"]) in wanted
    }


def _friend(found: Row) -> FriendRow:
    return FriendRow(
        **{
            **found,
            "status": ReferralStatus(found["status"]),
            "flags": tuple(orjson.loads(found["flags"])),
        }
    )
