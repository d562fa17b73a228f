"""Offers of one member, with what is left of their limits and budgets."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from domain.activities import activity_reads
from domain.earning import budgets, judging, limits, reservations, tallies
from domain.earning.budgets import Claim
from domain.earning.values import Allowance
from domain.kernel import dates
from domain.members import particulars
from domain.members.statuses import MemberStatus
from domain.offers import values
from domain.offers.values import Offer
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme
from domain.programmes.rules import ActivityRule, EarningRule


async def of(programme: Programme, member_id: UUID, tier: str, now: datetime) -> list[Offer]:
    """What the member, whose tier is this one, can gain now; whoever is not enrolled has none.

    Raises: NotFound.
    """
    policy = programme.as_of(now).policy
    offered = [rule for rule in policy.rules.values() if rule.offer]
    if not offered:
        return []
    member = await particulars.of(member_id, policy)
    if member.status is not MemberStatus.ENROLLED:
        return []
    today = dates.local_date(now, policy.zone)
    tally = await tallies.of(member_id, policy, now, *(rule.when for rule in offered))
    facts = judging.to_facts(policy, member, tier, now, tally)
    left = await _left(programme.id, member_id, policy, offered, now)
    return values.shown(policy, facts, left, today)


async def _left(
    programme_id: UUID,
    member_id: UUID,
    policy: Policy,
    offered: Iterable[EarningRule | ActivityRule],
    now: datetime,
) -> dict[str, Allowance]:
    """What limits leave of these rules to the member, and budgets to everybody."""
    rules = list(offered)
    earned = await limits.granted(member_id, policy, now, now)
    left = limits.allowances(policy, earned, now)
    for rule in rules:
        if isinstance(rule, ActivityRule):
            left[rule.code] = Allowance(
                times=await activity_reads.times_left(member_id, rule, now, policy)
            )
    periods = budgets.periods(policy, now)
    claims = [
        Claim(rule.code, periods[rule.code], rule.budget.points, 0)
        for rule in rules
        if rule.budget is not None
    ]
    return budgets.within(left, await reservations.left(programme_id, claims, now))
