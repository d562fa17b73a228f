"""Repeat customers and active members: figures that are read from members' own rows.

All that is known of settled days counts; these figures have no earlier state.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from domain.insight import ratios
from domain.insight.figures import Measure
from domain.insight.kpis import Period
from domain.insight.ratios import Ratio
from domain.kernel import dates
from domain.kernel.database import rows
from domain.programmes.programmes import Programme

REPURCHASE_DAYS = (90, 180, 365)

_TRIPS = """
WITH trip AS (
    SELECT m.member_id, s.joined IS NULL AS guest, mm.month + n.bit AS day
    FROM member m
    JOIN member_span s ON s.member_id = m.member_id
    JOIN member_month mm ON mm.member_id = m.member_id
    JOIN generate_series(0, 30) AS n (bit) ON (mm.trips >> n.bit) & 1 = 1
    WHERE m.programme_id = $1 AND mm.month BETWEEN $2 AND $3 AND mm.trips <> 0
),
placed AS (
    SELECT guest, day, lead(day) OVER of_member AS next, row_number() OVER of_member AS place
    FROM trip WHERE day >= $4 WINDOW of_member AS (PARTITION BY member_id ORDER BY day)
)
SELECT guest, n.days, count(*) AS members,
    count(*) FILTER (WHERE next - day <= n.days) AS again
FROM placed CROSS JOIN unnest($7::int[]) AS n (days)
WHERE place = 1 AND day <= $5 AND day + n.days <= $6
GROUP BY guest, n.days
"""
"""Members and guests whose first trip of the period is long enough ago, and those of them with
another trip soon enough. Bookings on one day are one trip.
"""


@dataclass(frozen=True, slots=True)
class Repurchase:
    """Of those whose first trip of the period has `days` settled days after it, the share with
    another within these days.
    """

    days: int
    members: Ratio
    guests: Ratio


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """A month by its first day: the used part of the points earned in it, and the members active in
    it and in the twelve months that end with it.
    """

    month: date
    redemption_rate: Ratio
    active: int
    active_in_12_months: int


async def repurchase(programme: Programme, period: Period, settled: date) -> list[Repurchase]:
    """For each of `REPURCHASE_DAYS`."""
    latest = dates.add_days(period.last, max(REPURCHASE_DAYS))
    found = await rows(
        _TRIPS,
        programme.id,
        period.first.replace(day=1),
        latest,
        period.first,
        period.last,
        settled,
        list(REPURCHASE_DAYS),
    )
    shares = {(one["days"], one["guest"]): ratios.of(one["again"], one["members"]) for one in found}
    none = ratios.of(0, 0)
    return [
        Repurchase(days, shares.get((days, False), none), shares.get((days, True), none))
        for days in REPURCHASE_DAYS
    ]


async def months(programme: Programme, period: Period, settled: date) -> list[MonthFigures]:
    """Each month of the period that has settled days."""
    wanted = _months(period, settled)
    if not wanted:
        return []
    points = await _lots(programme, wanted, settled)
    active = await _active(programme, wanted, 1)
    in_a_year = await _active(programme, wanted, 12)
    return [
        MonthFigures(
            month,
            ratios.of(
                points.get((month, Measure.LOT_DRAWN.value), 0),
                points.get((month, Measure.LOT_POINTS.value), 0),
            ),
            active.get(month, 0),
            in_a_year.get(month, 0),
        )
        for month in wanted
    ]


def _months(period: Period, settled: date) -> list[date]:
    month, last = period.first.replace(day=1), min(period.last, settled)
    found = []
    while month <= last:
        found.append(month)
        month = dates.add_months(month, 1)
    return found


async def _lots(
    programme: Programme, wanted: Sequence[date], settled: date
) -> dict[tuple[date, str], int]:
    found = await rows(
        "SELECT date_trunc('month', day)::date AS month, measure, sum(value)::bigint AS value "
        "FROM figure_day WHERE programme_id = $1 AND measure = ANY($2::text[]) "
        "AND day >= $3 AND day < $4 AND known_day <= $5 GROUP BY 1, 2",
        programme.id,
        [Measure.LOT_DRAWN.value, Measure.LOT_POINTS.value],
        wanted[0],
        dates.add_months(wanted[-1], 1),
        settled,
    )
    return {(one["month"], one["measure"]): one["value"] for one in found}


async def _active(programme: Programme, wanted: Sequence[date], months: int) -> dict[date, int]:
    """Numbers of members active in this many months that end with each of these."""
    found = await rows(
        "SELECT w.month, count(DISTINCT mm.member_id) AS members "
        "FROM unnest($2::date[], $3::date[]) AS w (first, month) "
        "JOIN member_month mm ON mm.month BETWEEN w.first AND w.month AND mm.active "
        "JOIN member m ON m.member_id = mm.member_id AND m.programme_id = $1 GROUP BY w.month",
        programme.id,
        [dates.add_months(month, 1 - months) for month in wanted],
        list(wanted),
    )
    return {one["month"]: one["members"] for one in found}
