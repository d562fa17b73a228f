"""Caps: how many points one member may gain in a day, month or year, by all rules together.

What was gained is net of refunds, by the local date of its fact, with what open quotes reserve.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import models
from domain.accounts.accounts import Account
from domain.earning.limits import Grant
from domain.earning.reservations import RESERVED
from domain.kernel import dates
from domain.kernel.queries import Query, ask, query
from domain.programmes.policy import Policy

_GAINED = f"""
SELECT (SELECT coalesce(sum(a.points), 0) FROM award a WHERE a.member_id = $1
        AND a.points <> 0 AND a.occurred_at >= w.start AND a.occurred_at < w.until
        AND ($4::uuid IS NULL OR a.booking_id IS DISTINCT FROM $4))::bigint
    + (SELECT coalesce(sum(q.points), 0) FROM ({RESERVED} AND q.member_id = $1) q
        WHERE q.expires_at > $5 AND q.booked_at >= w.start AND q.booked_at < w.until)::bigint
    AS points
FROM unnest($2::timestamptz[], $3::timestamptz[]) WITH ORDINALITY AS w (start, until, place)
ORDER BY w.place
"""
"""No award has 0 points; saying so names the index that is for this, and for nothing else."""


def of_grants(policy: Policy, grants: Iterable[Grant], instant: datetime) -> int | None:
    """How many points a member may still gain by a fact of `instant` who was granted these; None
    without a cap.
    """
    if not policy.caps:
        return None
    known = list(grants)
    return _least(policy, [_within(known, period) for period in _periods(policy, instant)])


async def left(
    account: Account,
    policy: Policy,
    instant: datetime,
    *,
    besides: UUID | None = None,
    also: Iterable[Grant] = (),
) -> int | None:
    """The same under the account's lock: what this transaction has recorded counts, and `also`
    what it is about to; what one booking gained does not, if it is named as `besides`.
    """
    before = await gained(account, policy, instant, besides)
    return left_of(policy, instant, before, also)


async def gained(
    account: Account, policy: Policy, instant: datetime, besides: UUID | None = None
) -> list[int]:
    """The points in the period of each cap around `instant`, what this transaction has recorded
    among them; one statement for all.
    """
    recorded = [
        Grant(fact.rule, fact.points, fact.occurred_at)
        for fact in account.facts
        if isinstance(fact, models.Award)
    ]
    before = await _gained(account.member_id, policy, instant, account.now, besides)
    periods = _periods(policy, instant)
    return [sums + _within(recorded, period) for sums, period in zip(before, periods, strict=True)]


def left_of(
    policy: Policy, instant: datetime, before: Sequence[int], also: Iterable[Grant]
) -> int | None:
    """What caps leave of which so much was gained `before`, and `also` these."""
    known = list(also)
    return _least(
        policy,
        [
            sums + _within(known, period)
            for sums, period in zip(before, _periods(policy, instant), strict=True)
        ],
    )


async def left_at(member_id: UUID, policy: Policy, instant: datetime, now: datetime) -> int | None:
    """The same as it is recorded, for what is only asked."""
    return _least(policy, await _gained(member_id, policy, instant, now))


async def _gained(
    member_id: UUID, policy: Policy, instant: datetime, now: datetime, besides: UUID | None = None
) -> list[int]:
    """What was gained in the period of each cap around `instant`, one statement for all."""
    asked = queries(member_id, policy, instant, now, besides)
    return [gained["points"] for one in asked for gained in await ask(one)]


def queries(
    member_id: UUID, policy: Policy, instant: datetime, now: datetime, besides: UUID | None = None
) -> list[Query]:
    """What is asked of what was gained: one query, and none without a cap."""
    periods = _periods(policy, instant)
    if not periods:
        return []
    starts, ends = [start for start, _ in periods], [end for _, end in periods]
    return [query(("points",), _GAINED, member_id, starts, ends, besides, now)]


def _periods(policy: Policy, instant: datetime) -> list[tuple[datetime, datetime]]:
    return [dates.period_bounds(instant, cap.per, policy.zone) for cap in policy.caps]


def _within(grants: Iterable[Grant], period: tuple[datetime, datetime]) -> int:
    start, end = period
    return sum(one.points for one in grants if start <= one.occurred_at < end)


def _least(policy: Policy, gained: Sequence[int]) -> int | None:
    """What the cap leaves that leaves least."""
    lefts = (cap.points - points for cap, points in zip(policy.caps, gained, strict=True))
    return min((max(0, points) for points in lefts), default=None)
