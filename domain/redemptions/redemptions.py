"""Redemptions: points spent on a reward, and their cancellation.

With a hold: HELD → CONFIRMED, or RELEASED. Without one a coupon is FULFILLED at once, a
service, product or partner reward CONFIRMED, and FULFILLED when it is delivered. Cancelling
gives the points back to the lots they came from.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import models
from domain.accounts import accounts, sweeps
from domain.accounts.accounts import Account
from domain.experiments import exposures, trials
from domain.experiments.exposures import Met
from domain.grants import grant_evaluation
from domain.grants.values import Fact
from domain.kernel.database import row
from domain.kernel.idempotency import Done, Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.outbox import Topic
from domain.kernel.queries import Query
from domain.ledger import journal as journals
from domain.ledger.opening import Ahead
from domain.ledger.refusals import AccountInArrears, InsufficientPoints
from domain.ledger.values import Cause
from domain.members import endings, members, statuses
from domain.members.identity import MemberKey, find_or_refuse
from domain.members.refusals import LimitReached, MemberNotEnrolled, MemberSuspended
from domain.members.statuses import MemberStatus, check_enrolled
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme
from domain.redemptions import delivery_details, orders, redemption_reads, reveals
from domain.redemptions.delivery_details import DeliverySent
from domain.redemptions.granted import GIFTS
from domain.redemptions.orders import Order
from domain.redemptions.redemption_reads import Redemption, RedemptionAfter, RedemptionStatus
from domain.redemptions.redemption_state import check_state, figures, find, reread, set_status
from domain.redemptions.refusals import HoldExpired, RedemptionState
from domain.rewards import catalogue, released
from domain.rewards.catalogue import Price, Reward, RewardKind
from domain.rewards.refusals import CodePoolExhausted, OutOfStock
from domain.risk import holding, screening
from domain.risk.refusals import RedemptionUnderReview

RELEASES_MAX = 100
"""How often a request that finds nothing left returns the stock of expired holds and tries again:
others may take it meanwhile, and if they are writing all holders, one hold is returned at a time.
"""


@dataclass(frozen=True, slots=True)
class RedeemSent:
    """What is to be redeemed; `points` for an open value only, `partner_account` for what goes
    to an account with a partner.
    """

    reward: str
    quantity: int = 1
    points: int | None = None
    hold: bool = False
    partner_account: str | None = None
    delivery: DeliverySent | None = None

    def canonical(self) -> dict[str, Any]:
        """`delivery` came later."""
        said: dict[str, Any] = {
            "reward": self.reward,
            "quantity": self.quantity,
            "points": self.points,
            "hold": self.hold,
            "partner_account": self.partner_account,
        }
        if self.delivery is not None:
            said["delivery"] = self.delivery
        return said


async def redeem(
    request: Request, programme: Programme, member: MemberKey, sent: RedeemSent
) -> Outcome:
    """Spend points on a reward, or hold them for it.

    Figures: `member_id`, `redemption_id`, `grants` (ids).

    Price, validity, tier, limit, points and stock are all checked under the account's lock. Where
    nothing is left, the stock of expired holds is returned first.

    Raises: NotFound, InvalidInput, RewardInactive, TierRequired, LimitReached,
        MemberNotEnrolled, MemberSuspended, AccountInArrears, InsufficientPoints, OutOfStock,
        CodePoolExhausted, RiskDenied, IdempotencyKeyReused, ConcurrentRequest.
    """
    catalogue.check_quantity(sent.quantity)

    perform = partial(_redeem, request, programme, member, sent)
    once_only = partial(once, request, "redeemReward", {"member": member, "redeem": sent}, perform)
    attempt = partial(screening.recorded, once_only)
    for _ in range(RELEASES_MAX):
        try:
            return await attempt()
        except (OutOfStock, CodePoolExhausted):
            if not await _release_dead(programme, sent, request.now):
                raise
    return await attempt()


async def confirm(
    request: Request, programme: Programme, member_id: UUID, redemption_id: UUID
) -> Outcome:
    """Spend what a reward's hold reserved; figures: `member_id`, `redemption_id`.

    Raises: NotFound, HoldExpired, RedemptionState, RedemptionUnderReview, MemberSuspended,
        IdempotencyKeyReused, ConcurrentRequest.
    """

    perform = partial(_confirm, request, programme, member_id, redemption_id)
    return await once(request, "confirmRedemption", {"redemption": redemption_id}, perform)


async def _confirm(
    request: Request, programme: Programme, member_id: UUID, redemption_id: UUID
) -> Figures:
    redemption, reward = await find(request, programme, member_id, redemption_id)
    if reward is None:
        raise RedemptionState(redemption.status, ("earnForBooking",), path=("redemption",))
    async with accounts.opened(programme, member_id, request.now) as account:
        redemption = await reread(account, redemption)
        if redemption.timed_out:
            raise HoldExpired(redemption.hold_expires_at or account.now, path=("redemption",))
        check_state(redemption, [RedemptionStatus.HELD])
        check_enrolled(await statuses.of(member_id), ("redemption",))
        if redemption.review_id is not None:
            raise RedemptionUnderReview(path=("redemption",))
        return await capture(account, redemption, reward, request.caller.actor)


async def capture(account: Account, redemption: Redemption, reward: Reward, actor: str) -> Figures:
    """Spend what a reward's hold reserved, which is there under the account's lock."""
    fact = Fact(redemption.id, account.now)
    before = await grant_evaluation.look(account, fact)
    cause = Cause(actor, redemption_id=redemption.id)
    journals.capture(account.journal, redemption.id, redemption.points, cause)
    at_once = reward.kind is RewardKind.COUPON
    await set_status(
        account.journal,
        redemption,
        RedemptionStatus.FULFILLED if at_once else RedemptionStatus.CONFIRMED,
        fulfilled_at=account.now if at_once else None,
    )
    if at_once:
        await reveals.under_lock(account.journal, redemption.id, actor)
    orders.notify(account, Topic.REWARD_REDEEMED, redemption, reward)
    grants = await grant_evaluation.evaluate(account, fact, GIFTS, before)
    return {**figures(account.member_id, redemption.id), "grants": grants}


async def _redeem(
    request: Request, programme: Programme, member: MemberKey, sent: RedeemSent
) -> Done:
    member_id = await find_or_refuse(programme.id, member)
    programme = programme.of_member(member_id, request.now)
    fact = Fact(new_id(), request.now)
    looked = await screening.look(request, programme, member_id, "redeem")
    ahead = Ahead(_queries(programme, member_id, sent.reward, fact))
    async with accounts.opened(programme, member_id, request.now, ahead) as account:
        found = await members.under_lock(account, request.now)
        fact = replace(fact, occurred_at=account.now)
        reward = await catalogue.get(programme.id, sent.reward, account.now)
        await check_spender(account)
        met = _met(account, reward)
        # a refusal states the price, and may be caused by it
        with exposures.noted_where_refused(met):
            price = _price(account, account.version.policy, reward, sent)
            catalogue.check_account(reward, sent.partner_account)
            delivery_details.check(reward, sent.delivery, account.now)
            await _check_limit(account, reward, sent.quantity)
            available = account.journal.balances.available
            if price.points > available:
                raise InsufficientPoints(available, price.points, path=("points",))
            verdict = looked.judge(price.points)
            screening.refuse(looked, verdict, member_id, price.points)
        before, redemption_id = await grant_evaluation.look(account, fact), fact.id
        await released.lock_stock([account.journal], reward.id)
        taken = await orders.take(account, reward, sent.quantity, redemption_id)
        order = Order(redemption_id, reward, price, sent.quantity, taken, sent.partner_account)
        review_id = new_id() if verdict.decision == "review" else None
        made = await _post(account, order, request.caller.actor, review_id, hold=sent.hold)
        screening.add_decisions(account, looked, verdict, (made.id, review_id), made.points)
        if sent.delivery is not None:
            key, actor = (member_id, redemption_id), request.caller.actor
            account.record(delivery_details.to_row(key, sent.delivery, actor, account.now))
        _try(account, reward, sent, made)
        account.record(*exposures.to_rows(met))
        grants = await grant_evaluation.evaluate(account, fact, GIFTS, before)
    await looked.keep(member_id, made.points, made.created_at)
    held = made.status == RedemptionStatus.HELD
    after = RedemptionAfter(
        members.after(found, account),
        redemption_reads.of_new(made, reward.partner_id),
        seen=bool(taken.codes) and not held,
    )
    said = {**figures(member_id, redemption_id), "grants": grants}
    return Done({**said, "under_review": True} if review_id else said, after)


def _queries(programme: Programme, member_id: UUID, reward: str, fact: Fact) -> list[Query]:
    """Queries under the lock that are known in advance."""
    return [
        catalogue.query_of(programme.id, reward, fact.occurred_at),
        statuses.query_of(member_id),
        *grant_evaluation.queries(programme, member_id, fact),
        members.query_under_lock(programme, member_id, fact.occurred_at),
    ]


async def _release_dead(programme: Programme, sent: RedeemSent, now: datetime) -> bool:
    """Record the end of expired holds on this reward until enough is returned, one transaction per
    member, skipping members whom others are writing; if that is all of them, wait for one. Returns
    whether there were any.

    Raises: ConcurrentRequest.
    """
    reward, back = await catalogue.get(programme.id, sent.reward, now), 0
    dead = await released.dead_of_reward(reward.id, now)
    for member_id, quantity in dead.items():
        if back < sent.quantity and await sweeps.post_if_free(programme, member_id, now):
            back += quantity
    if dead and not back:
        await sweeps.post(programme, next(iter(dead)), now)
    return bool(dead)


def _price(account: Account, policy: Policy, reward: Reward, sent: RedeemSent) -> Price:
    tier, now, priced = account.holding.tier, account.now, catalogue.priced(reward, policy)
    catalogue.check_offer(policy, priced, tier, now)
    rate = catalogue.redemption_rate(policy, tier, now)
    return catalogue.price(policy, priced, rate, quantity=sent.quantity, points=sent.points)


def _try(account: Account, reward: Reward, sent: RedeemSent, made: models.Redemption) -> None:
    """Record what the controls of experiments with its price would have taken."""
    version, fields = account.version, trials.of_price(reward.code)

    def points(policy: Policy) -> int:
        return _price(account, policy, reward, sent).points

    tried = trials.of(version, fields, made.points, points)
    rows = trials.to_rows(account, tried, made.points, account.now, redemption_id=made.id)
    account.record(*rows)


def _met(account: Account, reward: Reward) -> list[Met]:
    """The variants under which the reward has a different price."""
    met = trials.of_list_price(account.version, reward)
    return exposures.of(account.member_id, met, account.now)


async def check_spender(account: Account) -> None:
    """Raises: MemberNotEnrolled, MemberSuspended, AccountInArrears."""
    status = await statuses.of(account.member_id)
    check_may_spend(status, account.journal.balances.owed)


def check_may_spend(status: MemberStatus, owed: int) -> None:
    """Only an enrolled member without arrears spends points.

    Raises: MemberNotEnrolled, MemberSuspended, AccountInArrears.
    """
    check_enrolled(status)
    if owed:
        raise AccountInArrears(owed, path=("member",))


def may_spend(status: MemberStatus, owed: int) -> bool:
    """Whether the member may spend, apart from its points and the reward."""
    try:
        check_may_spend(status, owed)
    except (MemberNotEnrolled, MemberSuspended, AccountInArrears):
        return False
    return True


async def _check_limit(account: Account, reward: Reward, quantity: int) -> None:
    """Check the limit per member. Not counted are cancelled redemptions, expired holds that this
    write releases, and what the programme gave; redemptions of members merged into it are counted.
    """
    if reward.per_member_limit is None:
        return
    taken = await row(
        "SELECT coalesce(sum(quantity), 0)::bigint AS quantity FROM redemption "
        "WHERE member_id = ANY($1::uuid[]) AND reward_id = $2 AND points > 0 "
        "AND status NOT IN ('CANCELLED', 'RELEASED') AND id <> ALL($3::uuid[])",
        await endings.family_of(account),
        reward.id,
        account.journal.released,
    )
    if (taken["quantity"] if taken else 0) + quantity > reward.per_member_limit:
        raise LimitReached(reward.per_member_limit, path=("quantity",))


async def _post(
    account: Account, order: Order, actor: str, review_id: UUID | None, *, hold: bool
) -> models.Redemption:
    """Hold or spend the order's points, and record its redemption; if it must be reviewed, the
    points are held for as long as that may take.
    """
    points, cause = order.price.points, Cause(actor, redemption_id=order.id)
    until = account.now + timedelta(minutes=account.version.policy.holds.minutes)
    if review_id is not None:
        hold, until = True, holding.ends_at(account)
        screening.open_review(
            account, "redeem", order.id, points, review_id=review_id, ends_at=until
        )
    redemption = orders.to_redemption(account, order, actor, until if hold else None)
    redemption.review_id = review_id
    account.record(redemption)
    if hold:
        journals.hold(account.journal, points, until, cause)
    else:
        journals.redeem(account.journal, points, cause)
        if order.taken.codes:
            account.record(reveals.to_the_redeemer(redemption))
    topic = Topic.REWARD_HELD if hold else Topic.REWARD_REDEEMED
    orders.notify(account, topic, redemption, order.reward)
    await orders.notify_low_water(account, order)
    return redemption
