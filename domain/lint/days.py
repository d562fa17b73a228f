"""Days: one for each stretch of time that the rules of a document distinguish.

Seasons and periods of validity begin and end on boundaries. Between two of them only the weekday
matters, so the first day of each weekday after a boundary stands for all the others.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise

from domain.programmes.grants import Mission, MissionWindow
from domain.programmes.policy import Policy
from domain.programmes.rules import Validity
from domain.programmes.seasons import Span

CYCLE_YEARS = 28
"""Years after which the weekdays of the calendar repeat."""

_DAY = timedelta(days=1)
_WEEK = tuple(timedelta(days=count) for count in range(7))


def stretches(policy: Policy, since: date) -> tuple[date, ...]:
    """A day of each stretch of all time, earliest first; `since` begins a stretch, too."""
    explicit = {since, *_of_validity(policy), *_of_dated_spans(policy)}
    begins = sorted(explicit | set(_of_yearly_spans(policy, explicit)))
    ends = [later(begins[0], -7), *begins, date.max]
    steps = _WEEK if _asks_for_weekdays(policy) else _WEEK[:1]
    found = (
        first + step
        for first, after in pairwise(ends)
        for step in steps
        if first == since or after - first > step
    )
    return tuple(sorted(set(found)))


def _of_validity(policy: Policy) -> Iterator[date]:
    for rule in (*policy.rules.values(), *policy.grants):
        yield from _bounds(rule.valid)
    for grant in policy.grants:
        if isinstance(grant, Mission):
            yield from _bounds(grant.window)


def _bounds(valid: Validity | MissionWindow) -> Iterator[date]:
    if valid.from_ is not None:
        yield valid.from_
    if valid.through is not None:
        yield later(valid.through, 1)


def _spans(policy: Policy) -> Iterator[Span]:
    for season in policy.seasons:
        yield from season.spans


def _of_dated_spans(policy: Policy) -> Iterator[date]:
    for span in _spans(policy):
        if isinstance(span.from_, date) and isinstance(span.through, date):
            yield from (span.from_, later(span.through, 1))


def _of_yearly_spans(policy: Policy, explicit: Iterable[date]) -> Iterator[date]:
    """Boundaries in each year of a cycle after each of the other boundaries."""
    yearly = [span for span in _spans(policy) if not isinstance(span.from_, date)]
    if not yearly:
        return
    cycle = CYCLE_YEARS if _asks_for_weekdays(policy) else 1
    years = {day.year + count for day in explicit for count in range(-1, cycle + 1)}
    for year in years:
        if date.min.year < year < date.max.year:
            for span in yearly:
                yield span.begins(year)
                yield later(span.ends(year), 1)


def _asks_for_weekdays(policy: Policy) -> bool:
    steps = (grant.steps for grant in policy.grants if isinstance(grant, Mission))
    whens = [*policy.selectors, *(step.when for one in steps for step in one)]
    return any(when.weekdays or getattr(when, "travel_weekdays", None) for when in whens)


def later(day: date, count: int) -> date:
    """The day this many days later; the calendar's first or last day beyond its ends."""
    try:
        return day + _DAY * count
    except OverflowError:
        return date.max if count > 0 else date.min
