"""Rows of the journal and of the liability, computed from the results of all members' entries
(pure).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from domain.finance import breakage
from domain.finance.accounts import Books, JournalKey, Moved, Position
from domain.finance.breakage import CohortKey, Cohorts
from domain.finance.replay import policy_at
from domain.kernel import dates
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Level:
    """Remaining points, and the amount deferred for them."""

    points: int = 0
    amount: int = 0


Levels = dict[tuple[str, str], Level]
"""Levels by the month in which points expire, and their payer."""

Lines = dict[JournalKey, Moved]


def journal(programme: Programme, before: Cohorts, sums: Books, days: tuple[date, date]) -> Lines:
    """Rows of the journal from one day through another: amounts moved by entries, and amounts
    recognised at ends of months. `before` are the cohorts until then, if a month ends on these
    days; they are updated.
    """
    made, pending, place = Books(), sorted(sums.lines.items()), 0
    made.include(sums)
    for end in month_ends(sums, days, begun=bool(before)):
        while place < len(pending) and pending[place][0].day <= end:
            of, moved = pending[place]
            breakage.count(before, of.account, CohortKey(of.cohort, of.funder), moved)
            place += 1
        made.include(breakage.recognise(before, policy_on(programme, end).finance, end))
    return {of: moved for of, moved in made.lines.items() if not moved.is_nothing}


def liability(before: Levels, sums: Books, days: tuple[date, date]) -> dict[date, Levels]:
    """Deferred amounts at the ends of months, and at the end of the last of these days."""
    ends = sorted({*month_ends(sums, days, begun=bool(before)), days[1]})
    moved = sorted(sums.points.keys() | sums.amounts.keys())
    levels, made, place = dict(before), dict[date, Levels](), 0
    for end in ends:
        while place < len(moved) and moved[place].day <= end:
            _apply(levels, sums, moved[place])
            place += 1
        made[end] = {of: level for of, level in levels.items() if level != Level()}
    return made


def _apply(levels: Levels, sums: Books, of: Position) -> None:
    known = levels.get((of.expiry_month, of.funder), Level())
    points, amount = known.points + sums.points[of], known.amount + sums.amounts[of]
    levels[of.expiry_month, of.funder] = Level(points, amount)


def month_ends(sums: Books, days: tuple[date, date], *, begun: bool) -> Iterator[date]:
    """Last days of months among these days, from the first day with a change, if nothing had
    `begun` before.
    """
    first, last = days
    if not begun:
        moved = [*(one.day for one in sums.lines), *(one.day for one in sums.points)]
        first = min(moved, default=date.max)
    while first <= last and (end := dates.month_end(first)) <= last:
        yield end
        if end == date.max:
            return
        first = dates.add_days(end, 1)


def ends_a_month(days: tuple[date, date]) -> bool:
    """Whether a month ends on one of these days: only then cohorts are needed."""
    first, last = days
    return dates.month_end(first) <= last


def policy_on(programme: Programme, day: date) -> Policy:
    """The policy in force at the end of a day."""
    ends = dates.end_of_day(day, programme.versions[0].policy.zone)
    return policy_at(programme, ends - _INSTANT)
