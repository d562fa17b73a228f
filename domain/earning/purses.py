"""Purses: prepaid points of partners, from which what their rules grant is taken.

The last clip of all: what limits, caps and budgets leave is granted as far as its purse goes, one
award after the other, as several rules may share one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.kernel import dates
from domain.partners import prepaid
from domain.programmes import funders
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme

NONE: Mapping[str, UUID] = {}


class Wanted(Protocol):
    """Points that a rule would grant out of a purse; below zero it gives back."""

    @property
    def rule(self) -> str: ...
    @property
    def points(self) -> int: ...
    @property
    def purse(self) -> UUID | None: ...


async def of_rules(programme_id: UUID, policy: Policy, now: datetime) -> Mapping[str, UUID]:
    """By rule, the partner whose prepaid points pay for what is recorded now; none of rules that
    the programme pays for, or a partner afterwards.
    """
    funded = funders.by_rule(policy)
    if not funded:
        return NONE
    month = dates.local_date(now, policy.zone).replace(day=1)
    found = await prepaid.of_codes(programme_id, set(funded.values()), month)
    return {rule: found[code] for rule, code in funded.items() if code in found}


async def of_funders(programme: Programme, now: datetime) -> Mapping[str, UUID]:
    """By code, the partners that pay beforehand for what is recorded now, by any version."""
    codes = {
        code for version in programme.versions for code in funders.by_rule(version.policy).values()
    }
    if not codes:
        return NONE
    month = dates.local_date(now, programme.as_of(now).policy.zone).replace(day=1)
    return await prepaid.of_codes(programme.id, codes, month)


async def lock(programme_id: UUID, wanted: Iterable[Wanted]) -> dict[UUID, int]:
    """What is left of the purses of these, which stay locked until the transaction ends."""
    named = {one.purse for one in wanted if one.purse is not None}
    return await prepaid.lock(programme_id, sorted(named)) if named else {}


def share(
    wanted: Iterable[Wanted], granted: Mapping[int, int], left: Mapping[UUID, int]
) -> tuple[dict[int, int], Counter[UUID]]:
    """What each gets of what it was `granted`, by its place, in their order; and what is taken of
    each purse.
    """
    shares, taken, rest = dict(granted), Counter[UUID](), dict(left)
    for place, one in enumerate(wanted):
        if one.purse is None:
            continue
        points = shares[place]
        if points > 0:
            points = max(0, min(points, rest[one.purse]))
        shares[place] = points
        rest[one.purse] -= points
        taken[one.purse] += points
    return shares, taken
