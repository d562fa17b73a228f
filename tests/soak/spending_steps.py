"""Steps of a random history that redeem, hold, transfer, adjust and earn points."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import models
from domain.activities import activities
from domain.activities.contents import ActivitySent
from domain.kernel import dates
from domain.kernel.callers import Caller
from domain.kernel.refusals import NotFound, Refusal
from domain.ledger.refusals import AccountInArrears, InsufficientPoints
from domain.members.identity import MemberKey
from domain.members.refusals import LimitReached
from domain.redemptions import cancellations, coupon_uses, deliveries, fulfilments, redemptions
from domain.redemptions.fulfilments import FulfilSent
from domain.redemptions.redemptions import RedeemSent
from domain.redemptions.refusals import CodeRevealed, HoldExpired, RedemptionState
from domain.rewards.refusals import CodePoolExhausted, OutOfStock
from domain.transfers import adjustments, transfers
from domain.transfers.adjustments import AdjustmentSent
from domain.transfers.transfers import TransferSent
from tests.soak import grant_steps
from tests.soak.story import REVIEW_POINTS, REVIEWS_A_DAY, Call, Player, Step, Story, Taken
from tests.soak.trips import ZONE, midnight_after
from tests.support import factories as make
from tests.support.tokens import NEVER, Held

STOCK, CODES = 2, 3

ExpectedRefusal = tuple[type[Refusal], dict[str, Any]]


async def redeem(story: Story, who: Player) -> None:
    """Redeem or hold a reward; now and then it is too dear, over its limit or out of stock."""
    reward, hold = story.draw.choice(story.rewards), story.draw.random() < 0.5
    kind = f"{'hold on' if hold else 'redemption of'} a {what(reward)}"
    call, who_calls = redeem_call(story, who, reward, hold=hold), caller(story, who)
    who.account.advance(story.now)
    if refusal := why_not(story, who, reward):
        error, facts = refusal
        await story.refuse(kind, error, call, who_calls, **facts)
        return
    figures = await story.succeed(kind, call, who_calls)
    made, price = UUID(figures["redemption_id"]), reward.list_points
    tokens = who.account.take(price)
    if hold:
        until = story.now + timedelta(minutes=story.terms.hold_minutes)
        who.account.held[made] = Held(until, tokens)
        who.taken.append(Taken(made, reward, "HELD", price, until))
    else:
        who.account.spent[made] = tokens
        who.taken.append(Taken(made, reward, done_as(reward), price))
        await learn_codes(story, who, who.taken[-1])


def redeem_call(story: Story, who: Player, reward: models.Reward, *, hold: bool) -> Call:
    sent, key = RedeemSent(reward.code, hold=hold), MemberKey.of_id(who.member_id)
    return lambda request: redemptions.redeem(request, story.programme, key, sent)


def why_not(story: Story, who: Player, reward: models.Reward) -> ExpectedRefusal | None:
    """Why this member cannot have the reward now: arrears, its limit, points, then stock."""
    _, left, _, owed = who.account.balances()
    own = sum(taken.reward is reward and taken.counts(story.now) for taken in who.taken)
    if owed:
        return AccountInArrears, {"owed": owed}
    if reward.per_member_limit is not None and own >= reward.per_member_limit:
        return LimitReached, {"limit": reward.per_member_limit}
    if left < reward.list_points:
        return InsufficientPoints, {"available": left, "required": reward.list_points}
    if reward.kind == "SERVICE" and story.kept(reward) >= STOCK:
        return OutOfStock, {"remaining": 0}
    if reward.pooled_codes and story.kept(reward) + story.voided(reward) >= CODES:
        return CodePoolExhausted, {}
    return None


def what(reward: models.Reward) -> str:
    return "coupon from a pool" if reward.pooled_codes else reward.kind.lower()


def done_as(reward: models.Reward) -> str:
    return "FULFILLED" if reward.kind == "COUPON" else "CONFIRMED"


def caller(story: Story, who: Player) -> Caller:
    """The member itself, or the partner, at random."""
    if story.draw.random() < 0.4:
        return make.member_caller(story.programme, who.reference, who.member_id)
    return story.partner()


async def learn_codes(story: Story, who: Player, taken: Taken) -> None:
    if taken.reward is not None and taken.reward.kind == "COUPON":
        taken.codes = (await make.redemption(story.programme, who.member_id, taken.id)).codes
        assert len(taken.codes) == 1


def one_of(story: Story, who: Player, *statuses: str) -> Taken | None:
    """One of the member's redemptions, most of the time in one of these states."""
    fitting = [taken for taken in who.taken if taken.status in statuses]
    if story.draw.random() < 0.15 or not fitting:
        fitting = who.taken
    return story.draw.choice(fitting) if fitting else None


