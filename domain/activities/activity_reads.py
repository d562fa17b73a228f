"""Reads of activities for other rooms: the reasons of their points, and how often one still
counts.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.accounts.accounts import Account
from domain.earning import limits
from domain.earning.awards import from_json
from domain.earning.values import Explained
from domain.kernel import dates
from domain.kernel.callers import CallerKind
from domain.kernel.database import row, rows
from domain.kernel.inputs import AHEAD_MAX, LATE_MINUTES_MAX
from domain.kernel.queries import ask_one, query
from domain.programmes.policy import Policy
from domain.programmes.rules import ActivityRule


async def explanations(ids: Sequence[tuple[UUID, UUID]]) -> dict[UUID, Explained]:
    """Reasons of the points of activities, by activity id; one query for all of them.

    An activity that does not exist has none.
    """
    found = await rows(
        "SELECT id, policy_version_id, explanation FROM activity "
        "WHERE member_id = ANY($1::uuid[]) AND id = ANY($2::uuid[])",
        [member_id for member_id, _ in ids],
        [activity_id for _, activity_id in ids],
    )
    return {activity_id: Explained() for _, activity_id in ids} | {
        fact["id"]: Explained(from_json(fact["explanation"]), fact["policy_version_id"])
        for fact in found
    }


async def times_left(
    whose: Sequence[UUID], rule: ActivityRule, instant: datetime, policy: Policy
) -> int | None:
    """Number of times that this activity still counts around `instant` for a member and those
    merged into it; None without a limit.

    Activities that members may report themselves count by the instant of recording, whoever
    reported them, as members can state any instant of occurrence.
    """
    if rule.limit is None or rule.limit.times is None:
        return None
    start, end = limits.bounds(rule.limit, instant, policy)
    dated = "recorded_at" if rule.counts_when_recorded else "occurred_at"
    counted = query(
        ("count",),
        "SELECT count(*) AS count FROM activity WHERE member_id = ANY($1::uuid[]) AND type = $2 "
        "AND within_limit AND NOT EXISTS (SELECT FROM activity_reversal v "
        "WHERE v.member_id = ANY($1::uuid[]) AND v.member_id = activity.member_id "
        "AND v.activity_id = activity.id) "
        f"AND ($3::timestamptz IS NULL OR {dated} >= $3) "
        f"AND ($4::timestamptz IS NULL OR {dated} < $4)",
        list(whose),
        rule.code,
        start,
        end,
    )
    found = await ask_one(counted)
    return rule.limit.times - int(found["count"] if found else 0)


async def kept_unpaid(account: Account, rule: ActivityRule, reason: str) -> UUID | None:
    """The activity that was kept on this local day, of those without points for this reason; None
    if there is none yet.
    """
    start, end = dates.period_bounds(account.now, "day", account.version.policy.zone)
    found = await row(
        "SELECT id FROM activity WHERE member_id = $1 AND type = $2 AND NOT within_limit "
        "AND recorded_at >= $3 AND recorded_at < $4 "
        "AND explanation -> 0 ->> 'code' = $5 ORDER BY id LIMIT 1",
        account.member_id,
        rule.code,
        start,
        end,
        reason,
    )
    return found["id"] if found else None


async def attempts(member_id: UUID, activity_id: UUID) -> int | None:
    """Number of reports of this activity on its day over its limit; None for one within it."""
    found = await row(
        "SELECT coalesce(t.attempts, 1) AS attempts FROM activity a LEFT JOIN activity_attempts t "
        "ON t.member_id = a.member_id AND t.id = a.id "
        "WHERE a.member_id = $1 AND a.id = $2 AND NOT a.within_limit "
        "AND a.explanation -> 0 ->> 'code' = 'limit_reached'",
        member_id,
        activity_id,
    )
    return found["attempts"] if found else None


async def own_reports(
    account: Account, rule: ActivityRule, whose: Sequence[UUID]
) -> tuple[int, datetime]:
    """Number of these that a member, and those merged into it, have reported themselves on its
    local day, and the end of that day.
    """
    start, end = dates.period_bounds(account.now, "day", account.version.policy.zone)
    found = await row(
        "SELECT count(*) AS count FROM activity WHERE member_id = ANY($1::uuid[]) AND type = $2 "
        "AND reporter = ANY($3::text[]) AND recorded_at >= $4 AND recorded_at < $5 "
        "AND occurred_at >= $6 AND occurred_at < $7",
        list(whose),
        rule.code,
        [f"{CallerKind.MEMBER}:{member_id}" for member_id in whose],
        start,
        end,
        # its own reports occur about when they are recorded, and the index is by occurrence
        start - timedelta(minutes=LATE_MINUTES_MAX),
        end + AHEAD_MAX,
    )
    return (found["count"] if found else 0), end
