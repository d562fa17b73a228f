"""Granted rewards: given for 0 points by an activity, withheld or taken back."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import pytest

import models
from domain.accounts import accounts
from domain.kernel.database import rows, transact
from domain.kernel.ids import new_id
from domain.ledger.values import SYSTEM, Cause
from domain.members.identity import MemberKey
from domain.members.refusals import LimitReached
from domain.programmes.programmes import Programme
from domain.redemptions import coupon_uses, granted, redemption_reads, redemptions
from domain.redemptions.granted import Returned, Withheld
from domain.redemptions.redemption_reads import Redemption
from domain.redemptions.redemptions import RedeemSent
from domain.rewards import catalogue
from domain.rewards.catalogue import PageAsked, RewardFilter
from domain.rewards.refusals import RewardInactive
from ops.postgres.connections import connection
from tests.conftest import Database
from tests.support import factories as make
from tests.support.redeemed import codes, read, stock

DAY = timedelta(days=1)
GIFT: dict[str, Any] = {"list_points": 0}


async def bring(programme: Programme, member_id: UUID) -> UUID:
    """An activity that brings something."""
    await make.give(programme, member_id, 1)
    found = await rows(
        "SELECT id FROM activity WHERE member_id = $1 ORDER BY id DESC LIMIT 1", member_id
    )
    brought: UUID = found[0]["id"]
    return brought


async def give(
    programme: Programme, member_id: UUID, activity_id: UUID, code: str
) -> models.Redemption | Withheld:
    async def work() -> models.Redemption | Withheld:
        async with accounts.opened(programme, member_id, make.NOW) as account:
            return await granted.give(account, activity_id, code)

    return await transact(work)


async def given(programme: Programme, member_id: UUID, reward: models.Reward) -> Redemption:
    made = await give(programme, member_id, await bring(programme, member_id), reward.code)
    assert isinstance(made, models.Redemption)
    return await read(programme, member_id, made.id)


async def take_back(programme: Programme, member_id: UUID, activity_id: UUID) -> Returned | None:
    async def work() -> Returned | None:
        async with accounts.opened(programme, member_id, make.NOW) as account:
            return await granted.take_back(account, activity_id, Cause(SYSTEM.actor))

    return await transact(work)


async def test_a_reward_is_given_for_0_points_whatever_its_price_tier_and_limit(
    database: Database,
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    terms: dict[str, Any] = {"minimum_tier": "diamond", "per_member_limit": 1, "worth_minor": 900}
    lounge = await make.reward(programme, stock=3, **terms)
    for left in (2, 1):
        made = await given(programme, member_id, lounge)
        assert (made.status, made.points, made.quantity, made.codes) == ("CONFIRMED", 0, 1, [])
        assert (made.worth_minor, made.hold_expires_at, made.actor) == (900, None, "system")
        assert await stock(lounge) == left
    told = await make.payloads("reward.redeemed", member_id=member_id)
    assert told[-1] == {
        "redemption_id": str(made.id),
        "reward": lounge.code,
        "quantity": 1,
        "points": 0,
    }
    assert await make.available(member_id) == 2
    assert await make.faults(member_id) == []


async def test_what_was_given_uses_nothing_of_a_limit_for_each_member(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100)
    cup = await make.reward(programme, list_points=10, per_member_limit=1)
    await given(programme, member_id, cup)
    await make.redeem(programme, member_id, cup)
    with pytest.raises(LimitReached):
        await make.redeem(programme, member_id, cup)


async def test_a_coupon_is_given_with_its_code_which_any_partner_accepts(
    database: Database,
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    coupon = await make.reward(
        programme, kind="COUPON", pooled_codes=True, low_water=1, worth_minor=5000, **GIFT
    )
    await make.pool(coupon, "GOLD-A", "GOLD-B")
    made = await given(programme, member_id, coupon)
    assert (made.status, made.codes, made.fulfilled_at) == ("FULFILLED", ["GOLD-A"], make.NOW)
    [low] = await make.payloads("coupon.low_water", member_id=programme.id)
    assert low == {"reward": coupon.code, "left": 1}
    shop = make.partner(programme, "shop")
    assert made.is_there_for(shop)
    wanted = redemption_reads.there_for(shop, None, make.NOW)
    assert await redemption_reads.counts([member_id], wanted) == {member_id: 1}
    await coupon_uses.use(make.request(shop), programme, "gold-a")
    assert await codes(coupon) == {"GOLD-A": "USED", "GOLD-B": "IMPORTED"}
    assert await make.faults(member_id) == []


async def test_nothing_is_given_where_nothing_is_left_or_on_offer(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    kinds: dict[Withheld, list[models.Reward]] = {
        Withheld.OUT_OF_STOCK: [await make.reward(programme, stock=0)],
        Withheld.NO_CODES: [
            await make.reward(programme, kind="COUPON", pooled_codes=True, **GIFT),
        ],
        Withheld.NOT_ON_OFFER: [
            await make.reward(programme, active=False),
            await make.reward(programme, valid_until=make.NOW),
            await make.reward(programme, valid_from=make.NOW + DAY),
            await make.reward(programme, kind="COUPON", open_value=True, list_points=1),
            models.Reward(code="nowhere"),
            await make.reward(await make.establish()),
        ],
    }
    activity_id = await bring(programme, member_id)
    for why, rewards in kinds.items():
        for reward in rewards:
            assert await give(programme, member_id, activity_id, reward.code) is why
    assert await rows("SELECT id FROM redemption WHERE member_id = $1", member_id) == []


async def test_the_last_one_is_given_once_to_two_at_once(database: Database) -> None:
    programme = await make.establish()
    last = await make.reward(programme, stock=1, **GIFT)
    members = [await make.enrol(programme) for _ in range(2)]
    calls = [
        partial(give, programme, member, await bring(programme, member), last.code)
        for member in members
    ]
    found = await make.outcomes(*(call() for call in calls))
    assert found.total() == 2
    assert await stock(last) == 0
    assert len(await rows("SELECT id FROM redemption WHERE reward_id = $1", last.id)) == 1


async def test_what_is_taken_back_is_void_or_cancelled_and_can_be_given_again(
    database: Database,
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    cup = await make.reward(programme, kind="PRODUCT", stock=2, **GIFT)
    activity_id = await bring(programme, member_id)
    assert await take_back(programme, member_id, activity_id) is None
    for _ in range(2):
        made = await give(programme, member_id, activity_id, cup.code)
        assert isinstance(made, models.Redemption)
        assert await stock(cup) == 1
        assert await take_back(programme, member_id, activity_id) is Returned.TAKEN
        back = await read(programme, member_id, made.id)
        assert (back.status, back.points, await stock(cup)) == ("CANCELLED", 0, 2)
    told = await make.payloads("redemption.cancelled", member_id=member_id)
    assert told[-1] == {"redemption_id": str(back.id), "points": 0}
    assert await make.faults(member_id) == []


async def test_what_was_used_or_delivered_is_kept(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    coupon = await make.reward(programme, kind="COUPON", **GIFT)
    used = await given(programme, member_id, coupon)
    assert used.activity_id is not None
    await coupon_uses.use(make.request(make.staff(programme)), programme, used.codes[0])
    assert await take_back(programme, member_id, used.activity_id) is Returned.KEPT
    delivered = await given(programme, member_id, await make.reward(programme, **GIFT))
    assert delivered.activity_id is not None
    await make.fulfil(programme, member_id, delivered.id, "SF-1", caller=make.staff(programme))
    assert await take_back(programme, member_id, delivered.activity_id) is Returned.KEPT
    unused = await given(programme, member_id, coupon)
    assert unused.activity_id is not None
    assert await take_back(programme, member_id, unused.activity_id) is Returned.TAKEN
    assert (await codes(coupon))[unused.codes[0]] == "VOID"


async def test_a_granted_reward_is_cancelled_as_any_other(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    cup = await make.reward(programme, kind="PRODUCT", stock=2, **GIFT)
    made = await given(programme, member_id, cup)
    outcome = await make.cancel(programme, member_id, made.id, caller=make.staff(programme))
    assert outcome.figures["points_reinstated"] == 0
    assert (await read(programme, member_id, made.id)).status == "CANCELLED"
    assert (await stock(cup), await make.faults(member_id)) == (2, [])


async def test_nobody_redeems_what_is_only_given(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100)
    gift = await make.reward(programme, **GIFT)
    for hold in (False, True):
        sent = RedeemSent(gift.code, hold=hold)
        with pytest.raises(RewardInactive):
            await redemptions.redeem(
                make.request(make.partner(programme)),
                programme,
                MemberKey.of_id(member_id),
                sent,
            )
    cup = await make.reward(programme, list_points=100)
    shown = partial(catalogue.page, programme, now=make.NOW)
    assert [one.code for one in await shown(PageAsked(RewardFilter(), 9))] == [gift.code, cup.code]
    assert [one.code for one in await shown(PageAsked(RewardFilter(points_max=100), 9))] == [
        cup.code
    ]


async def test_the_database_knows_grants_by_their_0_points(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    activity_id = await bring(programme, member_id)
    gift = await make.reward(programme, **GIFT)
    made = await give(programme, member_id, activity_id, gift.code)
    assert isinstance(made, models.Redemption)
    with pytest.raises(Exception, match="redemption_given_once"):
        await give(programme, member_id, activity_id, gift.code)
    async with connection(database.owner) as owner:
        for change in (
            "points = 1",
            "activity_id = NULL",
            "reward_id = NULL",
            "hold_expires_at = created_at",
            f"activity_id = '{new_id()}'",
        ):
            with pytest.raises(asyncpg.IntegrityConstraintViolationError):
                await owner.execute(f"UPDATE redemption SET {change} WHERE id = $1", made.id)
