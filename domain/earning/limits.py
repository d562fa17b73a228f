"""How much of a rule's limit a member has left, counted by when the facts occurred."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.earning.values import Allowance
from domain.kernel import dates
from domain.kernel.database import row, rows
from domain.programmes.policy import Policy
from domain.programmes.rules import ActivityRule, EarningRule, Limit


@dataclass(frozen=True, slots=True)
class Granted:
    """What a rule granted to the member for one fact."""

    rule: str
    points: int
    occurred_at: datetime


def allowances(
    policy: Policy, granted: Iterable[Granted], instant: datetime
) -> dict[str, Allowance]:
    """What is left of every limited rule in the period around `instant`."""
    earlier = list(granted)
    return {
        rule.code: _left(rule.limit, rule, earlier, instant, policy)
        for rule in policy.earning
        if rule.limit is not None
    }


def _left(
    limit: Limit, rule: EarningRule, granted: Sequence[Granted], instant: datetime, policy: Policy
) -> Allowance:
    start, end = bounds(limit, instant, policy)
    used = [
        award
        for award in granted
        if award.rule == rule.code
        and (start is None or start <= award.occurred_at)
        and (end is None or award.occurred_at < end)
    ]
    if limit.times is not None:
        return Allowance(times=max(0, limit.times - len(used)))
    return Allowance(points=max(0, (limit.points or 0) - sum(award.points for award in used)))


def bounds(
    limit: Limit, instant: datetime, policy: Policy
) -> tuple[datetime | None, datetime | None]:
    """The limit's period around `instant`, end exclusive (UTC); for a lifetime limit, none."""
    if limit.per == "member":
        return None, None
    return dates.period_bounds(instant, limit.per, policy.zone)


async def granted(
    member_id: UUID, policy: Policy, now: datetime, *, besides: UUID | None = None
) -> list[Granted]:
    """What the policy's limited booking rules have granted to the member, net of refunds, and
    what quotes that are open at `now` reserve.

    `besides` one booking, if it is given.
    """
    limited = [rule.code for rule in policy.earning if rule.limit is not None]
    if not limited:
        return []
    found = await rows(
        "SELECT rule, sum(points)::bigint AS points, min(occurred_at) AS occurred_at FROM award "
        "WHERE member_id = $1 AND rule = ANY($2::text[]) AND booking_id IS NOT NULL "
        "AND ($3::uuid IS NULL OR booking_id <> $3) "
        "GROUP BY rule, booking_id HAVING sum(points) > 0 "
        "UNION ALL SELECT r.award ->> 0, (r.award ->> 1)::bigint, q.booked_at FROM quote q "
        "CROSS JOIN LATERAL jsonb_array_elements(q.awards) AS r (award) "
        "WHERE q.member_id = $1 AND q.status = 'OPEN' AND q.expires_at > $4 "
        "AND r.award ->> 0 = ANY($2::text[])",
        member_id,
        limited,
        besides,
        now,
    )
    return [Granted(**award) for award in found]


async def activity_times_left(
    member_id: UUID, rule: ActivityRule, instant: datetime, policy: Policy
) -> int | None:
    """How often this activity still counts around `instant`; None without a limit."""
    if rule.limit is None or rule.limit.times is None:
        return None
    start, end = bounds(rule.limit, instant, policy)
    found = await row(
        "SELECT count(*) AS count FROM activity WHERE member_id = $1 AND type = $2 "
        "AND within_limit AND ($3::timestamptz IS NULL OR occurred_at >= $3) "
        "AND ($4::timestamptz IS NULL OR occurred_at < $4)",
        member_id,
        rule.code,
        start,
        end,
    )
    return rule.limit.times - int(found["count"] if found else 0)