async def confirm(story: Story, who: Player) -> None:
    taken = one_of(story, who, "HELD")
    if taken is None:
        return
    who.account.advance(story.now)
    call: Call = confirm_call(story, who, taken)
    dead = taken.status == "HELD" and taken.id not in who.account.held
    if taken.reward is None or (taken.status != "HELD"):
        await story.refuse("confirmation", RedemptionState, call)
    elif dead:
        await story.refuse("confirmation", HoldExpired, call)
    else:
        await story.succeed("confirmation", call)
        who.account.capture(taken.id, taken.points, story.now)
        taken.status = done_as(taken.reward)
        await learn_codes(story, who, taken)


def confirm_call(story: Story, who: Player, taken: Taken) -> Call:
    return lambda request: redemptions.confirm(request, story.programme, who.member_id, taken.id)


async def fulfil(story: Story, who: Player) -> None:
    """Fulfil a redemption as staff, since no reward has a partner that delivers it."""
    taken = one_of(story, who, "CONFIRMED", "SHIPPED")
    if taken is None:
        return

    call = fulfil_call(story, who, taken)
    if taken.reward is None or taken.status not in ("CONFIRMED", "SHIPPED"):
        await story.refuse("delivery", RedemptionState, call, story.staff())
    elif story.draw.random() < 0.2:
        partner = make.partner(story.programme)  # without the scope of all partners
        await story.refuse("delivery by a partner", NotFound, call, partner)
    else:
        who.account.advance(story.now)
        await story.succeed("delivery", call, story.staff())
        taken.status = "FULFILLED"


async def ship(story: Story, who: Player) -> None:
    taken = one_of(story, who, "CONFIRMED")
    if taken is None:
        return
    call = ship_call(story, who, taken)
    if taken.reward is None or taken.status != "CONFIRMED":
        await story.refuse("shipment", RedemptionState, call, story.staff())
    else:
        who.account.advance(story.now)
        await story.succeed("shipment", call, story.staff())
        taken.status = "SHIPPED"


def ship_call(story: Story, who: Player, taken: Taken) -> Call:
    key = (who.member_id, taken.id)
    return lambda request: deliveries.ship(request, story.programme, key, "SF-1")


async def reject(story: Story, who: Player) -> None:
    """Reject an order; its points are returned, valid at least for the grace period."""
    taken = one_of(story, who, "CONFIRMED")
    if taken is None:
        return
    call = reject_call(story, who, taken)
    if taken.reward is None or taken.status != "CONFIRMED":
        await story.refuse("rejection", RedemptionState, call, story.staff())
        return
    who.account.advance(story.now)
    figures = await story.succeed("rejection", call, story.staff())
    assert figures["points_reinstated"] == taken.points
    grace = story.now.astimezone(ZONE).date() + timedelta(days=story.terms.grace_days)
    who.account.reinstate_anew(taken.id, taken.points, story.now, midnight_after(grace))
    taken.status = "CANCELLED"


def reject_call(story: Story, who: Player, taken: Taken) -> Call:
    key = (who.member_id, taken.id)
    return lambda request: deliveries.reject(request, story.programme, key, "broken", restock=True)


def fulfil_call(story: Story, who: Player, taken: Taken) -> Call:
    return lambda request: fulfilments.fulfil(
        request, story.programme, who.member_id, taken.id, FulfilSent()
    )


async def cancel(story: Story, who: Player) -> None:
    """Cancel as the member, the partner or staff; a hold is released, spent points are returned.

    An expired hold for a booking is released too, so that the booking cannot take it again.
    """
    taken = one_of(story, who, "HELD", "CONFIRMED", "SHIPPED", "FULFILLED")
    if taken is None:
        return
    by = story.draw.choice((story.partner(), story.staff(), caller(story, who)))
    who.account.advance(story.now)
    call = cancel_call(story, who, taken)
    if refusal := why_kept(story, who, taken, by):
        await story.refuse(f"cancelling by {by.kind}", refusal, call, by)
        return
    figures = await story.succeed(f"cancelling by {by.kind}: {taken.status}", call, by)
    dead = taken.status == "HELD" and taken.id not in who.account.held
    assert figures["points_reinstated"] == (0 if dead else taken.points)
    if taken.status == "HELD":
        if not dead:
            who.account.release(taken.id, story.now)
        taken.status = "RELEASED"
    else:
        who.account.reinstate(taken.id, taken.points, story.now)
        taken.status = "CANCELLED"


def cancel_call(story: Story, who: Player, taken: Taken) -> Call:
    return lambda request: cancellations.cancel(request, story.programme, who.member_id, taken.id)


