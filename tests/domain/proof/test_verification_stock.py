"""Verification of stock: what is left is what changes and redemptions left of it, whatever became
of the reward, and whatever goes on at once.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

import models
from domain.kernel.refusals import Refusal
from domain.programmes.programmes import Programme
from domain.proof import audit_checks, first_seals, stock_checks, verification
from domain.redemptions import deliveries
from domain.redemptions.delivery_details import DeliverySent
from domain.rewards import editing
from domain.rewards.editing import StockSent
from ops.postgres.connections import connection
from ops.postgres.database import connected
from tests.conftest import Database
from tests.support import factories as make

LATER = make.NOW + timedelta(days=1)


@pytest.fixture
async def own(fresh_database: Database) -> AsyncIterator[Database]:
    async with connected(fresh_database.serving, everywhere=False):
        yield fresh_database


@pytest.fixture
async def owner(own: Database) -> AsyncIterator[asyncpg.Connection]:
    async with connection(own.owner) as opened:
        yield opened


async def faults() -> list[str]:
    return [str(fault) async for batch in verification.batches() for fault in batch.faults]


async def adjust(programme: Programme, reward: models.Reward, change: int) -> None:
    request = make.request(make.staff(programme))
    await editing.adjust_stock(request, programme, StockSent(reward.code, change, "counted"))


async def taken(programme: Programme, member_id: UUID, redemption_id: UUID) -> tuple[Any, Any]:
    found = await models.Redemption.get(member_id=member_id, id=redemption_id)
    return found.stock_taken, found.stock_returned


async def test_stock_is_what_changes_and_redemptions_left(own: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100_000)
    reward = await make.reward(programme, list_points=10, stock=5)
    spent, given_back, late = [
        await make.redeem(programme, member_id, reward, quantity=number) for number in (1, 2, 1)
    ]
    await make.cancel(programme, member_id, given_back)
    await make.redeem(programme, member_id, reward, hold=True, quantity=2)
    assert await make.stock(reward) == 1
    await adjust(programme, reward, 4)
    await make.set_stock(reward, 50)
    assert await faults() == []

    # nobody counts for a while: what is taken then was taken from no stock, and gives none back
    await make.set_stock(reward, None)
    free, ended = [await make.redeem(programme, member_id, reward) for _ in range(2)]
    await make.redeem(programme, member_id, reward, hold=True)
    await make.cancel(programme, member_id, ended)
    await make.cancel(programme, member_id, spent)
    assert await faults() == []
    await make.set_stock(reward, 7)
    await make.cancel(programme, member_id, free)
    assert await make.stock(reward) == 7
    await make.cancel(programme, member_id, late)
    assert await make.stock(reward) == 8
    assert [await taken(programme, member_id, one) for one in (spent, given_back, free, late)] == [
        (True, None),
        (True, True),
        (False, None),
        (True, True),
    ]
    # two holds have died, of which one had taken two
    await make.redeem(programme, member_id, reward, now=LATER)
    assert await make.stock(reward) == 9
    assert await faults() == []


async def test_what_is_rejected_and_not_put_back_stays_away(own: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 1000)
    box = await make.reward(programme, kind="PRODUCT", list_points=10, stock=5, requires="ADDRESS")
    address = DeliverySent("Li Na", "1", "Nanjing Road 1")
    for restock in (True, False):
        made = await make.redeem(programme, member_id, box, delivery=address)
        request = make.request(make.staff(programme))
        await deliveries.reject(request, programme, (member_id, made), "lost", restock=restock)
        assert await taken(programme, member_id, made) == (True, restock or None)
    assert await make.stock(box) == 4
    assert await faults() == []


PLANTED = {
    "more is left": "UPDATE reward_stock SET remaining = remaining + 1",
    "a count that is gone": "DELETE FROM reward_stock",
    "a change that is gone": "DELETE FROM stock_change WHERE kind = 'PLACED'",
    "a change by more": "UPDATE stock_change SET change = change + 1 WHERE kind = 'OPENED'",
    "what a redemption took": "UPDATE redemption SET stock_taken = false",
    "how many a redemption took": "UPDATE redemption SET quantity = 5",
    "what came back": "UPDATE redemption SET stock_returned = null WHERE stock_returned",
}


@pytest.mark.parametrize("name", PLANTED)
async def test_a_stock_that_was_altered_is_named(owner: asyncpg.Connection, name: str) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 1000)
    reward = await make.reward(programme, list_points=10, stock=5)
    await make.redeem(programme, member_id, reward)
    await make.set_stock(reward, 8)
    await make.cancel(programme, member_id, await make.redeem(programme, member_id, reward))
    assert await faults() == []
    if "stock_taken" in PLANTED[name]:
        await owner.execute("ALTER TABLE redemption DROP CONSTRAINT redemption_stock_returned")
    assert await owner.execute(PLANTED[name]) not in ("UPDATE 0", "DELETE 0")
    found = [one for one in await stock_checks.left() if one.row_id == reward.id]
    assert [(one.table, one.what) for one in found] == [("reward_stock", "remaining")]
    assert str(found[0]) in await faults()


async def test_a_count_from_before_is_recorded_once(owner: asyncpg.Connection) -> None:
    """As a server of the release before left it: nothing says what it was, nor what took of it."""
    programme = await make.establish()
    member_id = await make.rich_member(programme, 1000)
    reward = await make.reward(programme, list_points=10)
    old = await make.redeem(programme, member_id, reward)
    await owner.execute("UPDATE redemption SET stock_taken = NULL")
    await owner.execute("UPDATE account SET seal_number = NULL, seal_hash = NULL")
    await owner.execute("DELETE FROM seal")
    await owner.execute("INSERT INTO reward_stock (reward_id, remaining) VALUES ($1, 9)", reward.id)
    new = await make.redeem(programme, member_id, reward)
    missing = f"reward_stock {reward.id}: its first change is missing, should be there"
    assert f"{missing}: run `ops seal`" in await faults()

    for _ in range(2):
        async for _members in first_seals.seal(programme.id, LATER):
            pass
    assert await faults() == []
    [opened] = await models.StockChange.filter(reward_id=reward.id)
    assert (opened.kind, opened.change, opened.remaining) == ("OPENED", 9, 8)
    # what took before this was recorded gives back as it did
    for one in (old, new):
        await make.cancel(programme, member_id, one)
    assert await make.stock(reward) == 10
    assert await faults() == []


async def test_a_count_that_is_wrong_is_taken_as_it_is_on_demand(
    owner: asyncpg.Connection,
) -> None:
    programme, other = await make.establish(), await make.establish()
    counted, closed, sound = [await make.reward(programme, stock=5) for _ in range(3)]
    foreign = await make.reward(other, stock=5)
    for one in (counted, foreign):
        await owner.execute("UPDATE reward_stock SET remaining = 3 WHERE reward_id = $1", one.id)
    await owner.execute("DELETE FROM reward_stock WHERE reward_id = $1", closed.id)
    assert await stock_checks.take_over(programme.id, LATER) == 0
    assert await stock_checks.take_over(programme.id, LATER, again=True) == 2
    assert {one.row_id for one in await stock_checks.left()} == {foreign.id}
    assert await audit_checks.chains() == []
    changes = await models.StockChange.filter(changed_at=LATER).order_by("reward_id")
    assert [(one.reward_id, one.kind, one.change, one.remaining) for one in changes] == [
        (counted.id, "COUNTED", -2, 3),
        (closed.id, "CLOSED", -5, 0),
    ]
    assert [await make.stock(one) for one in (counted, closed, sound)] == [3, None, 5]


async def test_stock_is_placed_while_redemptions_take_and_give_back(own: Database) -> None:
    programme = await make.establish()
    reward = await make.reward(programme, list_points=10, stock=20)
    members = [await make.rich_member(programme, 1000) for _ in range(6)]
    # some take of a stock and some of none, whoever is the faster one below
    for stock in (20, None):
        await make.set_stock(reward, stock)
        await make.redeem(programme, members[0], reward)

    async def take(member_id: UUID) -> None:
        for number in range(8):
            try:
                made = await make.redeem(programme, member_id, reward, hold=number % 3 == 0)
            except Refusal:
                continue
            if number % 2:
                await make.cancel(programme, member_id, made)

    async def place() -> None:
        for number in range(12):
            await make.set_stock(reward, (None, 3, 40)[number % 3])
            await asyncio.sleep(0.02)

    await asyncio.gather(place(), *(take(member_id) for member_id in members))
    assert await stock_checks.left() == []
    assert await faults() == []
