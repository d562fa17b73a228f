"""Cohorts: members by the month of their first booking, and their value since then."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate

from domain.insight.kpis import Period, settled_through
from domain.insight.ratios import Ratio
from domain.kernel import dates, money
from domain.kernel.database import Row, rows
from domain.members.statuses import MemberStatus
from domain.programmes.programmes import Programme

_WHOSE = {
    MemberStatus.ENROLLED: "s.joined IS NOT NULL",
    MemberStatus.GUEST: "s.joined IS NULL",
}
"""Anybody who ever enrolled counts as a member, whatever the status is now."""

_COHORTS = """
WITH own AS (
    SELECT s.member_id, date_trunc('month', s.first_booking)::date AS cohort
    FROM member_span s JOIN member m ON m.member_id = s.member_id
    WHERE m.programme_id = $1 AND s.first_booking >= $2 AND s.first_booking < $3 AND {whose}
)
SELECT own.cohort, mm.month, count(*) AS members, count(*) FILTER (WHERE mm.active) AS active,
    sum(mm.cash)::bigint AS cash, sum(mm.reward_cost)::bigint AS cost
FROM own JOIN member_month mm ON mm.member_id = own.member_id AND mm.month >= own.cohort
WHERE mm.month < $4 GROUP BY own.cohort, mm.month
"""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Members whose first booking was in `month`, by the month's first day. The lists have a place
    for each month since, from its own (0) to the last fully settled one: active members, and all
    cash per member until the month's end, as paid and less the cost of rewards.
    """

    month: date
    members: int
    active: tuple[int, ...]
    ltv: tuple[Ratio, ...]
    ltv_net: tuple[Ratio, ...]


async def cohorts(programme: Programme, period: Period, status: MemberStatus) -> list[Cohort]:
    """The cohorts of the months that the period touches, without empty ones.

    Raises: NothingSettled, PeriodInvalid.
    """
    period.check()
    settled = await settled_through(programme)
    ends = dates.add_days(settled, 1).replace(day=1)
    first = period.first.replace(day=1)
    found = await rows(
        _COHORTS.format(whose=_WHOSE.get(status, "m.status = $5")),
        programme.id,
        first,
        min(dates.add_months(period.last.replace(day=1), 1), ends),
        ends,
        *(() if status in _WHOSE else (status.value,)),
    )
    by_month: defaultdict[date, dict[date, Row]] = defaultdict(dict)
    for one in found:
        by_month[one["cohort"]][one["month"]] = one
    currency = programme.versions[-1].policy.currency
    return [_cohort(month, by_month[month], ends, currency) for month in sorted(by_month)]


def _cohort(month: date, found: dict[date, Row], ends: date, currency: str) -> Cohort:
    """Every member of the cohort has a row in its first month: the first booking."""
    members = found[month]["members"]
    offsets = []
    following = month
    while following < ends:
        offsets.append(found.get(following) or {"active": 0, "cash": 0, "cost": 0})
        following = dates.add_months(following, 1)
    cash = list(accumulate(one["cash"] for one in offsets))
    costs = accumulate(one["cost"] for one in offsets)
    return Cohort(
        month,
        members,
        tuple(one["active"] for one in offsets),
        tuple(_by_member(minor, members, currency) for minor in cash),
        tuple(
            _by_member(minor - cost, members, currency)
            for minor, cost in zip(cash, costs, strict=True)
        ),
    )


def _by_member(minor: int, members: int, currency: str) -> Ratio:
    return Ratio(money.to_amount(minor, currency), Decimal(members))
