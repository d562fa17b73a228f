"""Holds: each step happens once, sent again and at once."""

import asyncio
from collections import Counter
from uuid import UUID

import pytest

from domain.kernel.refusals import IdempotencyKeyReused
from domain.ledger.refusals import InsufficientPoints
from domain.ledger.values import Balances
from domain.redemptions.refusals import CodeRevealed, HoldExpired
from domain.rewards.refusals import OutOfStock
from ops.postgres.connections import connection
from tests.conftest import Database
from tests.domain.test_races import waiting
from tests.support import factories as make
from tests.support.held import JUST_BEFORE, UNTIL, balances, opened

pytestmark = pytest.mark.usefixtures("database")


# Sent again.


async def test_each_step_happens_once_under_its_key() -> None:
    programme, member_id, reward = await opened()
    staff = make.staff(programme)
    held = await make.redeem(programme, member_id, reward, hold=True, key="hold")
    first = await make.confirm(programme, member_id, held, key="confirm")
    await make.fulfil(programme, member_id, held, "SF-1", key="fulfil")
    await make.cancel(programme, member_id, held, key="cancel", caller=staff)
    before = await make.everything(programme)

    again = await make.redeem(programme, member_id, reward, hold=True, key="hold")
    confirmed = await make.confirm(programme, member_id, held, key="confirm")
    fulfilled = await make.fulfil(programme, member_id, held, "SF-1", key="fulfil")
    cancelled = await make.cancel(programme, member_id, held, key="cancel", caller=staff)
    assert again == held
    assert (confirmed.figures, confirmed.replayed) == (first.figures, True)
    assert fulfilled.replayed
    assert (cancelled.figures["points_reinstated"], cancelled.replayed) == (100, True)
    assert await make.everything(programme) == before

    async with make.refused(programme, IdempotencyKeyReused, "idempotencyKey"):
        await make.redeem(programme, member_id, reward, key="hold")
    async with make.refused(programme, IdempotencyKeyReused, "idempotencyKey"):
        await make.fulfil(programme, member_id, held, "SF-2", key="fulfil")
    async with make.refused(
        programme, IdempotencyKeyReused, "idempotencyKey", operation="confirmRedemption"
    ):
        await make.cancel(programme, member_id, held, key="confirm")


async def test_a_refused_step_leaves_its_key_free() -> None:
    programme, member_id, reward = await opened(points=50)
    async with make.refused(programme, InsufficientPoints, "points"):
        await make.redeem(programme, member_id, reward, hold=True, key="k")
    await make.give(programme, member_id, 50)
    held = await make.redeem(programme, member_id, reward, hold=True, key="k")
    assert (await make.redemption(programme, member_id, held)).status == "HELD"


async def test_a_replay_shows_the_redemption_as_it_is_by_then() -> None:
    programme, member_id, reward = await opened()
    held = await make.redeem(programme, member_id, reward, hold=True, key="k")
    assert await make.redeem(programme, member_id, reward, hold=True, key="k", now=UNTIL) == held
    shown = await make.redemption(programme, member_id, held)
    assert shown.as_of(UNTIL).status == "RELEASED"


# Races, on connections of their own.


@pytest.mark.usefixtures("proved")
async def test_50_parallel_holds_on_the_last_item() -> None:
    programme = await make.establish()
    reward = await make.reward(programme, list_points=100, stock=1)
    members = [await make.rich_member(programme, 100) for _ in range(50)]
    found = await make.outcomes(
        *(make.redeem(programme, member_id, reward, hold=True) for member_id in members)
    )

    assert found == {"UUID": 1, "OUT_OF_STOCK": 49}
    assert await make.stock(reward) == 0
    states = [await balances(member_id) for member_id in members]
    assert Counter(states) == {Balances(available=100): 49, Balances(held=100): 1}
    assert await make.faults(*members) == []


async def test_the_last_item_of_a_dead_hold_is_given_once() -> None:
    programme = await make.establish()
    reward = await make.reward(programme, list_points=100, stock=1)
    members = [await make.rich_member(programme, 100) for _ in range(20)]
    await make.redeem(programme, members[0], reward, hold=True)
    found = await make.outcomes(
        *(make.redeem(programme, member_id, reward, now=UNTIL) for member_id in members)
    )

    assert found["UUID"] == 1
    assert set(found) <= {"UUID", "OUT_OF_STOCK", "CONCURRENT_REQUEST"}
    assert await make.stock(reward) == 0
    spent = [(await balances(member_id, UNTIL)).available for member_id in members]
    assert sorted(spent) == [0, *[100] * 19]
    assert await make.faults(*members) == []


async def test_who_meets_zero_goes_past_a_dead_hold_that_somebody_writes(
    database: Database,
) -> None:
    programme = await make.establish()
    reward = await make.reward(programme, list_points=100, stock=5)
    holders = sorted([await make.rich_member(programme, 100) for _ in range(5)])
    for member_id in holders:
        await make.redeem(programme, member_id, reward, hold=True)
    rich = await make.rich_member(programme, 200)
    async with connection(database.serving) as raw, raw.transaction():
        await raw.execute("SELECT 1 FROM account WHERE member_id = $1 FOR UPDATE", holders[0])
        await make.redeem(programme, rich, reward, quantity=2, now=UNTIL)

    # no more of them are given back than were wanted
    assert await make.stock(reward) == 0
    written = [len(await make.entries(one)) for one in holders]
    assert written == [2, 3, 3, 2, 2]
    assert await make.faults(rich, *holders) == []


