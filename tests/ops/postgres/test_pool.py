"""What a connection's loss leaves behind: nothing, whichever statement it hits."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from tortoise.connection import connections
from tortoise.transactions import in_transaction

from domain.kernel.database import Unavailable, rows, transact
from domain.kernel.database import user as user_of_statements
from domain.kernel.refusals import ConcurrentRequest
from domain.rewards.refusals import OutOfStock
from ops.errors import DatabaseError
from ops.postgres.connections import connection
from ops.postgres.database import STATEMENT_SECONDS, connected
from ops.postgres.shares import share_of
from tests.soak import proxy
from tests.soak.proxy import BEGIN, COMMIT, End, Proxy, Trap
from tests.support import factories as make
from tests.support.commands import Commands
from tests.support.processes import WAIT_SECONDS
from tests.support.servers import Database
from tests.support.sessions import kept_in, kept_in_pool

SELECT = b"SELECT 1"
WORDS = [BEGIN, SELECT, COMMIT]


@asynccontextmanager
async def through_a_line(database: Database) -> AsyncIterator[Proxy]:
    """A pool of one connection behind a proxy: a slot that is lost stops everything."""
    async with (
        proxy.before(database.serving) as line,
        connected(line.url(database.serving), pool_max=1, everywhere=False),
    ):
        yield line


async def works() -> bool:
    async with asyncio.timeout(WAIT_SECONDS), in_transaction():
        return await rows("SELECT 1 AS one") == [{"one": 1}]


async def transactions_left(database: Database) -> int:
    """Those of the serving role that stay open when every line's end was noticed."""
    async with connection(database.serving) as serving:
        for _ in range(3000):
            found: int = await serving.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
            )
            if not found:
                break
            await asyncio.sleep(0.02)
    return found


@pytest.mark.parametrize("end", End)
@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("bytes_passed", [None, 4])
async def test_a_lost_connection_is_told_and_its_slot_used_again(
    database: Database, end: End, word: bytes, bytes_passed: int | None
) -> None:
    async with through_a_line(database) as line:
        line.trap = Trap(end, bytes_passed, word)
        with pytest.raises(Unavailable):
            await works()
        assert line.trap is None
        assert await works()
    assert await transactions_left(database) == 0


async def test_a_single_statement_tells_its_loss(database: Database) -> None:
    async with through_a_line(database) as line:
        line.trap = Trap(End.RESET, word=SELECT)
        with pytest.raises(Unavailable):
            await rows("SELECT 1 AS one")
        assert await works()


async def test_a_loss_within_a_nested_transaction_is_told(database: Database) -> None:
    async def work() -> None:
        async with in_transaction(), in_transaction():
            line.break_off(End.CUT)
            await rows("SELECT 1 AS one")

    async with through_a_line(database) as line:
        with pytest.raises(Unavailable):
            await work()
        assert await works()


async def test_a_refusal_stays_one_when_there_is_nothing_left_to_roll_back(
    database: Database,
) -> None:
    async def refuse() -> None:
        async with in_transaction():
            line.break_off(End.CUT)
            await asyncio.sleep(0.05)
            raise OutOfStock("lounge", 0)

    async with through_a_line(database) as line:
        with pytest.raises(OutOfStock):
            await refuse()
        assert await works()


async def test_a_database_that_cannot_be_reached_is_told(database: Database) -> None:
    async with through_a_line(database) as line:
        line.refusing = True
        line.break_off(End.RESET)
        for _ in range(3):
            with pytest.raises(Unavailable):
                await works()
            with pytest.raises(Unavailable):
                await rows("SELECT 1 AS one")
        line.recover()
        assert await works()


@pytest.mark.parametrize("word", WORDS)
async def test_what_is_stopped_on_a_silent_line_ends_in_time(
    database: Database, word: bytes
) -> None:
    loop = asyncio.get_running_loop()
    async with through_a_line(database) as line:
        line.trap = Trap(None, word=word)
        began = loop.time()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await works()
        assert loop.time() - began < STATEMENT_SECONDS
        line.recover()
        assert await works()
    assert await transactions_left(database) == 0


async def test_a_statement_stopped_by_a_request_s_time_ends_in_the_database_too(
    database: Database,
) -> None:
    """And its connection, which answered in time, is kept."""
    limit = asyncio.timeout(None)

    async def sleep() -> None:
        async with limit, in_transaction():
            await rows("SELECT pg_sleep(60)")

    async def end_its_time(pid: int) -> None:
        sleeps = "SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = $1"
        async with connection(database.serving) as serving:
            while not await serving.fetchval(sleeps, pid):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        limit.reschedule(asyncio.get_running_loop().time())

    async with connected(database.serving, pool_max=1, everywhere=False):
        [before] = await rows("SELECT pg_backend_pid() AS pid")
        ending = asyncio.create_task(end_its_time(before["pid"]))
        with pytest.raises(TimeoutError):
            await sleep()
        await ending
        assert await rows("SELECT pg_backend_pid() AS pid") == [before]
    assert await transactions_left(database) == 0


