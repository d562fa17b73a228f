"""Milestones: which numbers of a count a fact has reached, and whether they stand."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from domain.kernel import dates
from domain.programmes.counts import Count
from domain.programmes.grants import Milestone
from domain.programmes.policy import Policy

AT_ONCE_MAX = 100
"""How many multiples one fact brings; those beyond them are lost."""

_CHARACTERS = {"day": 10, "month": 7, "year": 4}


def number(policy: Policy, grant: Milestone) -> int:
    """What is to be reached, or a multiple of it; of spend in minor units."""
    wanted = grant.every if grant.at is None else grant.at
    if wanted is None:
        raise ValueError(f"milestone {grant.code} has no number")
    of_money = policy.counts[grant.count].of == "spend"
    return policy.minor_units(wanted) if of_money else int(wanted)


def reached(
    policy: Policy,
    grant: Milestone,
    before: Mapping[str, int],
    after: Mapping[str, int],
    instant: datetime,
) -> Iterator[str]:
    """The occurrences that a fact of this instant lifts its count to, or above."""
    wanted, count = number(policy, grant), policy.counts[grant.count]
    was, found = before[grant.count], after[grant.count]
    if grant.at is not None:
        if was < wanted <= found:
            yield f"{_period(policy, count, instant)}at:{_text(grant)}"
        return
    first = max(was, 0) // wanted + 1
    for multiple in range(first, min(found // wanted, first + AT_ONCE_MAX - 1) + 1):
        yield f"{_period(policy, count, instant)}every:{multiple}"


def least(policy: Policy, grant: Milestone, occurrence: str) -> int:
    """What the count has to be for this occurrence to stand."""
    wanted = number(policy, grant)
    if grant.at is not None:
        return wanted
    return wanted * int(occurrence.rpartition(":")[2])


def judged_at(policy: Policy, count: Count, instant: datetime) -> datetime | None:
    """The instant by which the window around `instant` is over; None for all time."""
    if count.per is None and count.days is None:
        return None
    end = dates.period_bounds(instant, count.per or "day", policy.zone)[1]
    return end - timedelta(microseconds=1)


def _period(policy: Policy, count: Count, instant: datetime) -> str:
    if count.per is None:
        return ""
    day = dates.local_date(instant, policy.zone).isoformat()
    return f"{day[: _CHARACTERS[count.per]]}:"


def _text(grant: Milestone) -> str:
    return "" if grant.at is None else format(grant.at.normalize(), "f")
