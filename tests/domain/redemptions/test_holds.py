"""Holds: points, stock and codes taken together, kept until they are confirmed, given up or die."""

from datetime import date

import orjson
import pytest

from domain.kernel.database import rows
from domain.ledger import states as ledger_states
from domain.ledger.refusals import InsufficientPoints
from domain.ledger.values import Balances
from domain.members.refusals import LimitReached
from domain.redemptions.redemption_reads import RedemptionStatus
from domain.redemptions.refusals import HoldExpired, RedemptionState
from domain.rewards.refusals import OutOfStock
from tests.support import factories as make
from tests.support import reading, travel
from tests.support.held import JUST_BEFORE, KINDS, MINUTE, UNTIL, balances, opened, touch

pytestmark = pytest.mark.usefixtures("database")


# What a hold takes, and how it ends.


@pytest.mark.parametrize("kind", KINDS)
async def test_a_hold_takes_points_and_stock_and_spends_nothing(kind: str) -> None:
    programme, member_id, reward = await opened(kind=kind)
    held = await make.redeem(programme, member_id, reward, hold=True, quantity=2)

    assert await balances(member_id) == Balances(available=800, held=200)
    assert await make.stock(reward) == 3
    assert await make.entries(member_id) == [("EARN", 1000), ("HOLD", 200)]
    shown = await make.redemption(programme, member_id, held)
    assert (shown.status, shown.points, shown.quantity) == (RedemptionStatus.HELD, 200, 2)
    assert (shown.hold_expires_at, shown.fulfilled_at, shown.codes) == (UNTIL, None, [])
    assert await make.faults(member_id) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_confirming_spends_what_was_held(kind: str) -> None:
    programme, member_id, reward = await opened(kind=kind)
    held = await make.redeem(programme, member_id, reward, hold=True)
    await make.confirm(programme, member_id, held, now=JUST_BEFORE)

    assert await balances(member_id, UNTIL) == Balances(available=900)
    assert await make.entries(member_id) == [("EARN", 1000), ("HOLD", 100), ("CAPTURE", 100)]
    assert await make.stock(reward) == 4
    shown = await make.redemption(programme, member_id, held)
    if kind == "COUPON":
        assert (shown.status, shown.fulfilled_at) == (RedemptionStatus.FULFILLED, JUST_BEFORE)
        assert len(shown.codes) == 1
    else:
        assert (shown.status, shown.fulfilled_at) == (RedemptionStatus.CONFIRMED, None)
        assert shown.codes == []
    assert await make.faults(member_id) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_giving_a_hold_up_puts_everything_back(kind: str) -> None:
    programme, member_id, reward = await opened(kind=kind)
    before = (await make.state(member_id)).lots
    held = await make.redeem(programme, member_id, reward, hold=True, quantity=2)
    outcome = await make.cancel(programme, member_id, held)

    assert outcome.figures["points_reinstated"] == 200
    assert await balances(member_id) == Balances(available=1000)
    assert (await make.state(member_id)).lots == before
    assert await make.entries(member_id) == [("EARN", 1000), ("HOLD", 200), ("RELEASE", 200)]
    assert await make.stock(reward) == 5
    shown = await make.redemption(programme, member_id, held)
    assert (shown.status, shown.codes) == (RedemptionStatus.RELEASED, [])
    assert await make.faults(member_id) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_a_hold_dies_without_anything_being_written(kind: str) -> None:
    programme, member_id, reward = await opened(kind=kind)
    held = await make.redeem(programme, member_id, reward, hold=True)
    before = await make.everything(programme)

    assert await balances(member_id, JUST_BEFORE) == Balances(available=900, held=100)
    assert await balances(member_id, UNTIL) == Balances(available=1000)
    zone = programme.versions[0].policy.zone
    for now, points in ((JUST_BEFORE, 900), (UNTIL, 1000)):
        lots = (await make.state(member_id, now)).lots
        assert ledger_states.expiry_schedule(lots, now, zone) == [
            ledger_states.Expiring(points, date(2027, 3, 15))
        ]
    for now, status in ((JUST_BEFORE, "HELD"), (UNTIL, "RELEASED")):
        shown = (await make.redemption(programme, member_id, held)).as_of(now)
        assert (shown.status, shown.codes) == (status, [])
    assert await make.everything(programme) == before


async def test_the_next_write_posts_the_time_out_as_of_when_it_was() -> None:
    programme, member_id, reward = await opened()
    held = await make.redeem(programme, member_id, reward, hold=True)
    await touch(programme, member_id, UNTIL + 45 * MINUTE)

    found = await reading.entries(member_id, limit=9)
    assert [(e.kind, e.points, e.effective_at, e.recorded_at) for e in found[:3]] == [
        ("EARN", 1, UNTIL + 45 * MINUTE, UNTIL + 45 * MINUTE),
        ("RELEASE", 100, UNTIL, UNTIL + 45 * MINUTE),
        ("HOLD", 100, make.NOW, make.NOW),
    ]
    assert found[1].redemption_id == held
    assert await make.stock(reward) == 5
    shown = await make.redemption(programme, member_id, held)
    assert (shown.status, shown.released_at) == ("RELEASED", UNTIL + 45 * MINUTE)
    assert await make.faults(member_id) == []


