"""A snapshot: one instant for all that a block reads, on one connection, whatever happens to it."""

import asyncio

import pytest
from tortoise.connection import connections
from tortoise.exceptions import OperationalError

from domain.kernel.database import (
    Unavailable,
    is_snapshot,
    leave_snapshot,
    row,
    rows,
    snapshot,
    transact,
)
from domain.kernel.database import user as user_of_statements
from ops.postgres.connections import connection
from ops.postgres.database import STATEMENT_SECONDS, connected
from ops.postgres.pool import BEGIN_SNAPSHOT
from tests.ops.postgres.test_pool import SELECT, through_a_line, transactions_left, works
from tests.soak.proxy import COMMIT, End, Trap
from tests.support import factories as make
from tests.support.processes import WAIT_SECONDS
from tests.support.servers import Database

BEGIN = BEGIN_SNAPSHOT.encode()


async def names() -> int:
    found = await row("SELECT count(*) AS programmes FROM programme")
    return int(found["programmes"]) if found else 0


async def elsewhere(database: Database) -> None:
    """A programme that another connection makes."""
    async with connected(database.serving, pool_max=1, everywhere=False):
        await make.establish()


async def reads() -> bool:
    async with snapshot():
        return [await rows("SELECT 1 AS one") for _ in range(2)] == [[{"one": 1}]] * 2


async def held() -> int:
    """Connections of the one pool that somebody has."""
    found = connections.get("default")
    pool = getattr(found, "_parent", found)._pool
    return int(pool.get_size() - pool.get_idle_size())


async def test_a_block_sees_one_instant_and_its_nested_blocks_the_same(database: Database) -> None:
    async with connected(database.serving, pool_max=2, everywhere=False):
        async with snapshot():
            before = await names()
            await asyncio.create_task(elsewhere(database))
            async with snapshot():
                assert await names() == before
            assert set(await asyncio.gather(names(), names())) == {before}
        assert await names() == before + 1


async def test_no_connection_is_held_before_the_first_statement_nor_alone(
    database: Database,
) -> None:
    async with connected(database.serving, pool_max=1, everywhere=False):
        async with snapshot():
            assert await held() == 0
            await names()
            assert await held() == 1
            assert is_snapshot()
            await leave_snapshot()
            await names()
            assert await held() == 0
            assert not is_snapshot()
        assert await held() == 0


async def test_a_transaction_in_a_snapshot_ends_it_and_the_next_sees_what_it_did(
    database: Database,
) -> None:
    async def write() -> None:
        assert not is_snapshot()
        async with snapshot():
            await make.establish()

    async with connected(database.serving, pool_max=1, everywhere=False), snapshot():
        before = await names()
        async with asyncio.timeout(WAIT_SECONDS):
            await transact(write)
        assert await names() == before + 1
        assert is_snapshot()


async def test_what_failed_fails_for_the_rest_of_the_block(database: Database) -> None:
    async with connected(database.serving, pool_max=1, everywhere=False):
        async with snapshot():
            with pytest.raises(OperationalError):
                await rows("SELECT nothing FROM nowhere")
            with pytest.raises(Unavailable):
                await names()
        assert await reads()


async def test_nothing_is_written_in_a_snapshot(database: Database) -> None:
    async with connected(database.serving, pool_max=1, everywhere=False):
        async with snapshot():
            with pytest.raises(Unavailable):
                await rows("DELETE FROM outbox_event RETURNING id")
        assert await reads()


@pytest.mark.parametrize("end", End)
@pytest.mark.parametrize("word", [BEGIN, SELECT])
async def test_a_lost_connection_is_told_and_its_slot_used_again(
    database: Database, end: End, word: bytes
) -> None:
    async with through_a_line(database) as line:
        line.trap = Trap(end, word=word)
        with pytest.raises(Unavailable):
            await reads()
        assert line.trap is None
        assert await reads()
    assert await transactions_left(database) == 0


async def test_what_was_read_stands_where_only_the_end_was_lost(database: Database) -> None:
    async with through_a_line(database) as line:
        line.trap = Trap(End.CUT, word=COMMIT)
        assert await reads()
        assert line.trap is None
        assert await works()


@pytest.mark.parametrize("word", [BEGIN, SELECT, COMMIT])
async def test_what_is_stopped_on_a_silent_line_ends_in_time(
    database: Database, word: bytes
) -> None:
    loop = asyncio.get_running_loop()
    async with through_a_line(database) as line:
        line.trap = Trap(None, word=word)
        began = loop.time()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await reads()
        assert loop.time() - began < STATEMENT_SECONDS
        line.recover()
        assert await works()
    assert await transactions_left(database) == 0


async def test_a_statement_that_nobody_waits_for_keeps_no_connection(database: Database) -> None:
    sleeping = (
        "SELECT pid FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event = 'PgSleep'"
    )
    async with (
        connected(database.serving, pool_max=1, everywhere=False),
        connection(database.serving) as other,
    ):
        async with snapshot():
            left = asyncio.create_task(rows("SELECT pg_sleep(600)"))
            while (pid := await other.fetchval(sleeping)) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        with pytest.raises(Unavailable):
            await left
        assert await works()
        # PostgreSQL hears of a lost line after the statement
        assert await other.fetchval("SELECT pg_cancel_backend($1)", pid)
    assert await transactions_left(database) == 0


async def test_snapshots_are_within_their_callers_share(database: Database) -> None:
    waiting = asyncio.Event()

    async def hold() -> None:
        user_of_statements.set("greedy")
        async with snapshot():
            await names()
            await waiting.wait()
            await names()

    async with connected(database.serving, pool_max=4, everywhere=False):
        greedy = [asyncio.create_task(hold()) for _ in range(10)]
        await asyncio.sleep(0.2)
        async with asyncio.timeout(WAIT_SECONDS), snapshot():
            assert await names() >= 0
        waiting.set()
        await asyncio.gather(*greedy)
