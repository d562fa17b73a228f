"""Figures against the facts: each member's are computed again, compared with its own rows, and
summed over all members for comparison with the roll-up.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from domain.insight import figures
from domain.insight.figures import Figure, MemberFigures, MemberSpan, Month
from domain.kernel import dates
from domain.kernel.database import Row, rows
from domain.programmes.programmes import Programme
from domain.proof import policy_checks
from domain.proof.evidence import Fault, MemberRows, shown

Through = Mapping[UUID, date]
"""By programme, the last day whose figures are compared; without one nothing is settled."""

Sums = Counter[tuple[Any, ...]]
"""Values by programme and key: days and measure, or measure and one dimension."""

DIMENSIONS = ("product", "city", "tier", "status")
_MONTH_FIELDS = tuple(one.name for one in fields(Month))
_SPAN_FIELDS = tuple(one.name for one in fields(MemberSpan))


@dataclass(frozen=True, slots=True)
class Settled:
    """The last settled day, and the one that is being settled: members' rows may be as of
    either.
    """

    through: date | None
    next: date | None


async def settled_through() -> dict[UUID, date]:
    """The last settled day of each programme that has one."""
    found = await rows("SELECT programme_id, settled_through FROM books")
    return {
        one["programme_id"]: one["settled_through"]
        for one in found
        if one["settled_through"] is not None and await policy_checks.readable(one["programme_id"])
    }


OF_BOOKS = ("figure_day", "journal_day", "liability_day", "closed_period", "root")
"""Tables with rows of settled days of a programme whose books are open."""


async def without_books() -> list[Fault]:
    """Rows of days of programmes whose books were never opened: no other check compares them."""
    return [
        Fault(table, one["programme_id"], None, "its books", "missing", "there")
        for table in OF_BOOKS
        for one in await rows(
            f"SELECT DISTINCT programme_id FROM {table} "
            "WHERE programme_id NOT IN (SELECT programme_id FROM books) ORDER BY 1"
        )
    ]


async def settled() -> dict[UUID, Settled]:
    """The settled days of each programme now."""
    made = {}
    for one in await rows("SELECT * FROM books"):
        through = one["settled_through"]
        following = one["opened_on"] if through is None else dates.add_days(through, 1)
        programme = await policy_checks.readable(one["programme_id"])
        if programme is None:
            continue
        ends = dates.end_of_day(following, programme.versions[0].policy.zone)
        begun = one["settled_until"] >= ends
        made[one["programme_id"]] = Settled(through, following if begun else None)
    return made


def check(
    rows_of: MemberRows, programme: Programme, now: Settled
) -> tuple[MemberFigures, list[Fault]]:
    """A member's figures, and faults where its own rows differ from those expected as of the last
    settled day, unless all are as of the one being settled.
    """
    if now.through is None and now.next is None:
        return MemberFigures(), list(_differences(rows_of, MemberFigures()))
    through = now.through
    made = (
        MemberFigures()
        if through is None
        else figures.of_member(rows_of.tables, programme, through)
    )
    faults = list(_differences(rows_of, made))
    if faults and now.next is not None:
        following = figures.of_member(rows_of.tables, programme, now.next)
        if not list(_differences(rows_of, following)):
            faults = []
    return made, faults


def _differences(rows_of: MemberRows, made: MemberFigures) -> Iterator[Fault]:
    found = {row["month"]: row for row in rows_of.tables["member_month"]}
    for month in sorted(found.keys() | made.months.keys()):
        expected = made.months.get(month)
        if month not in found:
            yield _fault(rows_of, "member_month", f"{month}", "missing", shown(expected))
        elif expected is None:
            yield _fault(rows_of, "member_month", f"{month}", "there", "missing")
        else:
            yield from _by_column(rows_of, "member_month", found[month], expected, _MONTH_FIELDS)
    span = next(iter(rows_of.tables["member_span"]), dict.fromkeys(_SPAN_FIELDS))
    yield from _by_column(rows_of, "member_span", span, made.span, _SPAN_FIELDS)


def _by_column(
    rows_of: MemberRows,
    table: str,
    found: Row,
    expected: Month | MemberSpan,
    names: tuple[str, ...],
) -> Iterator[Fault]:
    for name in names:
        wanted = getattr(expected, name)
        if found[name] != wanted:
            what = f"{found['month']} {name}" if "month" in found else name
            yield _fault(rows_of, table, what, shown(found[name]), shown(wanted))


def _fault(rows_of: MemberRows, table: str, what: str, found: str, expected: str) -> Fault:
    return Fault(table, rows_of.member_id, rows_of.member_id, what, found, expected)


def add(sums: Sums, programme_id: UUID, made: MemberFigures, through: date) -> None:
    """Add a member's figures that were known through a day."""
    for of, value in made.sums.items():
        if of.known_day <= through:
            for key in _keys(of):
                sums[programme_id, *key] += value


def _keys(of: Figure) -> Iterator[tuple[Any, ...]]:
    yield "days", of.measure, of.known_day, of.day
    for dimension in DIMENSIONS:
        yield dimension, of.measure, getattr(of, dimension)


_KEPT_DAYS = (
    "SELECT measure, known_day, day, sum(value)::bigint AS value FROM figure_day "
    "WHERE programme_id = $1 AND known_day <= $2 GROUP BY measure, known_day, day"
)


async def compare(sums: Sums, through: Through) -> list[Fault]:
    """Faults where the roll-up differs from the sum of all members' figures."""
    faults = []
    for programme_id, day in through.items():
        kept = await _kept(programme_id, day)
        own = {key[1:]: value for key, value in sums.items() if key[0] == programme_id and value}
        for key in sorted(own.keys() | kept.keys(), key=str):
            found, expected = kept.get(key, 0), own.get(key, 0)
            if found != expected:
                what = " ".join(shown(part) for part in key)
                fault = Fault("figure_day", programme_id, None, what, str(found), str(expected))
                faults.append(fault)
    return faults


async def _kept(programme_id: UUID, through: date) -> dict[tuple[Any, ...], int]:
    kept: dict[tuple[Any, ...], int] = {
        ("days", one["measure"], one["known_day"], one["day"]): one["value"]
        for one in await rows(_KEPT_DAYS, programme_id, through)
    }
    for dimension in DIMENSIONS:
        sql = (
            f"SELECT measure, {dimension} AS key, sum(value)::bigint AS value FROM figure_day "
            "WHERE programme_id = $1 AND known_day <= $2 GROUP BY measure, key"
        )
        for one in await rows(sql, programme_id, through):
            kept[dimension, one["measure"], one["key"]] = one["value"]
    return {key: value for key, value in kept.items() if value}
