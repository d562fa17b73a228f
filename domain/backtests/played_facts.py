"""Played facts: the effects of activities, redemptions, assignments and corrections on a side."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from domain.backtests import counted, played_grants
from domain.backtests.facts import (
    Active,
    Assigned,
    Captured,
    Moved,
    Redeemed,
    Referring,
    Returned,
    Reversed,
    number_of,
)
from domain.backtests.sides import PaidActivity, PlayedRedemption, Side
from domain.earning import awards, budgets, earning, judging, limits, matching, member_caps
from domain.earning.values import Award
from domain.kernel import dates
from domain.ledger import clawbacks
from domain.ledger import journal as journals
from domain.ledger import lots as lot_rules
from domain.ledger.lots import Lot
from domain.ledger.values import SYSTEM, Cause
from domain.programmes.programmes import Version
from domain.programmes.rules import ActivityRule, FromAttribute
from domain.rewards import catalogue
from domain.tiers import qualification
from domain.tiers.values import Credit, NewChange, Qualifying


def act(what: Active, side: Side) -> None:
    """Judge an activity, and credit what it pays."""
    version = side.programme.as_of(what.occurred_at)
    rule = version.policy.activity_types.get(what.type)
    if rule is None:
        return
    counted_at = side.now if rule.counts_when_recorded else what.occurred_at
    left = times_left(side, rule, counted_at, version)
    points = _paid(side, what, rule, version, left)
    within = points is not None and (left is None or left > 0)
    paid = PaidActivity(
        what.activity_id,
        version,
        rule.code,
        counted_at,
        what.occurred_at,
        within,
        points or 0,
        version.policy.tier_code(side.tier_at(what.occurred_at)),
        rule.funder,
    )
    side.activities.append(paid)
    cause = Cause(SYSTEM.actor, activity_id=what.activity_id)
    awards.credit(
        side.journal, version, paid.points, cause, rule=version.policy.own_terms(rule.code)
    )
    credit = Credit(
        side.life.member_id,
        what.occurred_at,
        side.now,
        Qualifying(points=paid.points),
        activity_id=what.activity_id,
    )
    side.count([credit], side.review(credit))


def times_left(side: Side, rule: ActivityRule, instant: datetime, version: Version) -> int | None:
    """Number of times that an activity still counts around an instant; None without a limit."""
    if rule.limit is None or rule.limit.times is None:
        return None
    start, end = limits.bounds(rule.limit, instant, version.policy)
    used = sum(
        one.type == rule.code
        and one.within_limit
        and (start is None or start <= one.counted_at)
        and (end is None or one.counted_at < end)
        for one in side.activities
    )
    used += sum(
        one.given.rule == rule.code
        and one.given.stands
        and (start is None or start <= one.given.occurred_at)
        and (end is None or one.given.occurred_at < end)
        for one in side.grants.values()
    )
    return rule.limit.times - used


def _paid(
    side: Side, what: Active, rule: ActivityRule, version: Version, left: int | None
) -> int | None:
    """Points that the activity earns; None where no rule matches and it uses no limit."""
    policy = version.policy
    if what.own and what.occurred_at < side.life.joined_at:
        return None
    days = dates.days_between(side.life.joined_at, what.occurred_at, policy.zone)
    if policy.facts.too_early(days):
        return None
    side.assumed = side.assumed or policy.asks_for_particulars(rule.when)
    day = dates.local_date(what.occurred_at, policy.zone)
    tally = counted.of_activity(side, policy, what.occurred_at, rule.when)
    tier = side.tier_at(what.occurred_at)
    facts = judging.to_facts(policy, side.particulars(policy), tier, what.occurred_at, tally)
    if matching.why_not(policy, rule, facts, day, what.attributes) is not None:
        return None
    cap = member_caps.of_grants(policy, side.gains(policy), what.occurred_at)
    numbers = {}
    if isinstance(rule.points, FromAttribute):
        number = number_of(what.attributes, rule.points.attribute)
        if number is None:
            return None
        numbers = {rule.points.attribute: number}
    evaluate = partial(earning.evaluate_activity, rule, numbers, times_left=left, cap_left=cap)
    points: int = evaluate()[0]
    if rule.budget is None or not points:
        return points
    draws = budgets.draws_of(
        policy, [Award(rule.code, points)], budgets.periods(policy, what.occurred_at)
    )
    return evaluate(budget_left=side.purse.add(what.activity_id, draws[0]))[0]


def take_back(what: Reversed, side: Side) -> None:
    """Take back the points of an activity or a grant."""
    if what.rule is not None:
        played_grants.take_back(side, what.rule, what.occurrence)
        return
    places = [place for place, one in enumerate(side.activities) if one.id == what.activity_id]
    if not places:
        return
    [place] = places
    paid = side.activities[place]
    side.activities[place] = replace(paid, points=0, within_limit=False)
    terms = paid.version.policy.refunds
    cause = Cause(SYSTEM.actor, activity_id=paid.id)
    played_grants.give_to_budget(
        side, paid.version, (paid.id, paid.type), paid.occurred_at, paid.points
    )
    lots, expired = side.earned(paid.id)
    clawbacks.take(
        side.journal, lots, paid.points, expired=expired, terms=terms.claw_back, cause=cause
    )
    if terms.keeps_counting or not paid.points:
        return
    lost = Qualifying(points=-paid.points)
    credit = Credit(side.life.member_id, paid.occurred_at, side.now, lost, activity_id=paid.id)
    change = side.review(credit)
    if change is None and side.version.policy.refunds.tier == "now":
        change = side.downgrade(credit)
    side.count([credit], change)


def refer(what: Referring, side: Side) -> None:
    """Count a friend for whom the member is rewarded, or stop counting it."""
    if what.side == "referrer":
        side.friends.pop(what.referral_id, None)
        if what.stands and what.fact_at is not None:
            side.friends[what.referral_id] = what.fact_at


def redeem(what: Redeemed, side: Side) -> None:
    """Spend or hold the points that a reward takes on this side, if the side has them."""
    points = _price(side, what)
    journal = side.journal
    if points is None or points > journal.balances.available or journal.balances.owed:
        side.unmet.append((side.now, what.points if points is None else points))
        return
    cause = Cause(SYSTEM.actor, redemption_id=what.redemption_id)
    if what.holds_until is None:
        entry = journals.redeem(journal, points, cause)
    else:
        entry = journals.hold(journal, points, what.holds_until, cause)
    side.drawn[what.redemption_id] = entry.touches
    before = side.taken.get(what.redemption_id)
    confirmed, since = what.holds_until is None, before.created_at if before else side.now
    tier = before.tier if before else side.tier_at(since)
    side.taken[what.redemption_id] = PlayedRedemption(what.reward, since, confirmed, tier)


def capture(what: Captured, side: Side) -> None:
    """Spend the held points."""
    held = side.journal.holds.get(what.redemption_id)
    if held is None:
        return
    # a reward spends all of its hold, at this side's price
    points = held.points if what.whole else min(what.points, held.points)
    cause = Cause(SYSTEM.actor, redemption_id=what.redemption_id)
    journals.capture(side.journal, what.redemption_id, points, cause)
    side.taken[what.redemption_id].confirmed = True
    if points < held.points:
        back = lot_rules.restore(held.touches, held.points - points)
        side.drawn[what.redemption_id] = (*held.touches, *back)


def _price(side: Side, what: Redeemed) -> int | None:
    """Price of the reward on this side; None if it is not for the member's tier."""
    policy, tier = side.version.policy, side.holding.tier
    wanted = what.minimum_tier
    if wanted is not None and policy.rank(tier) < policy.rank(wanted):
        return None
    if what.list_points is None:
        return what.points
    rate = catalogue.redemption_rate(policy, tier, side.now)
    return catalogue.unit_points(what.list_points, rate) * what.quantity


