"""Played grants: grants that a side gives after a fact, reverses, and restores.

The functions that decide this live decide it here. Rewards and perks, which are no points, are not
played: no figure contains them, and no rule counts them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from domain.backtests import counted, played_deeds
from domain.backtests.facts import Referring
from domain.backtests.sides import PlayedGrant, Side
from domain.earning import awards, budgets, judging, matching, member_caps
from domain.earning.budgets import BudgetDraw
from domain.earning.limits import Grant
from domain.grants import entries, giving, grant_progress, milestones, missions, referred, taking
from domain.grants.grant_progress import GrantProgress
from domain.grants.referred import Referred
from domain.grants.values import Changes, Fact, GrantRecord, Occasion
from domain.kernel import dates
from domain.kernel.ids import id_of
from domain.ledger import clawbacks
from domain.ledger.values import SYSTEM, Cause
from domain.members.statuses import MemberStatus
from domain.programmes.grants import Milestone, Mission
from domain.programmes.programmes import Version
from domain.tiers.values import Credit, Qualifying


def known(side: Side) -> list[GrantRecord]:
    """All grants of this side, the first one first."""
    return [one.given for one in side.grants.values()]


def look(side: Side, fact: Fact) -> GrantProgress:
    """The member's state concerning grants that a fact may cause and that were not given yet."""
    version = side.programme.as_of(fact.occurred_at)
    policy = version.policy
    codes = dict.fromkeys(g.count for g in policy.grants if isinstance(g, Milestone))
    numbers = counted.numbers(side, policy, codes, fact.occurred_at)
    given = {(one.given.rule, one.given.occurrence) for one in side.grants.values()}
    day = dates.local_date(fact.occurred_at, policy.zone)
    joined = dates.local_date(side.life.joined_at, policy.zone)
    asked = [
        grant
        for grant in policy.grants
        if isinstance(grant, Mission)
        and grant.gives.points
        and (grant.code, missions.occurrence(grant)) not in given
        and missions.days(grant, joined).covers(day)
    ]
    done = frozenset(one.code for one in asked if _is_done(side, version, one))
    return GrantProgress(version, fact, numbers, done)


def _is_done(side: Side, version: Version, mission: Mission) -> bool:
    member = side.particulars(version.policy)
    deeds = played_deeds.of_side(side, {step.fact for step in mission.steps})
    return missions.is_done(mission, missions.progress(version.policy, mission, member, deeds))


def evaluate(
    side: Side, fact: Fact, before: GrantProgress, referral: Referring | None = None
) -> None:
    """Give, reverse and restore the grants that follow this fact, then those that follow the change
    of the tier.
    """
    after, given = look(side, fact), known(side)
    own = _of_referral(side, referral, given) if referral else Changes()
    stands = {one.id: _stands(side, one) for one in given}
    again = [one for one in given if one.reversed and stands[one.id] is True]
    changes = Changes(
        [*own.come, *grant_progress.come(before, after, given, again)],
        [*own.ended, *(one for one in given if one.stands and stands[one.id] is False)],
        [*own.again, *again],
    )
    apply(side, changes)
    evaluate_tier(side, fact)


def evaluate_tier(side: Side, fact: Fact) -> None:
    """Settle the grants of the changes of the earned tier that were decided since the last call."""
    decided, side.decided = side.decided, []
    if not decided:
        return
    version = side.programme.as_of(fact.occurred_at)
    apply(side, entries.judge(side.programme, version, fact, decided, known(side)))
    side.decided = []


def _of_referral(side: Side, what: Referring, given: Sequence[GrantRecord]) -> Changes:
    if what.fact_at is None:
        return Changes()
    version = side.programme.as_of(what.joined_at)
    fact = Fact(what.referral_id, what.fact_at)
    judged = Referred(what.side, what.friend_id, fact, version, what.stands)
    return referred.judge(side.programme, judged, given)


