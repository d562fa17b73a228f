"""Funders: who pays for the points of a rule, the programme or one of its partners."""

from collections.abc import Iterator
from uuid import UUID

from domain.kernel.database import rows
from domain.kernel.refusals import InvalidInput
from domain.programmes.policy import Policy
from domain.programmes.rules import PROGRAMME_FUNDER

KNOWN_MAX = 50
"""How many partners' codes a refusal lists."""


async def check(programme_id: UUID | None, policy: Policy) -> None:
    """Every funder is the programme or a partner of it; None is a programme not made yet.

    Raises: InvalidInput.
    """
    named = {code: path for path, code in _named(policy) if code != PROGRAMME_FUNDER}
    if not named:
        return
    found = await rows(
        "SELECT code FROM partner WHERE programme_id = $1 ORDER BY code", programme_id
    )
    known = [partner["code"] for partner in found]
    for code, path in named.items():
        if code not in known:
            allowed = (PROGRAMME_FUNDER, *known[:KNOWN_MAX])
            raise InvalidInput("unknown_funder", code, allowed, path=path)


def by_rule(policy: Policy) -> dict[str, str]:
    """By rule, activity or grant that a partner pays for, the partner's code."""
    every = (*policy.earning, *policy.activities, *policy.grants)
    return {one.code: one.funder for one in every if one.funder != PROGRAMME_FUNDER}


def paid_for(policy: Policy, funder: str) -> list[str]:
    """Rules, activities and grants whose points this one pays for, in document order."""
    every = (*policy.earning, *policy.activities, *policy.grants)
    return [one.code for one in every if one.funder == funder]


def _named(policy: Policy) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each funder with its place in the document."""
    for section in ("earning", "activities", "grants"):
        for place, rule in enumerate(getattr(policy, section)):
            yield ("document", section, str(place), "funder"), rule.funder
