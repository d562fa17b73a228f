"""What a process may remember of the catalogue, dropped the moment any process changes it.

Values are remembered only while a connection listens for changes; without one (a command, a lost
connection) every look-up queries the database. The connection must first receive a notification of
its own, and again every few seconds: so a connection that died unnoticed, as idle ones do at a
firewall, keeps nothing stale for longer, and with one that receives nothing, as through a
transaction pooler, nothing is remembered.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import asyncpg

from domain.kernel.database import DRIVER_ERRORS, is_snapshot, rows

CHANNEL = "milepost_catalogue"
VALUES_MAX = 50_000
RECONNECT_SECONDS = 1
PULSE_SECONDS = 5
"""How often the listening connection is tested."""
ANSWER_SECONDS = 3
"""How long the test may take; the two together bound the age of a remembered value."""

Value = TypeVar("Value")

hearers: set[Callable[[str, str], None]] = set()
"""Called with the channel and the payload of each notification of another channel, and without
either when some may have been missed."""

_values: dict[tuple[str, str], Any] = {}
_listeners = 0
_generation = 0


async def remember(
    kind: str, key: str, load: Callable[[], Awaitable[Value | None]]
) -> Value | None:
    """The remembered value, else what `load` finds.

    Absence is not remembered, and neither is what a snapshot shows: a change may have been
    announced since it began.
    """
    if (kind, key) in _values:
        found: Value = _values[kind, key]
        return found
    generation = _generation
    value = await load()
    current = generation == _generation and not is_snapshot()
    if value is not None and _listeners and current:
        if len(_values) >= VALUES_MAX:
            _values.clear()
        _values[kind, key] = value
    return value


def forget() -> None:
    """Drop everything that this process remembers."""
    global _generation
    _generation += 1
    _values.clear()


async def announce() -> None:
    """Make every process forget what it remembers when this transaction commits."""
    await rows("SELECT pg_notify($1, '')", CHANNEL)


def is_listening() -> bool:
    """Whether a connection is receiving the announcements of others now."""
    return _listeners > 0


@asynccontextmanager
async def listening(url: str, also: Sequence[str] = ()) -> AsyncIterator[None]:
    """Remember values while a connection to `url` receives announcements of changes; it reconnects
    if lost.

    `also` are further channels, whose notifications go to `hearers`.
    """
    ready = asyncio.Event()
    task = asyncio.create_task(_listen(url, ready, also))
    await ready.wait()
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        forget()


async def _listen(url: str, ready: asyncio.Event, also: Sequence[str]) -> None:
    """Listen for changes for ever; nothing is remembered while the listener is not connected."""
    while True:
        with contextlib.suppress(*DRIVER_ERRORS):
            await _hear(url, ready, also)
        ready.set()
        await asyncio.sleep(RECONNECT_SECONDS)


async def _hear(url: str, ready: asyncio.Event, also: Sequence[str]) -> None:
    """Drop what is remembered at each change, until the connection is lost."""
    global _listeners
    connection = await asyncpg.connect(url, timeout=ANSWER_SECONDS, command_timeout=ANSWER_SECONDS)
    lost = asyncio.Event()
    try:
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(CHANNEL, lambda *_: forget())
        for channel in also:
            await connection.add_listener(channel, lambda _, __, name, told: _pass_on(name, told))
        pulse = await _pulse(connection)
        await pulse()
        forget()
        _listeners += 1
        _pass_on("", "")
        ready.set()
        try:
            while not lost.is_set():
                try:
                    await asyncio.wait_for(lost.wait(), PULSE_SECONDS)
                except TimeoutError:
                    await pulse()
        finally:
            _listeners -= 1
            forget()
    finally:
        await asyncio.shield(connection.close(timeout=RECONNECT_SECONDS))


def _pass_on(channel: str, payload: str) -> None:
    for hearer in list(hearers):
        hearer(channel, payload)


async def _pulse(connection: asyncpg.Connection) -> Callable[[], Awaitable[None]]:
    """Send this connection a notification of its own. Raises: TimeoutError if it is lost."""
    channel, heard = f"{CHANNEL}_{secrets.token_hex(8)}", asyncio.Event()
    await connection.add_listener(channel, lambda *_: heard.set())

    async def pulse() -> None:
        heard.clear()
        async with asyncio.timeout(ANSWER_SECONDS):
            await connection.execute(f"NOTIFY {channel}")
            await heard.wait()

    return pulse
