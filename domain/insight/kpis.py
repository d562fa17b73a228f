"""Indicators of a period, read only from the roll-up, as they were known on a day."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from domain.books import books
from domain.insight.figures import Measure
from domain.insight.ratios import Ratio, exact
from domain.kernel import dates, money
from domain.kernel.database import Row, rows
from domain.programmes.programmes import Programme

DAYS_MAX = 3660
"""Days of the longest period, ten years."""

ROWS_MAX = 2000
"""Most rows of one answer."""


class KpiDimension(StrEnum):
    PRODUCT = "product"
    CITY = "city"
    TIER = "tier"
    STATUS = "status"


class Grain(StrEnum):
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class NothingSettled(Exception):
    """No day of the programme is settled, so there are no figures yet."""


class PeriodInvalid(Exception):
    """The period ends before it begins, or is too long."""


class TooManyRows(Exception):
    """The answer would have too many rows."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days from the first through the last."""

    first: date
    last: date

    def check(self) -> "Period":
        """Raises: PeriodInvalid."""
        if not 0 <= (self.last - self.first).days < DAYS_MAX:
            raise PeriodInvalid
        return self

    def begins(self, grain: Grain) -> list[date]:
        """The first days of its parts; the first part may begin in the middle of its month or
        year.
        """
        found, day = [], self.first
        while day <= self.last:
            found.append(day)
            if len(found) > ROWS_MAX:
                raise TooManyRows
            if grain is Grain.DAY:
                day = dates.add_days(day, 1)
            elif grain is Grain.MONTH:
                day = dates.add_months(day.replace(day=1), 1)
            else:
                day = dates.add_months(day.replace(month=1, day=1), 12)
            if day == date.max and (grain is not Grain.DAY or found[-1] == day):
                # the calendar ends within the last part
                break
        return found


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for figures; `known_at` None means everything known of settled days."""

    period: Period
    by: KpiDimension | None = None
    grain: Grain = Grain.MONTH
    known_at: date | None = None


@dataclass(slots=True)
class Kpis:
    """Sums of measures, money in minor units; worth of points is exact."""

    currency: str
    sums: Counter[str] = field(default_factory=Counter)
    worth: dict[str, Fraction] = field(default_factory=dict)
    """Worth of points granted in minor units, by the version in force on each day."""

    def add(self, measure: str, value: int, minor_per_point: Fraction) -> None:
        self.sums[measure] += value
        if measure in (Measure.GRANTED, Measure.ACTIVITY_GRANTED):
            self.worth[measure] = self.worth.get(measure, Fraction(0)) + value * minor_per_point

    def include(self, other: "Kpis") -> None:
        """Add the figures of another part of the period."""
        self.sums.update(other.sums)
        for measure, worth in other.worth.items():
            self.worth[measure] = self.worth.get(measure, Fraction(0)) + worth

    def of(self, measure: Measure) -> int:
        return self.sums[measure]

    @property
    def cash(self) -> Decimal:
        return money.to_amount(self.of(Measure.CASH), self.currency)

    @property
    def points_per_booking(self) -> Ratio:
        granted, bookings = self.of(Measure.GRANTED), self.of(Measure.BOOKINGS)
        return Ratio(Decimal(granted), Decimal(bookings))

    @property
    def points_per_unit(self) -> Ratio:
        return Ratio(Decimal(self.of(Measure.GRANTED)), self.cash)

    @property
    def burn(self) -> Ratio:
        return Ratio(Decimal(self.of(Measure.REDEEMED)), Decimal(self.of(Measure.EARNED)))

    @property
    def return_rate(self) -> Ratio:
        return self._returned(self.worth.get(Measure.GRANTED, Fraction(0)))

    @property
    def return_with_activities(self) -> Ratio:
        return self._returned(sum(self.worth.values(), Fraction(0)))

    def _returned(self, worth_minor: Fraction) -> Ratio:
        scale = 10 ** money.digits_of(self.currency)
        return exact(worth_minor / scale, Fraction(self.of(Measure.CASH), scale))


@dataclass(frozen=True, slots=True)
class KpiRow:
    """One part of the period, and one value of the requested dimension."""

    key: str | None
    first: date
    figures: Kpis


@dataclass(frozen=True, slots=True)
class KpiReport:
    """Figures of a period, in total and by part; `known` is the last day whose recorded facts they
    contain.
    """

    asked: Asked
    settled_through: date
    known: date
    total: Kpis
    rows: tuple[KpiRow, ...]


async def settled_through(programme: Programme) -> date:
    """The last settled day. Raises: NothingSettled."""
    found = await books.get(programme.id)
    if found is None or found.settled_through is None:
        raise NothingSettled
    return found.settled_through


async def report(programme: Programme, asked: Asked) -> KpiReport:
    """Figures of the period, with a row for each of its parts, or for each value in each part.

    Raises: NothingSettled, PeriodInvalid, TooManyRows.
    """
    begins = asked.period.check().begins(asked.grain)
    settled = await settled_through(programme)
    known = min(settled, asked.known_at or settled)
    worths = _worths(programme, asked.period)
    cuts = sorted({*begins, *(day for day, _ in worths)})
    found = await _read(programme, asked, cuts, known)
    currency = programme.versions[-1].policy.currency
    total, parts = Kpis(currency), _parts(asked, begins, currency)
    for one in found:
        day = cuts[one["cut"] - 1]
        first = begins[bisect_right(begins, day) - 1]
        worth = next(worth for since, worth in reversed(worths) if since <= day)
        part = parts.setdefault((first, one["key"]), Kpis(currency))
        for into in (total, part):
            into.add(one["measure"], one["value"], worth)
    if len(parts) > ROWS_MAX:
        raise TooManyRows
    made = tuple(
        KpiRow(key, first, figures)
        for (first, key), figures in sorted(parts.items(), key=lambda part: _place(part[0]))
    )
    return KpiReport(asked, settled, known, total, made)


def by_key(found: KpiReport) -> dict[str, Kpis]:
    """Figures of all parts together by value of the dimension, in the order of the values."""
    made: dict[str, Kpis] = {}
    for row in sorted(found.rows, key=lambda row: row.key or ""):
        made.setdefault(row.key or "", Kpis(row.figures.currency)).include(row.figures)
    return made


def _parts(
    asked: Asked, begins: Sequence[date], currency: str
) -> dict[tuple[date, str | None], Kpis]:
    """Without a dimension every part has a row, also where nothing happened."""
    return {} if asked.by else {(first, None): Kpis(currency) for first in begins}


def _place(of: tuple[date, str | None]) -> tuple[date, str]:
    return of[0], of[1] or ""


def _worths(programme: Programme, period: Period) -> list[tuple[date, Fraction]]:
    """Worth of a point, in minor units, from each of these days on, by the version in force at the
    end of the day.
    """
    zone = programme.versions[0].policy.zone
    days = {dates.local_date(version.effective_from, zone) for version in programme.versions}
    return [
        (day, _worth_at(programme, dates.end_of_day(day, zone)))
        for day in (period.first, *sorted(day for day in days if period.first < day <= period.last))
    ]


def _worth_at(programme: Programme, ends: datetime) -> Fraction:
    last = ends - timedelta(microseconds=1)
    known = [version for version in programme.versions if version.effective_from <= last]
    version = programme.as_of(last) if known else programme.versions[0]
    return version.policy.minor_per_point


_COLUMNS: Mapping[KpiDimension | None, str] = {
    None: "NULL::text",
    **{dimension: dimension.value for dimension in KpiDimension},
}

_SHOWN = [
    measure.value
    for measure in Measure
    if measure not in (Measure.MEMBERS, Measure.LOT_POINTS, Measure.LOT_DRAWN)
]


async def _read(programme: Programme, asked: Asked, cuts: Sequence[date], known: date) -> list[Row]:
    """Sums by the last cut before each day, the dimension and the measure. Days are summed first: a
    day has many rows, and only few sums then have to be placed between cuts.
    """
    return await rows(
        f"SELECT width_bucket(day, $5::date[]) AS cut, key, measure, sum(value)::bigint AS value "
        f"FROM (SELECT day, {_COLUMNS[asked.by]} AS key, measure, sum(value) AS value "
        "FROM figure_day WHERE programme_id = $1 AND measure = ANY($2::text[]) "
        "AND day BETWEEN $3 AND $4 AND known_day <= $6 GROUP BY 1, 2, 3) d GROUP BY 1, 2, 3",
        programme.id,
        _SHOWN,
        asked.period.first,
        asked.period.last,
        list(cuts),
        known,
    )


NOTES = ("unsettled", "as_known", "biased")


def notes_of(found: KpiReport) -> Iterator[str]:
    """The `NOTES` that a reader of the figures has to know."""
    if found.asked.period.last > found.settled_through:
        yield "unsettled"
    if found.known < found.settled_through:
        yield "as_known"
    elif found.asked.by is None:
        yield "biased"
