"""Purses: prepaid points of partners, from which points granted by their rules are taken.

The last limit of all: what limits, caps and budgets leave is granted as far as the purse suffices,
one award after the other, as several rules may share a purse.
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


class PurseDraw(Protocol):
    """Points that a rule would grant from a purse; below zero, points returned to it."""

    @property
    def rule(self) -> str: ...
    @property
    def points(self) -> int: ...
    @property
    def purse(self) -> UUID | None: ...


async def of_rules(programme_id: UUID, policy: Policy, now: datetime) -> Mapping[str, UUID]:
    """By rule, the partner whose prepaid points fund what is recorded now; without rules funded by
    the programme, or by a partner that pays afterwards.
    """
    funded = funders.by_rule(policy)
    if not funded:
        return NONE
    month = dates.local_date(now, policy.zone).replace(day=1)
    found = await prepaid.of_codes(programme_id, set(funded.values()), month)
    return {rule: found[code] for rule, code in funded.items() if code in found}


async def of_funders(programme: Programme, now: datetime) -> Mapping[str, UUID]:
    """By code, the partners whose prepaid points fund what is recorded now, under any version."""
    codes = {
        code for version in programme.versions for code in funders.by_rule(version.policy).values()
    }
    if not codes:
        return NONE
    month = dates.local_date(now, programme.as_of(now).policy.zone).replace(day=1)
    return await prepaid.of_codes(programme.id, codes, month)


async def lock(programme_id: UUID, wanted: Iterable[PurseDraw]) -> dict[UUID, int]:
    """Lock these partners' purses until the transaction ends; returns what is left of each."""
    named = {one.purse for one in wanted if one.purse is not None}
    return await prepaid.lock(programme_id, sorted(named)) if named else {}


def share(
    wanted: Iterable[PurseDraw], granted: Mapping[int, int], left: Mapping[UUID, int]
) -> tuple[dict[int, int], Counter[UUID]]:
    """The part of what it was `granted` that each gets, in order, by place; and what is taken from
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
