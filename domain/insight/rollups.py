"""The roll-up: figures of all members by settled day, and each member's own rows, as stored.

Everything stored here can be computed again from the facts, with the same result.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from uuid import UUID

from domain.books import books
from domain.insight import figures, reading
from domain.insight.figures import Figure, MemberFigures, Month
from domain.kernel import dates
from domain.kernel.database import row, rows, transact, update
from domain.programmes import programmes
from domain.programmes.programmes import Programme

PAUSE_MILLISECONDS = 50
PAUSES_MAX = 1200
"""Most pauses of a rebuild, at each batch, for a day that is being settled meanwhile."""

ROWS_MAX = 5000
"""Rows of the roll-up that one statement writes."""


class DayInProgress(Exception):
    """A day is being settled, for longer than a rebuild waits."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Number of members that were computed again."""

    members: int


async def record_day(programme: Programme, day: date) -> None:
    """Record the figures of a day, when all its facts are written but it is not settled yet.

    The first day includes everything known before; so does a day without earlier figures, as in a
    database whose days were settled before figures existed. A repetition has the same result; if
    another worker has settled the day meanwhile, nothing happens.

    Raises: ConcurrentRequest.
    """
    found = await books.get(programme.id)
    if found is None or found.next_day != day:
        return
    # with versions that were published since, by which tiers were decided
    programme = await programmes.get(programme.code)
    sums: Counter[Figure] = Counter()
    first = found.settled_through is None or not await _are_there(programme)
    async for member_ids in reading.everybody_or_touched(programme, day, everybody=first):
        made = await transact(partial(_record_members, programme, day, member_ids))
        if made is None:
            return
        for one in made:
            sums.update(one.sums)
    kept = {of: value for of, value in sums.items() if first or of.known_day == day}
    since = date.min if first else day
    await transact(partial(_replace_figures, programme, (since, day), kept, settling=True))


async def rebuild(programme: Programme) -> AsyncIterator[Batch]:
    """Compute all figures of the settled days again, and replace them.

    Requests and the worker continue meanwhile; the rebuild waits for a day that is being settled.

    Raises: ConcurrentRequest, DayInProgress.
    """
    found = await books.get(programme.id)
    if found is None or found.settled_through is None:
        return
    through, sums = found.settled_through, Counter[Figure]()
    async for member_ids in reading.all_members(programme):
        for one in await _record_between_days(programme, member_ids):
            sums.update({of: n for of, n in one.sums.items() if of.known_day <= through})
        yield Batch(len(member_ids))
    await transact(partial(_replace_figures, programme, (date.min, through), sums))


async def _are_there(programme: Programme) -> bool:
    sql = "SELECT 1 AS one FROM figure_day WHERE programme_id = $1 LIMIT 1"
    return await row(sql, programme.id) is not None


async def _record_members(
    programme: Programme, day: date, member_ids: Sequence[UUID]
) -> list[MemberFigures] | None:
    """Figures of some members, whose own rows are replaced; None if the day is already settled."""
    found = await books.lock(programme.id)
    if found is None or found.next_day != day:
        return None
    return await _replace_members(programme, member_ids, day)


async def _record_between_days(
    programme: Programme, member_ids: Sequence[UUID]
) -> list[MemberFigures]:
    for _ in range(PAUSES_MAX):
        made = await transact(partial(_record_if_between, programme, member_ids))
        if made is not None:
            return made
        await asyncio.sleep(PAUSE_MILLISECONDS / 1000)
    raise DayInProgress


async def _record_if_between(
    programme: Programme, member_ids: Sequence[UUID]
) -> list[MemberFigures] | None:
    """The batch; None while a day is being settled, as its worker may have replaced these rows
    already.
    """
    found = await books.lock(programme.id)
    if found is None or found.settled_through is None:
        return None
    zone = programme.versions[0].policy.zone
    if dates.end_of_day(found.settled_through, zone) != found.settled_until:
        return None
    return await _replace_members(programme, member_ids, found.settled_through)


async def _replace_members(
    programme: Programme, member_ids: Sequence[UUID], through: date
) -> list[MemberFigures]:
    found = await reading.of_members(member_ids)
    made = {
        member_id: figures.of_member(tables, programme, through)
        for member_id, tables in found.items()
    }
    whose = list(member_ids)
    await update("DELETE FROM member_month WHERE member_id = ANY($1::uuid[])", whose)
    await update("DELETE FROM member_span WHERE member_id = ANY($1::uuid[])", whose)
    await _add_months(made)
    await _add_spans(made)
    return list(made.values())


_MONTH_COLUMNS = {
    "bookings": "int",
    "cash": "bigint",
    "granted": "bigint",
    "redeemed": "bigint",
    "expired": "bigint",
    "reward_cost": "bigint",
    "trips": "int",
    "active": "boolean",
}
"""Columns of a member's month, and the types of their parameters."""

_ADD_MONTHS = (
    f"INSERT INTO member_month (member_id, month, {', '.join(_MONTH_COLUMNS)}) "
    "SELECT * FROM unnest($1::uuid[], $2::date[], "
    + ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(_MONTH_COLUMNS.values(), 3))
    + ")"
)


async def _add_months(made: Mapping[UUID, MemberFigures]) -> None:
    found: list[tuple[UUID, date, Month]] = [
        (member_id, month, row)
        for member_id, one in made.items()
        for month, row in sorted(one.months.items())
    ]
    await rows(
        _ADD_MONTHS,
        [member_id for member_id, _, _ in found],
        [month for _, month, _ in found],
        *([getattr(row, name) for _, _, row in found] for name in _MONTH_COLUMNS),
    )


async def _add_spans(made: Mapping[UUID, MemberFigures]) -> None:
    await rows(
        "INSERT INTO member_span (member_id, joined, first_booking, second_booking) "
        "SELECT * FROM unnest($1::uuid[], $2::date[], $3::date[], $4::date[])",
        list(made),
        [one.span.joined for one in made.values()],
        [one.span.first_booking for one in made.values()],
        [one.span.second_booking for one in made.values()],
    )


async def _replace_figures(
    programme: Programme,
    known: tuple[date, date],
    sums: Mapping[Figure, int],
    *,
    settling: bool = False,
) -> None:
    """Replace the figures that became known from one day through another."""
    found = await books.lock(programme.id)
    if settling and (found is None or found.next_day != known[1]):
        return
    await update(
        "DELETE FROM figure_day WHERE programme_id = $1 AND known_day BETWEEN $2 AND $3",
        programme.id,
        *known,
    )
    kept = sorted((of, value) for of, value in sums.items() if value)
    for first in range(0, len(kept), ROWS_MAX):
        some = kept[first : first + ROWS_MAX]
        await rows(
            "INSERT INTO figure_day (programme_id, known_day, day, measure, product, city, tier, "
            "status, value) SELECT $1, f.* FROM unnest($2::date[], $3::date[], $4::text[], "
            "$5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[]) f",
            programme.id,
            *([of[column] for of, _ in some] for column in range(len(Figure._fields))),
            [value for _, value in some],
        )