async def test_a_hold_that_dies_is_told_and_one_given_up_is_told_as_that() -> None:
    programme, member_id, reward = await opened()
    dead = await make.redeem(programme, member_id, reward, hold=True)
    given_up = await make.redeem(programme, member_id, reward, hold=True)
    await make.cancel(programme, member_id, given_up, now=make.NOW + MINUTE)
    await touch(programme, member_id, UNTIL)

    assert (await travel.topics(member_id))[2:] == [
        "reward.held",
        "reward.held",
        "redemption.cancelled",
        "reward.released",
        "points.earned",
    ]
    [told] = await rows(
        "SELECT payload FROM outbox_event WHERE member_id = $1 AND topic = 'reward.released'",
        member_id,
    )
    assert orjson.loads(told["payload"]) == {
        "redemption_id": str(dead),
        "reward": reward.code,
        "quantity": 1,
        "points": 100,
    }


async def test_how_long_a_hold_lives_is_the_policys() -> None:
    programme = await make.establish(make.shipped_document(holds={"minutes": 5}))
    member_id = await make.rich_member(programme, 100)
    reward = await make.reward(programme, list_points=100)
    held = await make.redeem(programme, member_id, reward, hold=True)
    shown = await make.redemption(programme, member_id, held)
    assert shown.hold_expires_at == make.NOW + 5 * MINUTE


async def test_several_holds_die_each_at_its_own_instant() -> None:
    programme, member_id, reward = await opened()
    await make.redeem(programme, member_id, reward, hold=True)
    await make.redeem(programme, member_id, reward, hold=True, now=make.NOW + 10 * MINUTE)
    await make.redeem(programme, member_id, reward, hold=True, now=make.NOW + 20 * MINUTE)

    for minutes, held in ((29, 300), (30, 200), (40, 100), (50, 0)):
        state = await balances(member_id, make.NOW + minutes * MINUTE)
        assert (state.available, state.held) == (1000 - held, held)
    await touch(programme, member_id, make.NOW + 45 * MINUTE)
    assert (await balances(member_id, make.NOW + 45 * MINUTE)).held == 100
    assert await make.stock(reward) == 4
    assert await make.faults(member_id) == []


async def test_a_hold_needs_points_that_are_there() -> None:
    programme, member_id, reward = await opened(points=150)
    await make.redeem(programme, member_id, reward, hold=True)
    facts = {"available": 50, "required": 100}
    async with make.refused(programme, InsufficientPoints, "points", **facts):
        await make.redeem(programme, member_id, reward, hold=True, now=JUST_BEFORE)
    await make.redeem(programme, member_id, reward, hold=True, now=UNTIL)
    assert await balances(member_id, UNTIL) == Balances(available=50, held=100)


# A dead hold.


@pytest.mark.parametrize("posted", [False, True])
async def test_a_dead_hold_is_not_confirmed(posted: bool) -> None:
    programme, member_id, reward = await opened()
    held = await make.redeem(programme, member_id, reward, hold=True)
    if posted:
        await touch(programme, member_id, UNTIL)
    async with make.refused(programme, HoldExpired, "redemption", expired_at=UNTIL):
        await make.confirm(programme, member_id, held, now=UNTIL)
    assert (await balances(member_id, UNTIL)).held == 0


@pytest.mark.parametrize("posted", [False, True])
async def test_a_dead_hold_is_released_already(posted: bool) -> None:
    programme, member_id, reward = await opened()
    held = await make.redeem(programme, member_id, reward, hold=True)
    if posted:
        await touch(programme, member_id, UNTIL)
    async with make.refused(programme, RedemptionState, "redemption", status="RELEASED"):
        await make.cancel(programme, member_id, held, now=UNTIL)


async def test_a_hold_that_was_given_up_is_not_confirmed() -> None:
    programme, member_id, reward = await opened()
    held = await make.redeem(programme, member_id, reward, hold=True)
    await make.cancel(programme, member_id, held)
    for now in (make.NOW, UNTIL):
        async with make.refused(programme, RedemptionState, "redemption", status="RELEASED"):
            await make.confirm(programme, member_id, held, now=now)


@pytest.mark.parametrize("kind", KINDS)
async def test_the_same_member_redeems_again_what_its_dead_hold_had(kind: str) -> None:
    """The points, the last item and the only one allowed, with no job in between."""
    programme, member_id, reward = await opened(points=100, kind=kind, stock=1, per_member_limit=1)
    await make.redeem(programme, member_id, reward, hold=True)
    async with make.refused(programme, LimitReached, "quantity", limit=1):
        await make.redeem(programme, member_id, reward, now=JUST_BEFORE)
    await make.redeem(programme, member_id, reward, now=UNTIL)

    assert await balances(member_id, UNTIL) == Balances()
    assert await make.stock(reward) == 0
    assert await make.entries(member_id) == [
        *(("EARN", 100), ("HOLD", 100), ("RELEASE", 100), ("REDEEM", 100)),
    ]
    assert await make.faults(member_id) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_who_meets_zero_gets_what_dead_holds_kept(kind: str) -> None:
    programme, first, reward = await opened(kind=kind, stock=2)
    other, third = [await make.rich_member(programme, 100) for _ in range(2)]
    await make.redeem(programme, first, reward, hold=True)
    await make.redeem(programme, other, reward, hold=True, now=make.NOW + MINUTE)

    async with make.refused(programme, OutOfStock, "reward", remaining=0):
        await make.redeem(programme, third, reward, now=JUST_BEFORE)
    await make.redeem(programme, third, reward, now=UNTIL)

    # the other's hold lives on
    assert await balances(other, UNTIL) == Balances(held=100)
    assert await make.entries(first) == [("EARN", 1000), ("HOLD", 100), ("RELEASE", 100)]
    assert await make.entries(third) == [("EARN", 100), ("REDEEM", 100)]
    assert await make.stock(reward) == 0
    assert await make.faults(first, other, third) == []
