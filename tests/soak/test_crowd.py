"""A crowd of operations at once, in small; and the two that once locked each other out."""

import asyncio

from ops.postgres.connections import connection
from ops.postgres.database import connected
from tests.domain.test_races import waiting
from tests.soak import crowd, proofs
from tests.support import factories as make
from tests.support.servers import Database


async def test_200_operations_at_once_lock_nobody_out(fresh_database: Database) -> None:
    done = await crowd.run(fresh_database, range(1), 1, proofs.silent)
    assert done.pop("grants") > crowd.MEMBERS
    assert sum(done.values()) == crowd.AT_ONCE
    assert done["transfer"] > 10
    assert done["redemption"] > 0


async def test_each_takes_the_reward_that_the_others_dead_hold_was_of(
    fresh_database: Database,
) -> None:
    """Both wait for the stock of `one`, in which the first one's redemption is."""
    async with connected(fresh_database.serving, everywhere=False):
        programme = await make.establish()
        one, two = [await make.reward(programme, list_points=10, stock=5) for _ in range(2)]
        first, other = [await make.rich_member(programme, 20) for _ in range(2)]
        await make.redeem(programme, first, two, hold=True)
        await make.redeem(programme, other, one, hold=True)
        async with connection(fresh_database.serving) as raw, raw.transaction():
            await raw.execute("SELECT 1 FROM reward_stock WHERE reward_id = $1 FOR UPDATE", one.id)
            calls = []
            for member_id, reward in ((first, one), (other, two)):
                call = make.redeem(programme, member_id, reward, now=crowd.MIDNIGHT)
                calls.append(asyncio.ensure_future(call))
                await waiting(len(calls))
        await asyncio.gather(*calls)
        assert [await make.stock(reward) for reward in (one, two)] == [4, 4]
        assert await make.faults(first, other) == []
    assert await crowd.deadlocks(fresh_database) == 0
