"""Milestones: the numbers of a count that a fact has reached, and whether they stand."""

from collections.abc import Container
from datetime import datetime, timedelta
from itertools import islice
from operator import length_hint

from domain.kernel import dates
from domain.programmes.counts import Count
from domain.programmes.grants import Milestone
from domain.programmes.policy import Policy

_CHARACTERS = {"day": 10, "month": 7, "year": 4}


def number(policy: Policy, grant: Milestone) -> int:
    """The number to reach, or a multiple of it; spend in minor units."""
    wanted = grant.every if grant.at is None else grant.at
    if wanted is None:
        raise ValueError(f"milestone {grant.code} has no number")
    of_money = policy.counts[grant.count].of == "spend"
    return policy.minor_units(wanted) if of_money else int(wanted)


def reached(
    policy: Policy,
    grant: Milestone,
    lifted: tuple[int, int],
    instant: datetime,
    known: Container[str],
    most: int,
) -> tuple[list[str], int]:
    """The occurrences caused by a fact of this instant that raises the count from the first number
    to the second, without known ones, at most `most`; and the number of further ones.
    """
    wanted, period = number(policy, grant), _period(policy, policy.counts[grant.count], instant)
    was, found = lifted
    if grant.at is not None:
        named = f"{period}at:{_text(grant)}"
        return ([named] if was < wanted <= found and named not in known else []), 0
    multiples = iter(range(max(was, 0) // wanted + 1, found // wanted + 1))
    come = (named for k in multiples if (named := f"{period}every:{k}") not in known)
    return list(islice(come, most)), length_hint(multiples)


def least(policy: Policy, grant: Milestone, occurrence: str) -> int:
    """Least count for this occurrence to stand."""
    wanted = number(policy, grant)
    if grant.at is not None:
        return wanted
    return wanted * int(occurrence.rpartition(":")[2])


def judged_at(policy: Policy, count: Count, instant: datetime) -> datetime | None:
    """The instant at which the window around `instant` ends; None for all time."""
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