async def test_the_database_itself_ends_a_transaction_that_nobody_is_heard_of(
    database: Database, owner_connection: asyncpg.Connection
) -> None:
    async def fall_asleep() -> None:
        async with in_transaction():
            [own] = await rows("SELECT pg_backend_pid() AS pid")
            await rows("SET LOCAL idle_in_transaction_session_timeout = '50ms'")
            lives = "SELECT true FROM pg_stat_activity WHERE pid = $1"
            while await owner_connection.fetchval(lives, own["pid"]):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            await rows("SELECT 1")

    async with connected(database.serving, pool_max=1, everywhere=False):
        assert await rows("SHOW idle_in_transaction_session_timeout") == [
            {"idle_in_transaction_session_timeout": "30s"}
        ]
        with pytest.raises(Unavailable):
            await fall_asleep()
        assert await works()


async def test_a_command_that_loses_the_database_says_so(commands: Commands) -> None:
    async with proxy.before(commands.database.serving) as line:
        line.trap = Trap(End.CUT, word=b"REPEATABLE READ")
        url = line.url(commands.database.serving)
        said = await asyncio.to_thread(commands.refusal, "verify", MILEPOST_DATABASE_URL=url)
    assert said == (
        "the database was lost (ConnectionDoesNotExistError): committed work is kept, "
        "run this again"
    )


async def test_a_database_that_hangs_up_at_once_is_said_so(database: Database) -> None:
    async with proxy.before(database.serving) as line:
        line.refusing = True
        with pytest.raises(DatabaseError, match=r" as \w+ closed the connection at once$"):
            async with connected(line.url(database.serving), everywhere=False):
                pass


@pytest.mark.parametrize(("connections", "share"), [(1, 1), (2, 1), (4, 3), (10, 8), (200, 150)])
def test_some_connections_are_never_one_callers(connections: int, share: int) -> None:
    assert share_of(connections) == share


async def test_a_caller_that_takes_all_it_may_leaves_connections_to_others(
    database: Database,
) -> None:
    held = asyncio.Event()

    async def hold(user: str | None) -> int:
        user_of_statements.set(user)
        async with in_transaction():
            await rows("SELECT 1")
            await held.wait()
        return 1

    async def reads(user: str | None) -> bool:
        user_of_statements.set(user)
        return await rows("SELECT 1 AS one") == [{"one": 1}]

    async with connected(database.serving, pool_max=4, everywhere=False):
        greedy = [asyncio.create_task(hold("greedy")) for _ in range(20)]
        await asyncio.sleep(0.2)
        async with asyncio.timeout(WAIT_SECONDS):
            assert await asyncio.create_task(reads("modest"))
            assert await asyncio.create_task(reads(None))
        waits = asyncio.create_task(reads("greedy"))
        await asyncio.sleep(0.1)
        assert not waits.done()
        # what is stopped while it waits keeps no share
        for stopped in greedy[10:]:
            stopped.cancel()
        held.set()
        assert await asyncio.gather(*greedy[:10]) == [1] * 10
        assert await waits
        shares = connections.get("default").shares
        assert await asyncio.create_task(reads("greedy"))
        del greedy, stopped, waits
        gc.collect()
        assert dict(shares.callers) == {}


@pytest.mark.usefixtures("served_lock_timeout")
async def test_a_write_waits_for_a_lock_for_seconds_only(database: Database) -> None:
    attempts = 0

    async def lock() -> None:
        nonlocal attempts
        attempts += 1
        await rows("SELECT FROM account WHERE member_id = $1 FOR UPDATE", member_id)

    async with (
        connected(database.serving, pool_max=2, everywhere=False),
        connection(database.owner) as other,
    ):
        member_id = await make.enrol(await make.establish())
        async with other.transaction():
            await other.execute("SELECT FROM account WHERE member_id = $1 FOR UPDATE", member_id)
            async with asyncio.timeout(WAIT_SECONDS):
                with pytest.raises(ConcurrentRequest):
                    await transact(lock)
        assert attempts == 1
        await transact(lock)


@pytest.mark.parametrize(
    ("statement", "kept"),
    [
        ("SET lock_timeout = '1s'", "setting lock_timeout"),
        ("LISTEN bell", "channel bell"),
        ("DECLARE rest CURSOR WITH HOLD FOR SELECT 1", "cursor rest"),
        ("SELECT pg_advisory_lock(7)", "advisory lock"),
        ("CREATE TEMPORARY TABLE scratch (one int)", "temporary table"),
    ],
)
async def test_what_a_session_keeps_is_noticed(
    owner_connection: asyncpg.Connection, statement: str, kept: str
) -> None:
    await owner_connection.execute(statement)
    assert kept in await kept_in(owner_connection)


async def test_a_connection_is_given_back_without_a_statement(database: Database) -> None:
    sent: list[str] = []
    async with connected(database.serving, pool_max=1, everywhere=False):
        await rows("SELECT 1 AS one")
        pool = connections.get("default")._pool
        async with pool.acquire() as connection:
            connection.add_query_logger(lambda query: sent.append(query.query))
        await works()
        assert sent == ["BEGIN;", "SELECT 1 AS one", "COMMIT;"]
        assert await kept_in_pool() == []
