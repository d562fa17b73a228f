"""Offers of one member, with what is left of limits, of the member's caps, and of budgets."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from domain.activities import activity_reads
from domain.earning import budgets, judging, limits, member_caps, reservations, tallies
from domain.earning.budgets import BudgetDraw
from domain.earning.values import Allowance
from domain.grants import mission_reads
from domain.grants.mission_reads import MissionStatus
from domain.kernel import dates
from domain.members import endings, particulars
from domain.members.statuses import MemberStatus
from domain.offers import values
from domain.offers.values import Offer, Offered
from domain.programmes.grants import Mission
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme
from domain.programmes.rules import ActivityRule


def offered(policy: Policy) -> list[Offered]:
    """Rules, activities and missions that can be offers."""
    rules: list[Offered] = [rule for rule in policy.rules.values() if rule.offer]
    return rules + [grant for grant in policy.grants if isinstance(grant, Mission)]


async def of_members(
    member_ids: Sequence[UUID], programme: Programme, tier: str, now: datetime, has_merged: bool
) -> dict[UUID, list[Offer]]:
    """By member, the present offers to members with this tier; either all or none of them have
    members merged into them; a member who is not enrolled has none.

    Their data are read for all together; limits and caps, where rules have any, for each.
    """
    policy, found = (
        programme.as_of(now).policy,
        {member_id: list[Offer]() for member_id in member_ids},
    )
    offerable = offered(policy)
    if not offerable:
        return found
    known = await particulars.of_many(member_ids, policy)
    enrolled = [one for one in member_ids if known[one].status is MemberStatus.ENROLLED]
    counted = await tallies.load(enrolled, policy, now, *(rule.when for rule in offerable))
    missions = await mission_reads.of_members(enrolled, programme, now)
    draws = [
        BudgetDraw(rule.code, budgets.period(rule.budget, now, policy), rule.budget.points, 0)
        for rule in offerable
        if rule.budget is not None
    ]
    budget = await reservations.left(programme.id, draws, now)
    today = dates.local_date(now, policy.zone)
    for one in enrolled:
        facts = judging.to_facts(policy, known[one], tier, now, counted[one])
        whose = await endings.family(one) if has_merged else [one]
        left = await _left((programme.id, one, whose), policy, offerable, now)
        left = budgets.within(left, budget)
        ends = {
            made.mission.code: made.days.ends
            for made in missions[one]
            if made.status is MissionStatus.OPEN
        }
        found[one] = values.shown(policy, facts, left, today, ends)
    return found


async def _left(
    key: tuple[UUID, UUID, Sequence[UUID]],
    policy: Policy,
    offered: Iterable[Offered],
    now: datetime,
) -> dict[str, Allowance]:
    """Remainders of limits and caps of these rules for a member, given with its programme and the
    members merged into it.
    """
    programme_id, member_id, whose = key
    earned = await limits.granted(whose, policy, now, now)
    capped = await member_caps.left_at(member_id, policy, now, now)
    left = limits.allowances(policy, earned, now, capped)
    if await limits.is_paid_before(programme_id, member_id, policy, now):
        left = limits.without_once(policy, left)
    for rule in offered:
        if isinstance(rule, ActivityRule):
            left[rule.code] = Allowance(
                times=await activity_reads.times_left(whose, rule, now, policy)
            )
    return left
