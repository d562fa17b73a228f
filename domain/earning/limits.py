"""How much of a rule's limit a member has left, counted by when the facts occurred."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.earning.reservations import RESERVED
from domain.earning.values import Allowance
from domain.kernel import dates
from domain.kernel.database import rows
from domain.programmes.policy import Policy
from domain.programmes.rules import EarningRule, Limit


@dataclass(frozen=True, slots=True)
class Grant:
    """What a rule granted to the member for one fact."""

    rule: str
    points: int
    occurred_at: datetime


def allowances(policy: Policy, granted: Iterable[Grant], instant: datetime) -> dict[str, Allowance]:
    """What is left of every limited rule in the period around `instant`."""
    earlier = list(granted)
    return {
        rule.code: _left(rule.limit, rule, earlier, instant, policy)
        for rule in policy.earning
        if rule.limit is not None
    }


def _left(
    limit: Limit, rule: EarningRule, granted: Sequence[Grant], instant: datetime, policy: Policy
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
) -> list[Grant]:
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
        f"UNION ALL SELECT q.rule, q.points, q.booked_at FROM ({RESERVED}) q "
        "WHERE q.member_id = $1 AND q.expires_at > $4 AND q.rule = ANY($2::text[])",
        member_id,
        limited,
        besides,
        now,
    )
    return [Grant(**award) for award in found]
