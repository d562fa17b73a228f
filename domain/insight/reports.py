"""All figures of a period together, as the programme's report shows them."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.insight import cohorts, kpis, returning, standing
from domain.insight.cohorts import Cohort
from domain.insight.kpis import Asked, Grain, KpiDimension, KpiReport, Kpis, Period
from domain.insight.returning import MonthFigures, Repurchase
from domain.insight.standing import TierShare
from domain.kernel import dates
from domain.kernel.database import snapshot
from domain.members.statuses import MemberStatus
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of a period by month and by dimension, and figures read from members' own rows;
    `policy` is the one in force.
    """

    period: Period
    policy: Policy
    by_month: KpiReport
    by_product: dict[str, Kpis]
    by_city: dict[str, Kpis]
    by_status: dict[str, Kpis]
    months: list[MonthFigures]
    tiers: list[TierShare]
    repurchase: list[Repurchase]
    cohorts: list[Cohort]


async def of_period(
    programme: Programme, first: date | None, last: date | None, now: datetime
) -> Report:
    """The report of these days; without a last one through the last settled day, without a first
    one from the beginning of the eleventh month before.

    Raises: NothingSettled, PeriodInvalid, TooManyRows.
    """
    async with snapshot():
        settled = await kpis.settled_through(programme)
        ends = last or settled
        period = Period(first or dates.add_months(ends.replace(day=1), -11), ends)
        policy = programme.as_of(now).policy
        return Report(
            period,
            policy,
            await kpis.report(programme, Asked(period)),
            await _by(programme, period, KpiDimension.PRODUCT),
            await _by(programme, period, KpiDimension.CITY),
            await _by(programme, period, KpiDimension.STATUS),
            await returning.months(programme, period, settled),
            await standing.tiers(programme, policy, period, settled),
            await returning.repurchase(programme, period, settled),
            await cohorts.cohorts(programme, period, MemberStatus.ENROLLED),
        )


async def _by(programme: Programme, period: Period, by: KpiDimension) -> dict[str, Kpis]:
    """Figures of the whole period by value of a dimension of bookings."""
    found = await kpis.report(programme, Asked(period, by, Grain.YEAR))
    return kpis.by_key(found)
