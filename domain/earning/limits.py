"""What a member has left of a rule's limit, counted by the instants of the facts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from domain.earning.clipping import EVERY_RULE
from domain.earning.reservations import RESERVED
from domain.earning.values import Allowance
from domain.kernel import dates
from domain.kernel.queries import Query, ask, query
from domain.kernel.values import value
from domain.members import returning
from domain.programmes.policy import Policy
from domain.programmes.rules import Limit


@value(frozen=True, slots=True)
class Grant:
    """What a rule granted to the member for one fact."""

    rule: str
    points: int
    occurred_at: datetime


def allowances(
    policy: Policy, granted: Iterable[Grant], instant: datetime, cap: int | None = None
) -> dict[str, Allowance]:
    """What is left of every limited rule in the period around `instant`, and of the member's caps
    on all together, if any.
    """
    earlier = list(granted)
    left = {
        rule: _left(limit, rule, earlier, instant, policy) for rule, limit in policy.limits.items()
    }
    return left if cap is None else {**left, EVERY_RULE: Allowance(points=cap)}


def without_once(policy: Policy, left: Mapping[str, Allowance]) -> dict[str, Allowance]:
    """The same for a member that was paid before it was erased: nothing is left of lifetime
    limits.
    """
    return {**left, **dict.fromkeys(once(policy), _NOTHING)}


_NOTHING = Allowance(times=0, paid_before=True)


def once(policy: Policy) -> list[str]:
    """The rules with a lifetime limit."""
    return [rule for rule, limit in policy.limits.items() if limit.per == "member"]


async def is_paid_before(
    programme_id: UUID, member_id: UUID, policy: Policy, now: datetime
) -> bool:
    """Whether the member may have used a rule's lifetime limit before it was erased; queried only
    if a rule has one.
    """
    return bool(once(policy)) and await returning.was_erased(programme_id, member_id, now)


def queries_of_past(
    programme_id: UUID, member_id: UUID, policy: Policy, now: datetime
) -> list[Query]:
    """What `is_paid_before` asks, as far as it is known before."""
    return returning.queries(programme_id, member_id, now) if once(policy) else []


async def read_rest_of_past(
    programme_id: UUID, whose: Iterable[tuple[UUID, Policy]], now: datetime
) -> None:
    """Read the rest of it ahead for several members, of whom that was read that is known before."""
    asked = [member_id for member_id, policy in whose if once(policy)]
    await returning.read_ahead_rest(programme_id, asked, now)


def _left(
    limit: Limit, rule: str, granted: Sequence[Grant], instant: datetime, policy: Policy
) -> Allowance:
    start, end = bounds(limit, instant, policy)
    used = [
        award
        for award in granted
        if award.rule == rule
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
    whose: Sequence[UUID],
    policy: Policy,
    judged_at: datetime,
    now: datetime,
    *,
    besides: UUID | None = None,
) -> list[Grant]:
    """What the policy's limited booking rules have granted to a member and to who were merged into
    it, net of refunds, and what quotes that are open at `now` reserve: each in its limit's period
    around `judged_at`.

    `besides` one booking, if it is given.
    """
    asked = queries(whose, policy, judged_at, now, besides=besides)
    return [Grant(**award) for one in asked for award in await ask(one)]


def queries(
    whose: Sequence[UUID],
    policy: Policy,
    judged_at: datetime,
    now: datetime,
    *,
    besides: UUID | None = None,
) -> list[Query]:
    """What `granted` asks: one query, and none where no rule has a limit."""
    if not policy.limits:
        return []
    periods = [bounds(limit, judged_at, policy) for limit in policy.limits.values()]
    starts, ends = [start for start, _ in periods], [end for _, end in periods]
    values = (list(whose), list(policy.limits), starts, ends, besides, now)
    return [query(("rule", "points", "occurred_at"), _GRANTED, *values)]


_GRANTED = f"""
WITH limited AS (SELECT rule, coalesce(start, '-infinity') AS start,
        coalesce(until, 'infinity') AS until
    FROM unnest($2::text[], $3::timestamptz[], $4::timestamptz[]) AS l (rule, start, until))
SELECT l.rule, g.points, g.occurred_at FROM limited l CROSS JOIN LATERAL (
    SELECT sum(a.points)::bigint AS points, min(a.occurred_at) AS occurred_at
    FROM (SELECT a.booking_id, a.points, a.occurred_at FROM award a
        WHERE a.member_id = ANY($1::uuid[]) AND a.rule = l.rule
            AND a.occurred_at >= l.start AND a.occurred_at < l.until
            AND a.booking_id IS NOT NULL AND ($5::uuid IS NULL OR a.booking_id <> $5)
        OFFSET 0) a
    GROUP BY a.booking_id HAVING sum(a.points) > 0) g
UNION ALL SELECT q.rule, q.points, q.booked_at FROM ({RESERVED} AND q.member_id = ANY($1::uuid[])) q
JOIN limited l ON l.rule = q.rule
WHERE q.expires_at > $6 AND q.booked_at >= l.start AND q.booked_at < l.until
"""
"""All awards of a booking, given and taken back, bear the instant that it was judged at.

OFFSET keeps the planner from reading all of a member's bookings because these come in the order
of the groups.
"""
