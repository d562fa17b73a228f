"""Granted rewards: rewards that the programme itself gives for 0 points, and takes back.

Stock, codes and validity are as for any redemption; price, minimum tier and the limit per member do
not apply.
"""

from enum import StrEnum
from uuid import UUID

import models
from domain.accounts.accounts import Account
from domain.benefits import benefit_reads
from domain.grants.values import Gifts
from domain.kernel.database import rows
from domain.kernel.ids import new_id
from domain.kernel.outbox import Topic
from domain.ledger.values import SYSTEM, Cause
from domain.redemptions import orders, undoing
from domain.redemptions.orders import Order
from domain.redemptions.redemption_reads import Redemption, RedemptionStatus, many
from domain.rewards import catalogue, coupons, released
from domain.rewards.catalogue import Price
from domain.rewards.refusals import CodePoolExhausted, OutOfStock


class Withheld(StrEnum):
    """Reason why a reward is not given now; it may be given later."""

    NOT_ON_OFFER = "NOT_ON_OFFER"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    NO_CODES = "NO_CODES"


class Returned(StrEnum):
    """Result of taking back a granted reward: KEPT where it was used or delivered."""

    TAKEN = "TAKEN"
    KEPT = "KEPT"


async def give(account: Account, activity_id: UUID, code: str) -> models.Redemption | Withheld:
    """Give one unit of this reward for 0 points, under the name of its grant; or the reason why
    not.

    The caller has opened the account, and the activity is recorded or added to it. Nothing is taken
    where nothing is given. A reward of open value cannot be given, as it is worth what is paid for
    it.
    """
    reward = await catalogue.find(account.programme.id, code, account.now)
    if reward is None or reward.open_value or not reward.on_offer(account.now):
        return Withheld.NOT_ON_OFFER
    redemption_id = new_id()
    await released.lock_stock([account.journal], reward.id)
    try:
        taken = await orders.take(account, reward, 1, redemption_id)
    except OutOfStock:
        return Withheld.OUT_OF_STOCK
    except CodePoolExhausted:
        return Withheld.NO_CODES
    price = Price(0, reward.worth_minor)
    order = Order(redemption_id, reward, price, 1, taken, activity_id=activity_id)
    redemption = orders.to_redemption(account, order, SYSTEM.actor)
    account.record(redemption)
    orders.notify(account, Topic.REWARD_REDEEMED, redemption, reward)
    await orders.notify_low_water(account, order)
    return redemption


async def take_back(account: Account, activity_id: UUID, cause: Cause) -> Returned | None:
    """Take back what this grant gave, if it was not taken back before; None where there is nothing.

    A coupon becomes void unless it was used; anything else is cancelled unless it was delivered.
    Its stock is returned.
    """
    given = await of_activity(account, activity_id)
    if given is None:
        return None
    gone = (RedemptionStatus.SHIPPED, RedemptionStatus.FULFILLED)
    delivered = given.status in gone and not given.codes
    if delivered or await coupons.is_used(given.id):
        return Returned.KEPT
    await undoing.undo(account.journal, given, cause)
    account.notify(
        Topic.REDEMPTION_CANCELLED,
        partner_id=given.partner_id,
        redemption_id=given.id,
        points=0,
    )
    return Returned.TAKEN


async def of_activity(account: Account, activity_id: UUID) -> Redemption | None:
    """The redemption that this grant gave, as it is now; None where there is none, or cancelled."""
    found = await rows(
        "SELECT id FROM redemption WHERE member_id = $1 AND activity_id = $2 "
        "AND status <> 'CANCELLED'",
        account.member_id,
        activity_id,
    )
    if not found:
        return None
    key = (account.member_id, found[0]["id"])
    return (await many(account.programme.id, [key]))[found[0]["id"]]


async def _give(account: Account, activity_id: UUID, code: str) -> bool:
    return not isinstance(await give(account, activity_id, code), Withheld)


async def _take_back(account: Account, activity_id: UUID, cause: Cause) -> bool:
    return await take_back(account, activity_id, cause) is not Returned.KEPT


GIFTS = Gifts(_give, _take_back, benefit_reads.used)
"""What grants give that is not points, as this programme has it."""
