"""Grants as they were given: those of a member, and those that one fact changed."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from uuid import UUID

from domain.earning import awards
from domain.grants.values import GrantRecord
from domain.kernel.database import rows
from domain.kernel.queries import Query, ask, query
from domain.ledger.values import SYSTEM


def last_reversal(whose: str = "") -> str:
    """Joins to each activity `a` its last reversal or restoration, as `r`; `whose` restricts the
    members, as `= $1`; without it, all members are read.
    """
    return (
        "LEFT JOIN LATERAL (SELECT x.* FROM activity_reversal x WHERE x.member_id = a.member_id "
        f"{whose and f'AND x.member_id {whose}'} AND x.activity_id = a.id "
        "ORDER BY x.number DESC LIMIT 1) r ON true"
    )


def _select(whose: str, beside: str = "") -> str:
    return (
        f"SELECT {beside} a.id, a.type AS rule, a.reference, a.reporter = 'system' AS granted, "
        "a.policy_version_id, a.occurred_at, a.points, a.reward, a.benefit, "
        "coalesce(r.number, 0) AS number, coalesce(r.kind = 'REVERSED', false) AS reversed, "
        "coalesce(r.reason IS NOT NULL, false) AS final, "
        "coalesce(r.points_clawed_back, 0)::bigint AS recovered, "
        "(SELECT coalesce(sum(e.points_expired), 0) "
        f"FROM activity_reversal e WHERE e.member_id = a.member_id AND e.member_id {whose} "
        "AND e.activity_id = a.id)::bigint AS found_expired "
        f"FROM activity a {last_reversal(whose)} WHERE a.member_id {whose}"
    )


async def of_member(member_id: UUID) -> list[GrantRecord]:
    """All grants of this member, the first one first."""
    return (await of_members([member_id]))[member_id]


def query_of(member_ids: Sequence[UUID]) -> Query:
    return query(
        ("member_id", *(column.name for column in fields(GrantRecord))),
        f"{_select('= ANY($1::uuid[])', 'a.member_id,')} AND a.reporter = $2 ORDER BY a.id",
        list(member_ids),
        SYSTEM.actor,
    )


async def of_members(member_ids: Sequence[UUID]) -> dict[UUID, list[GrantRecord]]:
    """The same of several members; one query for all of them."""
    found = await ask(query_of(member_ids))
    by_member: dict[UUID, list[GrantRecord]] = {member_id: [] for member_id in member_ids}
    for one in found:
        by_member[one.pop("member_id")].append(GrantRecord(**one))
    return by_member


async def one(member_id: UUID, activity_id: UUID) -> GrantRecord | None:
    """One activity, of any member, with its points."""
    found = await rows(
        f"{_select('= $1')} AND a.id = $2",
        member_id,
        activity_id,
    )
    return GrantRecord(**found[0]) if found else None


async def changed_by(member_id: UUID, facts: Iterable[UUID]) -> list[str]:
    """Ids of the grants that these facts caused, ended or restored, each once, the first one
    first.
    """
    found = await rows(
        "SELECT id FROM activity WHERE member_id = $1 AND reporter = $3 "
        "AND brought_by = ANY($2::uuid[]) UNION SELECT activity_id FROM activity_reversal "
        "WHERE member_id = $1 AND brought_by = ANY($2::uuid[]) ORDER BY id",
        member_id,
        list(facts),
        SYSTEM.actor,
    )
    return [str(activity["id"]) for activity in found]


async def is_given(member_id: UUID, rule: str, reference: str) -> bool:
    """Whether this occurrence was recorded before."""
    found = await rows(
        "SELECT FROM activity WHERE member_id = $1 AND reporter = $2 AND type = $3 "
        "AND reference = $4",
        member_id,
        SYSTEM.actor,
        rule,
        reference,
    )
    return bool(found)


async def points_for_friends(keys: Sequence[tuple[UUID, UUID]]) -> dict[UUID, int]:
    """By friend, the net points that a referrer was given for it; keys are (member id, friend's
    member id), two queries for all of them.
    """
    found = await rows(
        "SELECT a.member_id, a.id, k.friend_id FROM unnest($1::uuid[], $2::uuid[]) "
        "AS k (member_id, friend_id) JOIN activity a ON a.member_id = k.member_id "
        "AND a.reporter = $3 AND a.reference = k.friend_id || ':' || k.member_id "
        "WHERE a.member_id = ANY($1::uuid[])",
        [member_id for member_id, _ in keys],
        [friend_id for _, friend_id in keys],
        SYSTEM.actor,
    )
    granted = await awards.of_activities([(one["member_id"], one["id"]) for one in found])
    points = dict.fromkeys((friend_id for _, friend_id in keys), 0)
    for one in found:
        points[one["friend_id"]] += sum(award.net for award in granted[one["id"]])
    return points