def why_kept(story: Story, who: Player, taken: Taken, by: Caller) -> type[Refusal] | None:
    dead = taken.reward and taken.status == "HELD" and not taken.counts(story.now)
    member = by.kind == "member"
    if member and taken.status == "FULFILLED" and taken.codes:
        return CodeRevealed
    if dead or taken.used or taken.status in ("RELEASED", "CANCELLED"):
        return RedemptionState
    if taken.status in ("SHIPPED", "FULFILLED") and member:
        return RedemptionState
    if taken.reward is None and taken.status == "CONFIRMED":
        return RedemptionState
    return None


async def use_coupon(story: Story, who: Player) -> None:
    shown = [taken for taken in who.taken if taken.codes]
    if not shown:
        return
    taken = story.draw.choice(shown)
    [code] = taken.codes
    call = use_call(story, code)
    if taken.used or taken.status != "FULFILLED":
        await story.refuse("coupon use", RedemptionState, call)
    else:
        await story.succeed("coupon use", call)
        taken.used = True


def use_call(story: Story, code: str) -> Call:
    return lambda request: coupon_uses.use(request, story.programme, code)


async def give(story: Story, who: Player) -> None:
    who.account.advance(story.now)
    left = len(who.account.tokens)
    points = story.draw.choice((1, left // 3 + 1, max(1, left), story.draw.randrange(1, 500)))
    await give_points(story, who, points)


async def give_points(story: Story, who: Player, points: int) -> None:
    other = story.players[1 - who.number]
    who.account.advance(story.now)
    other.account.advance(story.now)
    _, left, _, owed = who.account.balances()
    call = give_call(story, who, other, points)
    if owed:
        await story.refuse("transfer", AccountInArrears, call, owed=owed)
    elif points > left:
        await story.refuse("transfer", InsufficientPoints, call, available=left)
    else:
        await story.succeed(f"transfer {'→' if who.number == 0 else '←'}", call)
        other.account.receive(who.account.take(points), story.now)


def give_call(story: Story, giver: Player, receiver: Player, points: int) -> Call:
    keys = MemberKey.of_id(giver.member_id), MemberKey.of_id(receiver.member_id)
    sent = TransferSent(points)
    return lambda request: transfers.transfer(request, story.programme, *keys, sent)


async def adjust(story: Story, who: Player) -> None:
    points = story.draw.choice((-90, -7, 3, 60))
    today = story.now.astimezone(ZONE).date()
    last = story.draw.choice((None, today, dates.FOREVER)) if points > 0 else None
    call = adjust_call(story, who, AdjustmentSent(points, "a correction", last))
    who.account.advance(story.now)
    left = len(who.account.tokens)
    if -points > left:
        await story.refuse("adjustment", InsufficientPoints, call, story.staff(), available=left)
        return
    await story.succeed(f"adjustment {'up' if points > 0 else 'down'}", call, story.staff())
    if points < 0:
        who.account.take(-points)
    elif last is None:
        who.account.earn(points, story.now, story.terms.gone(story.now), story.now)
    else:
        gone = midnight_after(today) if last == today else NEVER
        who.account.earn(points, story.now, gone, story.now)


def adjust_call(story: Story, who: Player, sent: AdjustmentSent) -> Call:
    key = MemberKey.of_id(who.member_id)
    return lambda request: adjustments.adjust(request, story.programme, key, sent)


async def review(story: Story, who: Player) -> None:
    """Report an activity that pays `REVIEWS_A_DAY` times a day."""
    today = story.now.astimezone(ZONE).date()
    sent, key = ActivitySent("review", story.name("A")), MemberKey.of_id(who.member_id)
    who.account.advance(story.now)
    within = who.reviews[today] < REVIEWS_A_DAY
    figures = await story.succeed(
        "activity" if within else "activity over its limit",
        activity_call(story, key, sent),
        # of those over the limit, the first of a day is stored for all of them
        natural=within,
    )
    before = grant_steps.reach(story, who)
    who.reviews[today] += 1
    assert figures["points_awarded"] == (REVIEW_POINTS if within else 0)
    points = figures["points_awarded"]
    who.account.earn(points, story.now, story.terms.gone(story.now), story.now)
    grant_steps.evaluate(story, who, before)


def activity_call(story: Story, key: MemberKey, sent: ActivitySent) -> Call:
    return lambda request: activities.earn(request, story.programme, key, sent)


STEPS: dict[Step, int] = {
    redeem: 9,
    confirm: 3,
    fulfil: 1,
    ship: 1,
    reject: 1,
    cancel: 4,
    use_coupon: 1,
    give: 5,
    adjust: 2,
    review: 2,
}
"""Steps by their weight in the draw."""