def _stands(side: Side, one: GrantRecord) -> bool | None:
    """Whether a milestone or mission is reached by facts in their present state; None for grants
    that facts do not end.
    """
    rule = None if one.final else grant_progress.rule_of(side.programme, one)
    if rule is None or not rule.take_back:
        return None
    version = side.programme.version(one.policy_version_id)
    if isinstance(rule, Milestone):
        policy = version.policy
        at = milestones.judged_at(policy, policy.counts[rule.count], one.occurred_at)
        numbers = counted.numbers(side, policy, [rule.count], at or one.occurred_at)
        return numbers[rule.count] >= milestones.least(policy, rule, one.occurrence)
    return _is_done(side, version, rule) if isinstance(rule, Mission) else None


def give_on_day(side: Side, occasion: Occasion) -> None:
    """Give the grant of a day."""
    side.decided = []
    apply(side, Changes([occasion]))
    evaluate_tier(side, Fact(_id(occasion), occasion.occurred_at))


def take_back(side: Side, rule: str, occurrence: str) -> None:
    """Take a grant back for good, if this side gave it and it stands."""
    for one in known(side):
        if (one.rule, one.occurrence) == (rule, occurrence) and one.stands:
            apply(side, Changes(ended=[one]))
            side.grants[one.id].given = replace(side.grants[one.id].given, final=True)


def apply(side: Side, changes: Changes) -> None:
    """Apply all changes: caps first, then budgets."""
    come = [one for one in changes.come if one.points and _comes(side, one)]
    if not (come or changes.ended or changes.again):
        return
    counts: list[Credit] = []
    net = {one.id: side.grants[one.id].points for one in changes.ended}
    capped = _within_caps(side, changes, come, net)
    points = _exchange(side, changes, come, net, capped)
    for one in changes.ended:
        _reverse(side, one, net[one.id])
        counts += _uncounted(side, one, -net[one.id])
    for one in changes.again:
        _restore(side, one, points[one.id])
        counts += _uncounted(side, one, points[one.id])
    for occasion in come:
        given_id = _id(occasion)
        _give(side, occasion, points[given_id])
        if occasion.grant.kind != "tier_entry":
            counts.append(_credit(side, given_id, occasion.occurred_at, points[given_id]))
    _count(side, [credit for credit in counts if credit.qualifying.points])


def _id(occasion: Occasion) -> UUID:
    """The id of a grant, equal on both sides and in every round."""
    return id_of(occasion.occurred_at, occasion.grant.code, occasion.occurrence)


def _comes(side: Side, occasion: Occasion) -> bool:
    """Whether the grant's `valid` and `when` hold for its fact."""
    if side.life.status != MemberStatus.ENROLLED:
        return False
    policy, at, when = occasion.version.policy, occasion.occurred_at, occasion.grant.when
    side.assumed = side.assumed or policy.asks_for_particulars(when)
    # as the fact itself is judged, which does not see the tier that it causes
    brought = [change for change in side.decided[:1] if change.at <= at]
    tier = brought[0].from_tier if brought else side.tier_at(at)
    tally = counted.of_activity(side, policy, at, when, occasion.brought_by)
    facts = judging.to_facts(policy, side.particulars(policy), tier, at, tally)
    return matching.holds(policy, occasion.grant, facts, dates.local_date(at, policy.zone))


def _within_caps(
    side: Side, changes: Changes, come: Sequence[Occasion], net: Mapping[UUID, int]
) -> dict[UUID, int]:
    """The points of each restored or new grant, within the member's caps."""
    wanted = [
        (one.id, side.programme.version(one.policy_version_id), one.occurred_at, one.recovered)
        for one in changes.again
    ]
    wanted += [(_id(one), one.version, one.occurred_at, one.points) for one in come]
    moved = [Grant(one.rule, -net[one.id], one.occurred_at) for one in changes.ended]
    capped: dict[UUID, int] = {}
    for given_id, version, at, points in wanted:
        gained = [*side.gains(version.policy), *moved]
        left = member_caps.of_grants(version.policy, gained, at)
        capped[given_id] = points if left is None else min(points, left)
        moved.append(Grant("", capped[given_id], at))
    return capped


