"""Reads from a streaming standby: what was written is read at once, and nobody is failed by it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest
from tortoise.connection import connections

from domain.kernel.database import row, rows, snapshot
from ops.asgi import serving
from ops.postgres import cluster
from ops.postgres.connections import connection
from ops.postgres.database import Standby, connected
from ops.postgres.replica import HAS_PLAYED, POSITION, Replica
from ops.settings import load
from tests.soak import proxy
from tests.soak.proxy import End, Trap
from tests.support import factories as make
from tests.support.callers import Stage, codes, open_stage
from tests.support.processes import WAIT_SECONDS, eventually
from tests.support.queries import QUERIES
from tests.support.servers import close_home, open_home
from tests.support.standby import Pair, pair, stranger
from tests.support.things import furnish

LAG_SECONDS = float(WAIT_SECONDS)
"""Long enough for a machine that is busy; where a standby is to be late, it is for ever."""

pytestmark = pytest.mark.xdist_group("replica")

MEMBERS = "{ members { totalCount } }"
REWARDS = "{ rewards { edges { node { code } } } }"
STATEMENT = """query($period: StatementPeriod!) {
    me { statement(period: $period) { buckets { bucket closing } } } }"""


@pytest.fixture(scope="module")
async def both() -> AsyncIterator[Pair]:
    home = open_home()
    try:
        async with pair(home) as made:
            yield made
    finally:
        close_home(home)


@asynccontextmanager
async def reading(
    both: Pair, url: str | None = None, lag: float = LAG_SECONDS
) -> AsyncIterator[Replica]:
    """Models reach the primary, and reads the standby, by default as it is."""
    standby = Standby(url or both.standby_url, lag)
    serving_url = both.database.serving
    async with connected(serving_url, pool_max=4, everywhere=False, standby=standby):
        yield cast(Replica, connections.get("default").replica)


async def is_elsewhere() -> bool:
    """Whether the standby answers."""
    async with snapshot(replica=True):
        found = await row("SELECT pg_is_in_recovery() AS standby")
        return bool(found and found["standby"])


async def programmes() -> int:
    async with snapshot(replica=True):
        found = await row("SELECT count(*) AS programmes FROM programme")
        return int(found["programmes"]) if found else 0


async def all_given_back() -> None:
    """Nobody keeps a connection, of either; who comes too late gives it back too late."""
    primary = connections.get("default")
    pools = [one._pool for one in (primary, primary.replica.standby) if one._pool]

    def are_idle() -> bool:
        return all(pool.get_size() == pool.get_idle_size() for pool in pools)

    assert await asyncio.to_thread(eventually, are_idle)


async def test_what_was_written_is_read_at_once_from_the_standby(both: Pair) -> None:
    async with reading(both):
        before = await programmes()
        for written in range(1, 11):
            await make.establish()
            seen = await asyncio.gather(*(programmes() for _ in range(5)))
            assert set(seen) == {before + written}
            assert await is_elsewhere()
        await all_given_back()


async def test_a_block_that_wrote_reads_the_primary_from_then_on(both: Pair) -> None:
    async with reading(both), snapshot(replica=True):
        assert await is_elsewhere()
        before = await programmes()
        await make.establish()
        assert await programmes() == before + 1
        assert not await is_elsewhere()


async def test_who_does_not_ask_for_the_standby_has_the_primary(both: Pair) -> None:
    async with reading(both):
        assert await rows("SELECT pg_is_in_recovery() AS standby") == [{"standby": False}]
        async with snapshot():
            assert await rows("SELECT pg_is_in_recovery() AS standby") == [{"standby": False}]


async def test_a_standby_that_is_late_is_left_alone_until_it_has_caught_up(both: Pair) -> None:
    async with reading(both) as replica:
        assert await is_elsewhere()
        before, began = await programmes(), time.monotonic()
        replica.lag_seconds = 0.05
        async with both.paused():
            await make.establish()
            assert await programmes() == before + 1
            assert replica.rests_until > began
            assert not await is_elsewhere()
            await all_given_back()
        replica.lag_seconds, replica.rests_until = LAG_SECONDS, 0
        assert await is_elsewhere()
        assert await programmes() == before + 1


async def test_a_standby_that_is_away_is_not_missed(both: Pair) -> None:
    async with reading(both) as replica:
        assert await is_elsewhere()
        before, began = await programmes(), time.monotonic()
        cluster.stop(both.standby)
        try:
            assert await programmes() == before
            assert not await is_elsewhere()
            assert replica.rests_until > began
            await all_given_back()
        finally:
            cluster.ensure_started(both.standby)
        replica.rests_until = 0
        assert await is_elsewhere()


async def test_what_is_no_standby_of_this_primary_is_not_read(both: Pair) -> None:
    async with reading(both, both.database.serving, lag=0.2):
        assert not await is_elsewhere()
    async with reading(both, "postgresql://milepost:x@127.0.0.1:1/milepost", lag=0.2):
        assert not await is_elsewhere()


async def test_a_standby_of_another_primary_is_not_read(both: Pair) -> None:
    home = open_home()
    try:
        with stranger(home) as url:
            await check_stranger(both, url)
    finally:
        close_home(home)


async def check_stranger(both: Pair, url: str) -> None:
    """It would be read, but for whose it is."""
    async with connection(both.database.serving) as primary, connection(url) as standby:
        asked = await primary.fetchrow(POSITION)
        own = await standby.fetchval("SELECT system_identifier FROM pg_control_system()")
        assert own != asked["cluster"]
        assert await standby.fetchval(HAS_PLAYED, asked["position"], own) is True
        assert await standby.fetchval(HAS_PLAYED, asked["position"], asked["cluster"]) is False
    async with reading(both, url, lag=1.0):
        assert not await is_elsewhere()


async def test_who_goes_away_while_the_standby_is_waited_for_keeps_nothing(both: Pair) -> None:
    async with reading(both):
        async with both.paused():
            await make.establish()
            asked = asyncio.create_task(is_elsewhere())
            await asyncio.sleep(0.1)
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asked
        assert await is_elsewhere()
        await all_given_back()


@asynccontextmanager
async def served(
    both: Pair, monkeypatch: pytest.MonkeyPatch, url: str
) -> AsyncIterator[tuple[Stage, Replica]]:
    """A programme that is asked as a server process asks, its settings read from variables."""
    monkeypatch.setenv("MILEPOST_DATABASE_URL", both.database.serving)
    monkeypatch.setenv("MILEPOST_REPLICA_DATABASE_URL", url)
    async with serving(both.database.serving, load(), everywhere=False):
        replica = cast(Replica, connections.get("default").replica)
        replica.lag_seconds = LAG_SECONDS
        yield await open_stage(), replica


async def test_every_query_is_answered_and_a_member_is_listed_at_once(
    both: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(both, monkeypatch, both.standby_url) as (stage, _):
        things = await furnish(stage)
        staff = stage.staff()
        for text, variables in QUERIES.values():
            assert not {"INTERNAL", "UNAVAILABLE"} & set(
                codes(await staff.ask(text, **variables(things)))
            )
        before = (await staff.read(MEMBERS))["members"]["totalCount"]
        await staff.done("enrolMember", "member { reference }", reference="newcomer")
        assert (await staff.read(MEMBERS))["members"]["totalCount"] == before + 1
        period = {"from": "2126-03-01", "through": "2126-03-31"}
        assert await things.stage.member().read(STATEMENT, period=period)


@pytest.mark.parametrize("query", [MEMBERS, REWARDS])
async def test_a_standby_that_is_lost_amid_an_answer_is_not_missed(
    both: Pair, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    async with (
        proxy.before(both.standby_url) as line,
        served(both, monkeypatch, line.url(both.standby_url)) as (stage, replica),
    ):
        await furnish(stage)
        staff = stage.staff()
        line.trap = Trap(End.CUT, word=b"FROM member" if query is MEMBERS else b"FROM reward")
        began = time.monotonic()
        answered = await staff.read(query)
        assert line.trap is None
        assert replica.rests_until > began
        replica.rests_until = 0
        assert await staff.read(query) == answered
        assert replica.rests_until == 0
