"""The entry into a tier: the grants that it causes, and those ended by a refund that takes the
tier.
"""

from collections.abc import Sequence

from domain.grants.grant_progress import rule_of
from domain.grants.values import Changes, Fact, GrantRecord, Occasion
from domain.programmes.grants import TierEntry
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme, Version
from domain.tiers.values import POLICY, REFUND, UPGRADE, NewChange


def judge(
    programme: Programme,
    version: Version,
    fact: Fact,
    decided: Sequence[NewChange],
    known: Sequence[GrantRecord],
) -> Changes:
    """Changes of grants by these changes of the earned tier, in order.

    A rise causes the grants of the tier that it reaches, and none of tiers that it skips; grants
    that a refund took before stand again up to that tier. A loss by a refund ends those above.
    """
    found = Changes()
    own = [one for one in known if is_entry(programme, one)]
    reversed_before = {one.id: one.reversed for one in own}
    for change in decided:
        newest = programme.as_of(change.at).policy
        rank = newest.rank(change.holding.earned)
        for one in own:
            was, there = reversed_before[one.id], newest.rank(one.occurrence)
            if change.reason == REFUND and there > rank and not was and _taken_back(programme, one):
                reversed_before[one.id] = True
            elif change.reason in (UPGRADE, POLICY) and there <= rank and was and not one.final:
                reversed_before[one.id] = False
        if change.reason in (UPGRADE, POLICY):
            given = {(one.rule, newest.rank(one.occurrence)) for one in own}
            earned = newest.tier_code(change.holding.earned)
            before = {rule for rule, at in given if at == rank}
            found.come += _come(version, newest, fact, earned, before)
    found.ended = [one for one in own if reversed_before[one.id] and not one.reversed]
    found.again = [one for one in own if not reversed_before[one.id] and one.reversed]
    return found


def _come(
    version: Version, newest: Policy, fact: Fact, tier: str, before: set[str]
) -> list[Occasion]:
    return [
        Occasion(grant, version, tier, fact.occurred_at, fact.id)
        for grant in version.policy.grants
        if isinstance(grant, TierEntry)
        and grant.code not in before
        and tier in map(newest.tier_code, grant.tiers)
    ]


def is_entry(programme: Programme, one: GrantRecord) -> bool:
    """Whether it was given for a tier; its points do not count toward one."""
    return isinstance(rule_of(programme, one), TierEntry)


def _taken_back(programme: Programme, one: GrantRecord) -> bool:
    rule = rule_of(programme, one)
    return rule is not None and rule.take_back
