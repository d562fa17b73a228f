"""A real PostgreSQL for the tests, started by the test run and stopped with it.

One server serves all workers. The real migrations make one template database; each worker
has a clone of it, and so has each test that asks for a fresh one (`tests/support/servers.py`).
"""

import asyncio
import base64
import functools
import gc
import importlib.util
import os
import signal
import sys
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import structlog
import uvloop
from asyncpg.pool import PoolConnectionProxy
from hypothesis import HealthCheck, settings
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper

from domain.kernel import cache, secrecy
from domain.tiers import tiers
from ops.postgres import pool
from ops.postgres.connections import connection
from ops.postgres.database import LIMITS, connected
from ops.settings import ROOT
from tests.support import compared, servers
from tests.support.apart import joined_apart, limited_within
from tests.support.records import unread
from tests.support.servers import (
    RUN_HOME,
    SECRET_KEY,
    Database,
    Server,
    clone,
    close_home,
    open_home,
    shared,
)
from tests.support.sessions import kept_in_pool
from tests.support.sharded import Collecting, astray, unjudged

__all__ = ["Database", "Server"]


# the same examples on every run; `HYPOTHESIS_PROFILE=search` looks further, at random
settings.register_profile(
    "repeatable",
    deadline=None,
    derandomize=True,
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "search", deadline=None, max_examples=2000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


SERVED_LOCK_TIMEOUT, LOCK_TIMEOUT = LIMITS["lock_timeout"], "20s"
"""How long a statement waits for a lock that another has: as the application serves, and in tests.
On a busy machine a turn among twenty, or behind one that stands still, takes more than callers are
to wait.
"""

YOUNG_OBJECTS_MAX = 20_000
"""How many objects are made before the collector looks at them; Python's own 700 are soon made."""


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: tests of servers and workers wait for processes."""
    return (os.cpu_count() or 1) + 1


def pytest_configure(config: pytest.Config) -> None:
    os.environ.setdefault("MILEPOST_SECRET_KEY", base64.b64encode(SECRET_KEY).decode())
    secrecy.keep_under(lambda: [SECRET_KEY])
    LIMITS["lock_timeout"] = LOCK_TIMEOUT
    if importlib.util.find_spec("sniffio") is None:
        # httpx imports it with each request, and looks for it on the whole path where there is none
        sys.modules["sniffio"] = None  # type: ignore[assignment]
    # tests run on the loop that serves (`ops/server.py`)
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    # with the values of every frame, which is the default, a traceback takes up to five seconds
    structlog.configure(
        [
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.dev.ConsoleRenderer(
                colors=False, exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    )
    # the processes of the tests are sent it, also where a shell started the run in the background
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if servers.is_as_it_is() and getattr(config.option, "numprocesses", None):
        raise pytest.UsageError(f"{servers.AS_IT_IS} has one database for one process: say -n 0")
    if servers.is_as_it_is() and servers.GIVEN_URL not in os.environ:
        raise pytest.UsageError(f"{servers.AS_IT_IS} needs {servers.GIVEN_URL}, its owner's")
    if not hasattr(config, "workerinput"):
        os.environ[RUN_HOME] = str(open_home(servers.memory()))


WAITING = tuple(
    ROOT / "tests" / name
    for name in (
        *("soak", "ops", "test_operations.py", "test_readme.py"),
        *("api/edge/test_demo.py", "api/edge/test_graphiql.py", "api/kit/test_executor.py"),
        *("api/wording/test_policy_words.py", "models/test_applying_migrations.py"),
    )
)
"""Tests that take long, most of them because they wait for processes."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They come first: another worker goes on beside them, and none is left alone with one."""
    waits = functools.cache(lambda path: any(path.is_relative_to(room) for room in WAITING))
    items.sort(key=lambda item: not waits(item.path))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported stays until the end, and is not looked through again and again."""
    gc.disable()
    collected = yield
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS_MAX, 10, 10)
    gc.enable()
    return collected


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and RUN_HOME in os.environ:
        close_home(Path(os.environ.pop(RUN_HOME)))


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[Server]:
    """The server of this run, its template made by the worker that comes first."""
    async with shared(Path(os.environ[RUN_HOME])) as running:
        yield running


@pytest.fixture(scope="session")
async def database(server: Server) -> AsyncIterator[Database]:
    """This worker's own database, which the models reach as the serving role."""
    pool.Client.connection_class = Collecting
    async with clone(server) as own, connected(own.serving, pool_max=50):
        yield own
        # after all that the tests of this worker did: what one leaves, the next would meet
        assert await kept_in_pool() == []
        with unjudged(Path(os.environ[RUN_HOME])) as sent:
            assert astray(sent) == []
            assert joined_apart(sent) == []
            assert limited_within(sent) == []
            assert unread(sent) == []


@pytest.fixture(scope="module", autouse=True)
async def _left_empty() -> AsyncIterator[None]:
    """A database that is used as it is has nothing of a module for the next one."""
    yield
    if servers.is_as_it_is():
        await servers.empty()
        cache.forget()


@pytest.fixture
async def fresh_database(server: Server) -> AsyncIterator[Database]:
    """A database of the test's own, empty but migrated; nothing is connected to it."""
    if servers.is_as_it_is():
        pytest.skip(servers.SKIPPED["fresh_database"])
    async with clone(server) as own:
        yield own


@pytest.fixture(scope="session")
async def every_kind_server(server: Server) -> Server:
    """The server with a template that has rows of every kind, played once in a run."""
    if servers.is_as_it_is():
        pytest.skip(servers.SKIPPED["fresh_database"])
    return await servers.filled(server, Path(os.environ[RUN_HOME]), _play_every_kind)


async def _play_every_kind(made: Database) -> None:
    from tests.models import every_kind  # noqa: PLC0415 - few ask for it, and it takes long

    async with connected(made.serving, everywhere=False):
        await every_kind.play()


@pytest.fixture
def served_lock_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is connected from here on waits for locks as the application that serves."""
    monkeypatch.setitem(LIMITS, "lock_timeout", SERVED_LOCK_TIMEOUT)


@pytest.fixture(scope="session")
async def _owner_connection(database: Database) -> AsyncIterator[asyncpg.Connection]:
    async with connection(database.owner) as opened:
        yield opened


@pytest.fixture
async def owner_connection(_owner_connection: asyncpg.Connection) -> AsyncIterator[Any]:
    """This worker's database as its owner sees it, past the serving role's rights: one connection
    for all tests, which finds nothing that another has left.
    """
    yield _owner_connection
    await _owner_connection.reset()
    await _owner_connection.execute("DISCARD TEMP")


@pytest.fixture(autouse=True)
def answered_alike() -> Iterator[None]:
    """What a test was answered by plans is what it had been answered without (`compared`)."""
    compared.differences.clear()
    yield
    assert compared.differences == []


@pytest.fixture
def statements(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that models or plain SQL send from here on, but for the sum of what counts
    that one write in 64 makes besides, by its random id.
    """
    monkeypatch.setattr(tiers, "SUMMED_EVERY", 2**128)
    sent: list[str] = []
    for name in ("execute_query", "execute_query_dict", "execute_insert", "execute_many"):
        for client in (AsyncpgDBClient, TransactionWrapper):
            if name not in vars(client):
                continue  # inherited, and so spied on already
            original = getattr(client, name)

            async def spied(
                self: Any, sql: str, *values: Any, _original: Any = original, **named: Any
            ) -> Any:
                sent.append(sql)
                return await _original(self, sql, *values, **named)

            monkeypatch.setattr(client, name, spied)
    fetched = PoolConnectionProxy.fetchmany

    async def fetch(self: Any, sql: str, *values: Any, **named: Any) -> Any:
        sent.append(sql)
        return await fetched(self, sql, *values, **named)

    monkeypatch.setattr(PoolConnectionProxy, "fetchmany", fetch)
    return sent
