"""What a process may remember of the catalogue, dropped the moment any process changes it.

Values are remembered only while a connection listens for changes; without one (a command,
a lost connection) every look-up asks the database. The connection has to hear itself first, and
again every few seconds: one that died in silence, as a firewall lets idle ones die, keeps nothing
stale for longer, and one that hears nothing, as behind a pooler of transactions, lets nothing be
remembered.
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
"""How often the listening connection is asked whether it hears."""
ANSWER_SECONDS = 3
"""How long it may take to hear itself; the two together bound how old a remembered value can be."""

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

    What it does not find is not remembered, nor what a snapshot shows: a change may have been
    heard of since that began.
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
    """Whether a connection hears now of what others announce."""
    return _listeners > 0


@asynccontextmanager
async def listening(url: str, also: Sequence[str] = ()) -> AsyncIterator[None]:
    """Remember values while a connection to `url` hears of changes, reconnecting if it is lost.

    `also` are further channels, which `hearers` are told of.
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
    """What sends this connection a notification of its own; TimeoutError where it is not heard."""
    channel, heard = f"{CHANNEL}_{secrets.token_hex(8)}", asyncio.Event()
    await connection.add_listener(channel, lambda *_: heard.set())

    async def pulse() -> None:
        heard.clear()
        async with asyncio.timeout(ANSWER_SECONDS):
            await connection.execute(f"NOTIFY {channel}")
            await heard.wait()

    return pulse
