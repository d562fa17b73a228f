"""Arrears: what a refund could not take is owed, and later points settle it first."""

from datetime import timedelta
from uuid import UUID

from domain.ledger.refusals import AccountInArrears
from domain.ledger.values import Balances
from domain.programmes.programmes import Programme
from domain.tiers import tiers
from tests.conftest import Database
from tests.support import factories as make
from tests.support import travel
from tests.support.travel import balances, refund

DAY = timedelta(days=1)


async def in_arrears(programme: Programme, owed: int = 300) -> UUID:
    """A member who owes this much and has nothing."""
    member_id = await make.enrol(programme, now=make.NOW - 90 * DAY)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", str(owed)))
    await make.redeem(programme, member_id, await make.reward(programme, list_points=owed))
    await refund(programme, "B", "R")
    assert await balances(member_id) == Balances(owed=owed)
    return member_id


async def test_in_arrears_nothing_can_be_spent(database: Database) -> None:
    programme = await make.establish()
    member_id = await in_arrears(programme)
    other = await make.enrol(programme)
    reward = await make.reward(programme, list_points=100)
    line = make.line_of("hotel", "100")
    async with make.refused(programme, AccountInArrears, "member", owed=300):
        await make.redeem(programme, member_id, reward)
    async with make.refused(programme, AccountInArrears, "member", owed=300):
        await make.redeem(programme, member_id, reward, hold=True)
    async with make.refused(programme, AccountInArrears, "member", owed=300):
        await travel.hold(programme, member_id, 100, line)
    async with make.refused(programme, AccountInArrears, "from", owed=300):
        await make.transfer(programme, member_id, other, 1)


async def test_later_points_settle_first_and_count_as_earned(database: Database) -> None:
    programme = await make.establish()
    member_id = await in_arrears(programme)
    before = await travel.sequence(member_id)
    assert await make.book(programme, member_id, ("hotel", "120")) == 120
    assert await balances(member_id) == Balances(owed=180)
    await make.give(programme, member_id, 500)
    assert await balances(member_id) == Balances(available=320)
    assert await travel.entries(member_id, before) == [
        ("EARN", "issued", "available", 120),
        ("SETTLE", "available", "owed", 120),
        ("EARN", "issued", "available", 500),
        ("SETTLE", "available", "owed", 180),
    ]
    # 120 of the booking; the one of 300 was refunded
    counted = await tiers.qualifying(member_id)
    assert (counted.spend_minor, counted.points) == (12000, 620)


async def test_points_of_every_origin_settle_arrears(database: Database) -> None:
    programme = await make.establish()
    giver = await make.rich_member(programme, 1000, now=make.NOW - 90 * DAY)
    for credit in ("transfer", "adjust", "reinstate"):
        member_id = await make.enrol(programme, now=make.NOW - 90 * DAY)
        reward = await make.reward(programme, list_points=400)
        await make.give(programme, member_id, 100, now=make.NOW - DAY)
        await travel.pay(programme, member_id, credit, make.line_of("hotel", "300"))
        redemption = await make.redeem(programme, member_id, reward)
        await refund(programme, credit, "R")
        assert await balances(member_id) == Balances(owed=300)
        before = await travel.sequence(member_id)
        if credit == "transfer":
            await make.transfer(programme, giver, member_id, 400)
        elif credit == "adjust":
            await make.adjust(programme, member_id, 400)
        else:
            await make.cancel(programme, member_id, redemption)
        settled = (await travel.entries(member_id, before))[1:]
        assert settled == [("SETTLE", "available", "owed", 300)]
        assert await balances(member_id) == Balances(available=100)


async def test_what_comes_back_past_its_expiry_settles_arrears_and_only_the_rest_expires(
    database: Database,
) -> None:
    """500 points that ended meanwhile come back to who owes 300."""
    programme = await make.establish()
    member_id = await make.enrol(programme, now=make.NOW - 400 * DAY)
    await make.give(programme, member_id, 500, now=make.NOW - 360 * DAY)
    old = await make.redeem(
        programme,
        member_id,
        await make.reward(programme, list_points=500),
        now=make.NOW - 350 * DAY,
    )
    later = make.NOW + 60 * DAY
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "300"))
    await make.redeem(programme, member_id, await make.reward(programme, list_points=300))
    await refund(programme, "B", "R")
    assert await balances(member_id) == Balances(owed=300)
    before = await travel.sequence(member_id)
    await make.cancel(programme, member_id, old, now=later)
    assert await travel.entries(member_id, before) == [
        ("REINSTATE", "redeemed", "available", 500),
        ("SETTLE", "available", "owed", 300),
        ("EXPIRE", "available", "expired", 200),
    ]
    assert await balances(member_id, later) == Balances()
    assert await make.faults(member_id) == []


async def test_maturing_points_settle_arrears(database: Database) -> None:
    slow = make.rule("rate", "slow", points=1, available="on_completion")
    programme = await make.establish(make.variant(slow))
    member_id = await make.rich_member(programme, 50)
    await travel.pay(programme, member_id, "B1", make.line_of("hotel", "100"))
    await travel.pay(programme, member_id, "B2", make.line_of("hotel", "200"))
    await travel.complete(programme, "B1")
    await make.redeem(programme, member_id, await make.reward(programme, list_points=150))
    await refund(programme, "B1", "R")
    assert await balances(member_id) == Balances(pending=200, owed=100)
    done = await travel.complete(programme, "B2")
    assert done.figures["points_matured"] == 200
    assert await balances(member_id) == Balances(available=100)
