"""Activities as they are shown: reported ones and grants, each with its status."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from domain.earning.awards import from_json
from domain.earning.values import Reason
from domain.grants.given import last_reversal
from domain.grants.values import GrantStatus
from domain.kernel import private_texts
from domain.kernel.callers import Caller
from domain.kernel.database import Row, rows
from domain.kernel.pages import beyond
from domain.kernel.queries import ask, of_each
from domain.ledger.values import SYSTEM

WAITING_DAYS_MAX = 90
"""How long a grant waits for a reward that is not available."""


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """An activity; `since` is the instant of its recording or last restoration, and `redemption_id`
    the reward given since then.
    """

    member_id: UUID
    id: UUID
    type: str
    reference: str
    reporter: str
    occurred_at: datetime
    since: datetime
    attributes: Mapping[str, Any]
    points: int
    reward: str | None
    benefit: str | None
    policy_version_id: UUID
    reversed: bool
    redemption_id: UUID | None
    reasons: tuple[Reason, ...]

    @property
    def granted(self) -> bool:
        """Whether the programme gave it by itself."""
        return self.reporter == SYSTEM.actor

    def is_there_for(self, caller: Caller) -> bool:
        """Whether the caller may see it: grants are visible to callers that see the member."""
        if caller.is_stranger_to(self.member_id):
            return False
        return self.granted or caller.owns(self.reporter)

    def status(self, now: datetime) -> GrantStatus:
        if self.reversed:
            return GrantStatus.REVERSED
        if self.reward is None or self.redemption_id is not None:
            return GrantStatus.RECORDED
        waits = now < self.since + timedelta(days=WAITING_DAYS_MAX)
        return GrantStatus.WAITING if waits else GrantStatus.LAPSED


_APART = f"(a.attributes ->> '{private_texts.APART}')"

SELECT = (
    "SELECT a.member_id, a.id, a.type, a.reference, a.reporter, a.occurred_at, "
    "coalesce(r.recorded_at, a.recorded_at) AS since, a.attributes, "
    f"{private_texts.selected('a.attributes', '= $1', of=_APART)} AS apart, "
    "a.points, a.reward, a.benefit, "
    "a.policy_version_id, coalesce(r.kind = 'REVERSED', false) AS reversed, "
    "(SELECT g.id FROM redemption g WHERE g.member_id = a.member_id "
    "AND g.member_id = $1 AND g.activity_id = a.id "
    "AND g.created_at >= coalesce(r.recorded_at, a.recorded_at) "
    "ORDER BY g.created_at DESC LIMIT 1) AS redemption_id, a.explanation "
    f"FROM activity a {last_reversal('= $1')} "
)

_COLUMNS = (
    "member_id",
    "id",
    "type",
    "reference",
    "reporter",
    "occurred_at",
    "since",
    "attributes",
    "apart",
    "points",
    "reward",
    "benefit",
    "policy_version_id",
    "reversed",
    "redemption_id",
    "explanation",
)

_FILTER = (
    "AND ($2::text IS NULL OR a.reporter IN ($2, $3)) "
    "AND ($4::bool IS NULL OR (a.reporter = $3) = $4)"
)


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """A choice of a member's activities: with `reporter` only those that it reported or the
    programme gave; `grants` for only grants, or none of them.
    """

    reporter: str | None = None
    grants: bool | None = None

    @property
    def terms(self) -> tuple[str | None, str, bool | None]:
        return self.reporter, SYSTEM.actor, self.grants


async def many(programme_id: UUID, ids: Sequence[tuple[UUID, UUID]]) -> dict[UUID, ActivityRow]:
    """Activities by id, named by (member id, id); one query for all of them."""
    wanted = of_each(
        _COLUMNS,
        f"{SELECT} WHERE a.member_id = $1 AND a.id = ANY($2::uuid[]) AND a.programme_id = $3",
        [member_id for member_id, _ in ids],
        [activity_id for _, activity_id in ids],
        programme_id,
    )
    return {one["id"]: _activity(one) for one in await ask(wanted)}


async def pages(
    member_ids: Sequence[UUID], wanted: ActivityFilter, limit: int, after: tuple[UUID] | None
) -> dict[UUID, list[ActivityRow]]:
    """The same page of each member's activities, last recorded first; one query for all."""
    page = of_each(
        _COLUMNS,
        f"{SELECT} WHERE a.member_id = $1 {_FILTER} "
        f"AND {beyond('a.id', 5, 'uuid', descending=True)} ORDER BY a.id DESC LIMIT $6",
        member_ids,
        *wanted.terms,
        after[0] if after else None,
        limit,
    )
    by_member: dict[UUID, list[ActivityRow]] = {member_id: [] for member_id in member_ids}
    for one in await ask(page):
        by_member[one["member_id"]].append(_activity(one))
    return by_member


async def counts(member_ids: Sequence[UUID], wanted: ActivityFilter) -> dict[UUID, int]:
    """Number of activities of each member, one query for all of them."""
    found = await rows(
        "SELECT a.member_id, count(*) AS count FROM activity a "
        f"WHERE a.member_id = ANY($1::uuid[]) {_FILTER} GROUP BY a.member_id",
        list(member_ids),
        *wanted.terms,
    )
    of_member = {member["member_id"]: member["count"] for member in found}
    return {member_id: of_member.get(member_id, 0) for member_id in member_ids}


def _activity(found: Row) -> ActivityRow:
    attributes, reasons = orjson.loads(found.pop("attributes")), from_json(found.pop("explanation"))
    attributes = private_texts.with_undeclared(attributes, found.pop("apart"))
    return ActivityRow(**found, attributes=attributes, reasons=reasons)
