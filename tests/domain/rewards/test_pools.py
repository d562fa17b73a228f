"""Counts of pools: taken with the codes, given back with them, and proved by the codes."""

import asyncio
from datetime import datetime, timedelta

import pytest

import models
from domain.kernel.database import rows, update
from domain.programmes.programmes import Programme
from domain.proof import pool_checks
from domain.rewards import catalogue, pools
from domain.rewards.refusals import CodePoolExhausted
from tests.support import factories as make

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)
UNTIL = make.NOW + timedelta(minutes=30)
"""When a hold taken now dies."""


async def pool_of(*codes: str) -> tuple[Programme, models.Reward]:
    programme = await make.establish()
    reward = await make.reward(programme, kind="COUPON", pooled_codes=True, list_points=100)
    await make.pool(reward, *codes)
    return programme, reward


async def counts(reward: models.Reward) -> dict[datetime | None, int]:
    found = await models.PoolStock.filter(reward_id=reward.id)
    return {count.valid_until: count.remaining for count in found}


async def wrong(reward: models.Reward) -> list[str]:
    found = await pool_checks.counts()
    return [str(fault) for fault in found if fault.row_id == reward.id]


async def left(programme: Programme, reward: models.Reward, now: datetime = make.NOW) -> int | None:
    return (await catalogue.get(programme.id, reward.code, now)).remaining


async def test_a_count_for_each_end_of_validity() -> None:
    programme, reward = await pool_of("A", "B")
    await make.pool(reward, "C", "D", "E", valid_until=make.NOW + DAY)
    await make.pool(reward, "F")
    assert await counts(reward) == {None: 3, make.NOW + DAY: 3}
    assert await left(programme, reward) == 6
    assert await left(programme, reward, make.NOW + DAY) == 3
    assert await wrong(reward) == []


async def test_a_read_of_a_counted_pool_reads_no_codes() -> None:
    """Whatever becomes of 20 000 codes behind it: the counts are what a read adds up."""
    programme, reward = await pool_of()
    await update(
        "INSERT INTO coupon_code (id, programme_id, reward_id, code, status, imported_at) "
        "SELECT gen_random_uuid(), $1, $2, 'C' || n, 'IMPORTED', $3 "
        "FROM generate_series(1, 20000) AS n",
        programme.id,
        reward.id,
        make.NOW,
    )
    assert await left(programme, reward) == 20_000
    await pools.recount(reward.id)
    sql = f"SELECT {pools.LEFT} AS remaining FROM reward w WHERE w.id = '{reward.id}'"
    plan = await rows(
        "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) " + sql.replace("$2", f"'{make.NOW.isoformat()}'")
    )
    codes = [line["QUERY PLAN"] for line in plan if "Scan" in line["QUERY PLAN"]]
    codes = [line for line in codes if "coupon_code" in line]
    assert codes
    assert all("never executed" in line for line in codes)
    assert await left(programme, reward) == 20_000


async def test_what_is_taken_is_counted_off_and_what_died_is_counted_again() -> None:
    programme, reward = await pool_of("A", "B", "C")
    member_id = await make.rich_member(programme, 1000)
    await make.redeem(programme, member_id, reward)
    held = await make.redeem(programme, member_id, reward, hold=True, quantity=2)
    assert await counts(reward) == {None: 0}
    async with make.refused(programme, CodePoolExhausted, "reward"):
        await make.redeem(programme, member_id, reward)
    await make.cancel(programme, member_id, held)
    assert await counts(reward) == {None: 2}
    await make.redeem(programme, member_id, reward, hold=True, quantity=2)
    await make.give(programme, member_id, 1, now=UNTIL)
    assert await counts(reward) == {None: 2}
    assert await wrong(reward) == []


async def test_a_pool_from_before_is_counted_by_its_codes_until_it_is_counted() -> None:
    programme, reward = await pool_of("A", "B", "C")
    await update("DELETE FROM pool_stock WHERE reward_id = $1", reward.id)
    member_id = await make.rich_member(programme, 1000)
    held = await make.redeem(programme, member_id, reward, hold=True)
    assert (await counts(reward), await left(programme, reward)) == ({}, 2)
    assert (reward.id, reward.code) in await pools.uncounted()
    await pools.recount(reward.id)
    assert (await counts(reward), await left(programme, reward)) == ({None: 2}, 2)
    assert (reward.id, reward.code) not in await pools.uncounted()
    await make.cancel(programme, member_id, held)
    assert await counts(reward) == {None: 3}


async def test_the_first_import_counts_what_was_there() -> None:
    _, reward = await pool_of("A", "B")
    await update("DELETE FROM pool_stock WHERE reward_id = $1", reward.id)
    await make.pool(reward, "C")
    assert await counts(reward) == {None: 3}


async def test_verify_finds_a_count_that_is_wrong_and_counting_again_mends_it() -> None:
    _, reward = await pool_of("A", "B")
    await make.pool(reward, "C", valid_until=make.NOW + DAY)
    await models.PoolStock.filter(reward_id=reward.id, valid_until=None).update(remaining=5)
    await models.PoolStock.filter(reward_id=reward.id, valid_until__not_isnull=True).delete()
    named = f"pool_stock {reward.id}: remaining of codes that end"
    end = (make.NOW + DAY).isoformat()
    assert await wrong(reward) == [
        f"{named} {end} is null, should be 1, the number of imported codes",
        f"{named} never is 5, should be 2, the number of imported codes",
    ]
    await pools.recount(reward.id)
    assert await counts(reward) == {None: 2, make.NOW + DAY: 1}
    assert await wrong(reward) == []


async def test_counting_while_codes_are_taken() -> None:
    programme, reward = await pool_of(*(f"C{number}" for number in range(20)))
    await update("DELETE FROM pool_stock WHERE reward_id = $1", reward.id)
    members = [await make.rich_member(programme, 100) for _ in range(10)]
    await asyncio.gather(
        *(make.redeem(programme, member_id, reward) for member_id in members),
        *(pools.recount(reward.id) for _ in range(3)),
    )
    assert await models.CouponCode.filter(reward_id=reward.id, status="IMPORTED").count() == 10
    assert await counts(reward) == {None: 10}
