"""Low water: a pool that runs low is told once."""

import pytest

from tests.support import factories as make
from tests.support.pooled import DAY, low_water, opened

pytestmark = pytest.mark.usefixtures("database")


async def test_low_water_is_told_once_at_the_mark() -> None:
    programme, member_id, reward = await opened(*"ABCDE", low_water=2)
    for _ in range(2):
        await make.redeem(programme, member_id, reward)
    assert await low_water(programme) == []
    await make.redeem(programme, member_id, reward)
    assert await low_water(programme) == [{"reward": reward.code, "left": 2}]
    for _ in range(2):
        await make.redeem(programme, member_id, reward)
    assert await low_water(programme) == [{"reward": reward.code, "left": 2}]


async def test_low_water_is_told_by_whoever_passes_the_mark() -> None:
    programme, member_id, reward = await opened(*"ABCDE", low_water=3)
    await make.redeem(programme, member_id, reward, quantity=4, hold=True)
    assert await low_water(programme) == [{"reward": reward.code, "left": 1}]


async def test_low_water_counts_what_can_still_be_given() -> None:
    programme, member_id, reward = await opened(*"AB", low_water=1)
    await make.pool(reward, "C", valid_until=make.NOW + DAY)
    await make.redeem(programme, member_id, reward, now=make.NOW + DAY)
    assert await low_water(programme) == [{"reward": reward.code, "left": 1}]


async def test_low_water_is_told_again_after_more_came() -> None:
    programme, member_id, reward = await opened("A", "B", low_water=1)
    await make.redeem(programme, member_id, reward)
    await make.pool(reward, "C")
    await make.redeem(programme, member_id, reward)
    assert [event["left"] for event in await low_water(programme)] == [1, 1]


async def test_a_reward_without_a_mark_or_a_pool_tells_nothing() -> None:
    programme, member_id, reward = await opened("A", "B")
    await make.redeem(programme, member_id, reward, quantity=2)
    made = await make.reward(programme, kind="COUPON", list_points=100, low_water=5, stock=1)
    await make.redeem(programme, member_id, made)
    assert await low_water(programme) == []
