"""Offers of one member, with what is left of limits, of the member's caps, and of budgets."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from domain.activities import activity_reads
from domain.earning import budgets, judging, limits, member_caps, reservations, tallies
from domain.earning.budgets import Claim
from domain.earning.values import Allowance
from domain.grants import mission_reads
from domain.grants.mission_reads import MissionStatus
from domain.kernel import dates
from domain.members import particulars
from domain.members.statuses import MemberStatus
from domain.offers import values
from domain.offers.values import Offer, Offered
from domain.programmes.grants import Mission
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme
from domain.programmes.rules import ActivityRule


async def of(programme: Programme, member_id: UUID, tier: str, now: datetime) -> list[Offer]:
    """What the member, whose tier is this one, can gain now; whoever is not enrolled has none.

    Raises: NotFound.
    """
    policy = programme.as_of(now).policy
    offered: list[Offered] = [rule for rule in policy.rules.values() if rule.offer]
    offered += [grant for grant in policy.grants if isinstance(grant, Mission)]
    if not offered:
        return []
    member = await particulars.of(member_id, policy)
    if member.status is not MemberStatus.ENROLLED:
        return []
    today = dates.local_date(now, policy.zone)
    tally = await tallies.of(member_id, policy, now, *(rule.when for rule in offered))
    facts = judging.to_facts(policy, member, tier, now, tally)
    left = await _left(programme.id, member_id, policy, offered, now)
    missions = (await mission_reads.of_members([member_id], programme, now))[member_id]
    ends = {one.mission.code: one.days.ends for one in missions if one.status is MissionStatus.OPEN}
    return values.shown(policy, facts, left, today, ends)


async def _left(
    programme_id: UUID,
    member_id: UUID,
    policy: Policy,
    offered: Iterable[Offered],
    now: datetime,
) -> dict[str, Allowance]:
    """What limits and caps leave of these rules to the member, and budgets to everybody."""
    rules = list(offered)
    earned = await limits.granted(member_id, policy, now, now)
    capped = await member_caps.left_at(member_id, policy, now, now)
    left = limits.allowances(policy, earned, now, capped)
    for rule in rules:
        if isinstance(rule, ActivityRule):
            left[rule.code] = Allowance(
                times=await activity_reads.times_left(member_id, rule, now, policy)
            )
    claims = [
        Claim(rule.code, budgets.period(rule.budget, now, policy), rule.budget.points, 0)
        for rule in rules
        if rule.budget is not None
    ]
    return budgets.within(left, await reservations.left(programme_id, claims, now))