def give_back(what: Returned, side: Side) -> None:
    """Return the points of a cancelled redemption."""
    cause = Cause(SYSTEM.actor, redemption_id=what.redemption_id)
    if what.held:
        # points of a hold that a booking did not use returned when the rest was captured
        if what.redemption_id in side.journal.holds:
            side.taken.pop(what.redemption_id, None)
            journals.release(side.journal, what.redemption_id, cause)
        return
    side.taken.pop(what.redemption_id, None)
    drawn = side.drawn.pop(what.redemption_id, ())
    points = -sum(touch.points for touch in drawn)
    if points > 0:
        journals.reinstate(side.journal, drawn, points, cause)


def assign(what: Assigned, side: Side) -> None:
    """Assign a tier, or end the assignment."""
    policy = side.version.policy
    at = side.holding.instant(side.now)
    after = side.holding.moved(policy, at, assigned=what.tier, assigned_until=what.until)
    _, judged = qualification.best(policy, side.sums(policy, side.now))
    change = NewChange(side.holding.tier, after, at, at, side.version.id, judged, "assigned")
    side.count((), change)


def move(what: Moved, side: Side) -> None:
    """Credit or take points as they were recorded."""
    cause = Cause(SYSTEM.actor)
    if what.lots:
        lots = [_own(side, lot) for lot in what.lots]
        journals.transfer_in(side.journal, lots, cause)
        journals.advance(side.journal, side.now)
        return
    points = min(-what.points, side.journal.balances.available)
    if points > 0:
        journals.adjust_down(side.journal, points, cause)
    if points < -what.points:
        side.unmet.append((side.now, -what.points - points))


def _own(side: Side, lot: Lot) -> Lot:
    return replace(lot, id=side.journal.new_id())