def _exchange(
    side: Side,
    changes: Changes,
    come: Sequence[Occasion],
    net: Mapping[UUID, int],
    capped: Mapping[UUID, int],
) -> dict[UUID, int]:
    """The points of each, within budgets, to which points of ended grants return first."""
    for one in changes.ended:
        version = side.programme.version(one.policy_version_id)
        give_to_budget(side, version, (one.id, one.rule), one.occurred_at, net[one.id])
    wanted: list[tuple[UUID, BudgetDraw | None]] = []
    for one in changes.again:
        version = side.programme.version(one.policy_version_id)
        wanted.append((one.id, taking.draw_of(version, one, capped[one.id])))
    wanted += [(_id(one), giving.draw_of(one, capped[_id(one)])) for one in come]
    granted = dict(capped)
    for given_id, draw in wanted:
        if draw is not None:
            granted[given_id] = min(draw.points, side.purse.add(given_id, draw))
    return granted


def give_to_budget(
    side: Side, version: Version, what: tuple[UUID, str], occurred_at: datetime, points: int
) -> None:
    """Return these points of an activity or grant, by its id and rule, to its budget."""
    subject, rule = what
    budget = version.policy.budgets.get(rule)
    if budget is not None and points:
        period = budgets.period(budget, occurred_at, version.policy)
        side.purse.keep(subject, BudgetDraw(rule, period, budget.points, -points), points)


def _give(side: Side, occasion: Occasion, points: int) -> None:
    grant, version, given_id = occasion.grant, occasion.version, _id(occasion)
    policy = version.policy
    if points:
        awards.credit(
            side.journal,
            version,
            points,
            Cause(SYSTEM.actor, activity_id=given_id),
            rule=policy.own_terms(grant.code),
            counted_from=occasion.counted_from,
        )
    made = GrantRecord(
        given_id,
        grant.code,
        giving.reference(occasion.occurrence, side.life.member_id),
        True,
        version.id,
        occasion.occurred_at,
        points,
        None,
        None,
        0,
        False,
        False,
        0,
        0,
    )
    tier = policy.tier_code(side.tier_at(occasion.occurred_at))
    side.grants[given_id] = PlayedGrant(made, points, tier, grant.funder)


def _reverse(side: Side, one: GrantRecord, net: int) -> None:
    terms = side.programme.version(one.policy_version_id).policy.refunds.claw_back
    lots, expired = side.earned(one.id)
    taken = clawbacks.take(
        side.journal,
        lots,
        net,
        expired=expired - one.found_expired,
        terms=terms,
        cause=Cause(SYSTEM.actor, activity_id=one.id),
    )
    played = side.grants[one.id]
    played.points = 0
    played.given = replace(
        one,
        number=one.number + 1,
        reversed=True,
        recovered=taken.clawed_back,
        found_expired=one.found_expired + taken.expired,
    )


def _restore(side: Side, one: GrantRecord, points: int) -> None:
    if points:
        lots, _ = side.earned(one.id)
        cause = Cause(SYSTEM.actor, activity_id=one.id)
        taking.credit_again(side.journal, lots[0], points, cause)
    played = side.grants[one.id]
    played.points += points
    played.given = replace(one, number=one.number + 1, reversed=False, recovered=0)


def _uncounted(side: Side, one: GrantRecord, points: int) -> list[Credit]:
    version = side.programme.version(one.policy_version_id)
    if entries.is_entry(side.programme, one) or version.policy.refunds.keeps_counting:
        return []
    return [_credit(side, one.id, one.occurred_at, points)]


def _credit(side: Side, given_id: UUID, occurred_at: datetime, points: int) -> Credit:
    return Credit(
        side.life.member_id,
        occurred_at,
        side.now,
        Qualifying(points=points),
        activity_id=given_id,
    )


def _count(side: Side, made: Iterable[Credit]) -> None:
    """Count points toward the tier: it rises at once, and falls as refunds let it."""
    made = list(made)
    if not made:
        return
    change = side.review(*made)
    if change is None and side.version.policy.refunds.tier == "now":
        change = side.downgrade(*made)
    side.count(made, change)
