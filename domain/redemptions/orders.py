"""Orders: a priced reward, its stock and codes taken, and the redemption made from it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import models
from domain.accounts.accounts import Account
from domain.kernel import outbox
from domain.kernel.commitments import committed
from domain.kernel.outbox import Event, Topic
from domain.redemptions.redemption_reads import Redemption, RedemptionStatus
from domain.rewards import coupons, stock
from domain.rewards.catalogue import Price, Reward, RewardKind
from domain.rewards.coupons import Receiver


@dataclass(frozen=True, slots=True)
class IssuedStock:
    """The codes of an order, and whether it was taken from a stock."""

    codes: list[str]
    from_stock: bool


@dataclass(frozen=True, slots=True)
class Order:
    """The reward and its price, with what was taken for it.

    `partner_units` is the total credited to the account at the partner; `activity_id` names the
    grant that gives it for 0 points.
    """

    id: UUID
    reward: Reward
    price: Price
    quantity: int
    taken: IssuedStock
    partner_account: str | None = None
    activity_id: UUID | None = None

    @property
    def partner_units(self) -> int | None:
        each = self.reward.partner_units
        return None if each is None else each * self.quantity


async def take(account: Account, reward: Reward, quantity: int, redemption_id: UUID) -> IssuedStock:
    """Take stock, and the codes of a coupon, for this redemption of the account.

    Raises: OutOfStock, CodePoolExhausted.
    """
    from_stock = await stock.take(reward, quantity)
    codes: list[str] = []
    if reward.kind is RewardKind.COUPON:
        zone = account.version.policy.zone
        to = Receiver(account.journal, redemption_id, zone)
        codes = await coupons.take(reward, quantity, to)
    return IssuedStock(codes, from_stock)


def to_redemption(
    account: Account, order: Order, actor: str, hold_expires_at: datetime | None = None
) -> models.Redemption:
    """The order as a redemption: held; otherwise delivered for a coupon, confirmed for anything
    else. The cost of delivering it, and who is paid, are fixed from now on.
    """
    hold = hold_expires_at is not None
    at_once = not hold and order.reward.kind is RewardKind.COUPON
    done = RedemptionStatus.FULFILLED if at_once else RedemptionStatus.CONFIRMED
    each = order.reward.cost_minor
    cost = None if each is None else each * order.quantity
    return models.Redemption(
        member_id=account.member_id,
        id=order.id,
        programme_id=account.programme.id,
        reward_id=order.reward.id,
        status=RedemptionStatus.HELD if hold else done,
        points=order.price.points,
        quantity=order.quantity,
        worth_minor=order.price.worth_minor,
        currency=account.version.policy.currency,
        codes=order.taken.codes,
        activity_id=order.activity_id,
        actor=actor,
        policy_version_id=account.version.id,
        created_at=account.now,
        hold_expires_at=hold_expires_at,
        cost_minor=cost,
        partner_id=order.reward.partner_id,
        partner_account=committed(order.partner_account),
        partner_units=order.partner_units,
        fulfilled_at=account.now if at_once else None,
        stock_taken=order.taken.from_stock,
    )


def notify(
    account: Account, topic: Topic, redemption: Redemption | models.Redemption, reward: Reward
) -> None:
    account.notify(
        topic,
        partner_id=reward.partner_id,
        redemption_id=redemption.id,
        reward=reward.code,
        quantity=redemption.quantity,
        points=redemption.points,
    )


async def notify_low_water(account: Account, order: Order) -> None:
    """Write an event, about no member, if this order brought its pool of codes to the low-water
    mark.
    """
    reward, programme_id = order.reward, account.programme.id
    left = await coupons.low_water(reward, order.quantity, account.now)
    if left is not None:
        said = {"reward": reward.code, "left": left}
        event = Event(Topic.COUPON_LOW_WATER, programme_id, said, reward.partner_id)
        await outbox.announce(programme_id, account.now, [event])