async def test_who_meets_zero_waits_where_every_dead_hold_is_written(database: Database) -> None:
    programme, holder, reward = await opened(points=100, stock=1)
    await make.redeem(programme, holder, reward, hold=True)
    rich = await make.rich_member(programme, 100)
    async with connection(database.serving) as raw, raw.transaction():
        await raw.execute("SELECT 1 FROM account WHERE member_id = $1 FOR UPDATE", holder)
        made = asyncio.ensure_future(make.redeem(programme, rich, reward, now=UNTIL))
        await waiting(1)
    await made
    assert await balances(rich, UNTIL) == Balances()
    assert await make.faults(rich, holder) == []


async def test_holding_and_redeeming_the_same_points() -> None:
    programme, member_id, reward = await opened(points=100, stock=100)
    found = await make.outcomes(
        *(make.redeem(programme, member_id, reward, hold=n % 2 == 0) for n in range(20))
    )
    assert found == {"UUID": 1, "INSUFFICIENT_POINTS": 19}
    assert (await balances(member_id)).available == 0
    assert await make.stock(reward) == 99
    assert await make.faults(member_id) == []


async def test_all_that_dead_holds_keep_is_given_to_who_come_at_once() -> None:
    """Each brings back what it wants, and nobody is refused while a dead hold has some."""
    programme = await make.establish()
    reward = await make.reward(programme, list_points=100, stock=60)
    for _ in range(60):
        holder = await make.rich_member(programme, 100)
        await make.redeem(programme, holder, reward, hold=True)
    buyers = [await make.rich_member(programme, 500) for _ in range(12)]
    found = await make.outcomes(
        *(make.redeem(programme, one, reward, quantity=5, now=UNTIL) for one in buyers)
    )
    assert found == {"UUID": 12}
    assert await make.stock(reward) == 0
    assert await make.faults(*buyers) == []


async def test_who_wants_several_waits_for_one_dead_hold_after_the_other(
    database: Database,
) -> None:
    """However many it takes: each is written by somebody else until a while later."""
    programme = await make.establish()
    reward = await make.reward(programme, list_points=100, stock=6)
    holders = [await make.rich_member(programme, 100) for _ in range(6)]
    for holder in holders:
        await make.redeem(programme, holder, reward, hold=True)
    buyer = await make.rich_member(programme, 600)
    started = asyncio.Event()

    async def writing(holder: UUID, seconds: float) -> None:
        async with connection(database.serving) as raw, raw.transaction():
            await raw.execute("SELECT FROM account WHERE member_id = $1 FOR UPDATE", holder)
            await started.wait()
            await asyncio.sleep(seconds)

    others = [
        asyncio.create_task(writing(holder, 0.2 * number)) for number, holder in enumerate(holders)
    ]
    await asyncio.sleep(0.2)
    started.set()
    bought = await make.redeem(programme, buyer, reward, quantity=6, now=UNTIL)
    await asyncio.gather(*others)
    assert isinstance(bought, UUID)
    assert await make.stock(reward) == 0


async def test_confirming_while_the_hold_dies() -> None:
    """The member confirms at the last moment, while another takes the last item after it."""
    for _ in range(8):
        programme, member_id, reward = await opened(points=100, stock=1)
        other = await make.rich_member(programme, 100)
        held = await make.redeem(programme, member_id, reward, hold=True)
        confirmed, taken = await asyncio.gather(
            make.confirm(programme, member_id, held, now=JUST_BEFORE),
            make.redeem(programme, other, reward, now=UNTIL),
            return_exceptions=True,
        )
        status = (await make.redemption(programme, member_id, held)).status
        left = [(await balances(one, UNTIL)).available for one in (member_id, other)]
        if isinstance(confirmed, HoldExpired):
            assert (isinstance(taken, UUID), status, left) == (True, "RELEASED", [100, 0])
        else:
            assert isinstance(taken, OutOfStock)
            assert (status, left) == ("CONFIRMED", [0, 100])
        assert await make.stock(reward) == 0
        assert await make.faults(member_id, other) == []


@pytest.mark.usefixtures("proved")
async def test_confirming_and_giving_up_at_once() -> None:
    programme, member_id, reward = await opened()
    held = await make.redeem(programme, member_id, reward, hold=True)
    found = await make.outcomes(
        *(
            (make.confirm if n % 2 else make.cancel)(
                programme, member_id, held, caller=make.member_caller(programme, "li", member_id)
            )
            for n in range(10)
        )
    )
    # confirmed first it can still be cancelled, cancelled first it cannot be confirmed
    assert found["Outcome"] in (1, 2)
    assert found["REDEMPTION_STATE"] == 10 - found["Outcome"]
    shown = await make.redemption(programme, member_id, held)
    assert shown.status == ("RELEASED" if found["Outcome"] == 1 else "CANCELLED")
    assert await balances(member_id) == Balances(available=1000)
    assert await make.faults(member_id) == []


async def test_a_code_that_was_shown_is_not_the_members_to_give_back() -> None:
    programme, member_id, _ = await opened()
    coupon = await make.reward(programme, kind="COUPON", list_points=100)
    oneself = make.member_caller(programme, "li", member_id)
    held = await make.redeem(programme, member_id, coupon, hold=True, caller=oneself)
    await make.confirm(programme, member_id, held, caller=oneself)
    async with make.refused(programme, CodeRevealed, "redemption"):
        await make.cancel(programme, member_id, held, caller=oneself)
