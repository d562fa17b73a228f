"""Recording: the journal and the liability of settled days, as stored.

Everything stored here can be computed again from the ledger, with the same result; closed months
are not changed.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date
from functools import partial

from domain.books import books
from domain.books.books import Books as Settled
from domain.finance import days, keeping, reading
from domain.finance.accounts import Books
from domain.finance.breakage import Cohorts
from domain.insight import reading as touched
from domain.insight.rollups import Batch, DayInProgress
from domain.kernel import dates
from domain.kernel.database import transact
from domain.programmes import programmes
from domain.programmes.programmes import Programme


async def record_day(programme: Programme, day: date) -> None:
    """Record the journal of a day, when all its entries are written but it is not settled yet.

    The first day includes everything before it; so does a day without earlier rows, as in a
    database whose days were settled before there was a journal. A repetition has the same result;
    if another worker has settled the day meanwhile, nothing happens.

    Raises: ConcurrentRequest.
    """
    found = await books.get(programme.id)
    if found is None or found.next_day != day:
        return
    # with versions that were published since, by which lots are valued
    programme = await programmes.get(programme.code)
    if not any(version.policy.has_points for version in programme.versions):
        return
    first = found.settled_through is None or await _is_missing(programme)
    since, sums = _since(found) if first else day, Books()
    known, before = await reading.prices(programme), await _before(programme, (since, day))
    async for member_ids in touched.everybody_or_touched(programme, day, everybody=first):
        for one in await reading.replayed(programme, known, member_ids, day):
            sums.include(one.books, since, day)
    await transact(partial(_replace, programme, (since, day), sums, before, _is_next(day)))


async def rebuild(programme: Programme) -> AsyncIterator[Batch]:
    """Compute all rows of the settled days again, and replace them, except those of closed months.

    Requests continue meanwhile.

    Raises: ConcurrentRequest, DayInProgress where a day is being settled, or was settled or a
        month closed meanwhile.
    """
    found = await books.get(programme.id)
    if found is None or found.settled_through is None:
        return
    since, through, sums = _since(found), found.settled_through, Books()
    if since > through:
        # the last settled day is the end of a closed month
        return
    known = await reading.prices(programme)
    before = await _before(programme, (since, through))
    async for member_ids in touched.all_members(programme):
        for one in await reading.replayed(programme, known, member_ids, through):
            sums.include(one.books, since, through)
        yield Batch(len(member_ids))
    is_still = _is_still(programme, found)
    if not await transact(partial(_replace, programme, (since, through), sums, before, is_still)):
        raise DayInProgress


def _since(found: Settled) -> date:
    """The first day that is not closed."""
    return date.min if found.closed_through is None else dates.add_days(found.closed_through, 1)


async def _is_missing(programme: Programme) -> bool:
    """Whether rows are missing although points were moved: without points there are none."""
    return not await keeping.is_there(programme.id) and await reading.has_entries(programme)


async def _before(programme: Programme, span: tuple[date, date]) -> Cohorts:
    """The cohorts before these days. They are summed only if a month ends, and without a lock: only
    a rebuild replaces their rows, and none does while a day is being settled.
    """
    if not days.ends_a_month(span) or span[0] == date.min:
        return {}
    return await keeping.cohorts(programme.id, span[0])


def _is_next(day: date) -> Callable[[Settled], bool]:
    return lambda found: found.next_day == day


def _is_still(programme: Programme, known: Settled) -> Callable[[Settled], bool]:
    """Whether the books are unchanged, and no day is being settled: a worker that settles one has
    already read the rows that would be replaced.
    """
    zone = programme.versions[0].policy.zone

    def same(found: Settled) -> bool:
        last = found.settled_through
        kept = known.settled_through, known.closed_through
        between = last is not None and dates.end_of_day(last, zone) == found.settled_until
        return between and (last, found.closed_through) == kept

    return same


async def _replace(
    programme: Programme,
    span: tuple[date, date],
    sums: Books,
    before: Cohorts,
    is_as_known: Callable[[Settled], bool],
) -> bool:
    """Replace the rows from one day through another; returns whether the books are still as the
    caller knew them when it computed the rows. `before` are the cohorts before these days.
    """
    found = await books.lock(programme.id)
    if found is None or not is_as_known(found):
        return False
    since, _ = span
    # a repeated transaction begins with the original cohorts
    cohorts = {key: replace(one) for key, one in before.items()}
    lines = days.journal(programme, cohorts, sums, span)
    standing = {}
    if since != date.min:
        standing = await keeping.levels(programme.id, dates.add_days(since, -1))
    levels = days.liability(standing, sums, span)
    await keeping.replace_journal(programme.id, span, lines)
    await keeping.replace_liability(programme.id, since, levels)
    return True
