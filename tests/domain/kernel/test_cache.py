"""What a process remembers, and how it hears that it must forget."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from domain.kernel import cache
from ops.postgres.connections import connection
from tests.conftest import Database
from tests.soak import proxy
from tests.support.processes import WAIT_SECONDS


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that takes its time is not lost."""
    monkeypatch.setattr(cache, "ANSWER_SECONDS", WAIT_SECONDS)


class Source:
    """Something to load, which counts how often that was done."""

    def __init__(self, value: str | None = "value") -> None:
        self.value = value
        self.loads = 0

    async def load(self) -> str | None:
        self.loads += 1
        return self.value

    async def ask(self) -> str | None:
        return await cache.remember("test", "key", self.load)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(6000):
        if await holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("waited in vain")


async def test_without_a_listener_nothing_is_remembered(database: Database) -> None:
    source = Source()
    for _ in range(3):
        assert await source.ask() == "value"
    assert source.loads == 3


async def test_while_listening_a_value_is_loaded_once(database: Database) -> None:
    source = Source()
    async with cache.listening(database.serving):
        for _ in range(3):
            assert await source.ask() == "value"
        assert source.loads == 1
        cache.forget()
        source.value = "other"
        assert await source.ask() == "other"
    await source.ask()
    assert source.loads == 3


async def test_what_is_not_there_is_asked_for_again(database: Database) -> None:
    source = Source(None)
    async with cache.listening(database.serving):
        assert await source.ask() is None
        source.value = "value"
        assert await source.ask() == "value"


async def test_a_change_by_another_process_is_heard(database: Database) -> None:
    source = Source()
    async with cache.listening(database.serving), connection(database.serving) as other:
        await source.ask()
        source.value = "other"
        await other.execute("SELECT pg_notify($1, '')", cache.CHANNEL)

        async def changed() -> bool:
            return await source.ask() == "other"

        await until(changed)


async def test_what_was_loaded_while_it_changed_is_not_kept(database: Database) -> None:
    source = Source("old")

    async def load() -> str | None:
        found = await source.load()
        cache.forget()  # the change is heard before the loaded value arrives
        return found

    async with cache.listening(database.serving):
        assert await cache.remember("test", "key", load) == "old"
        source.value = "new"
        assert await source.ask() == "new"


async def test_a_lost_connection_forgets_and_listens_again(database: Database) -> None:
    source = Source()
    async with cache.listening(database.serving):
        await source.ask()
        source.value = "other"
        async with connection(database.serving) as serving:
            ended = await serving.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND query LIKE 'NOTIFY%'"
            )
        # another test's, closed before, may not have ended yet
        assert True in [row[0] for row in ended]

        async def changed() -> bool:
            return await source.ask() == "other"

        await until(changed)

        async def remembers() -> bool:
            before = source.loads
            await source.ask()
            await source.ask()
            return source.loads <= before + 1

        await until(remembers)


async def test_a_connection_that_died_in_silence_keeps_nothing_for_long(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "PULSE_SECONDS", 0.1)
    monkeypatch.setattr(cache, "ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(cache, "RECONNECT_SECONDS", 0.1)
    source = Source()
    async with (
        proxy.before(database.serving) as line,
        cache.listening(line.url(database.serving)),
    ):
        await source.ask()
        line.fall_silent()
        source.value = "other"  # and nobody is told

        async def changed() -> bool:
            return await source.ask() == "other"

        await until(changed)
        line.recover()

        async def remembers() -> bool:
            before = source.loads
            await source.ask()
            await source.ask()
            return source.loads == before

        await until(remembers)


async def test_a_connection_that_hears_nothing_lets_nothing_be_remembered(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind a pooler that gives each transaction another connection."""
    monkeypatch.setattr(cache, "ANSWER_SECONDS", 0.2)
    source = Source()
    async with proxy.before(database.serving) as line:
        line.deaf = True
        async with cache.listening(line.url(database.serving)):
            for _ in range(3):
                await source.ask()
    assert source.loads == 3
