"""A proxy between a server and its PostgreSQL that can close, reset, delay or block connections.

A fault can also wait for a point in the protocol: a `Trap` catches a word, such as the next COMMIT,
on its way to the database.
"""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

CHUNK_BYTES = 65_536
BEGIN, COMMIT = b"BEGIN;", b"COMMIT;"
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class End(StrEnum):
    """How a connection ends: CUT as when a process closes it, RESET as by a firewall."""

    CUT = "cut"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Trap:
    """Ends the next connection that sends `word`; if `end` is None, all lines fall silent.

    With `bytes_passed`, the database gets only that many bytes of the message; without it, all
    of the message, and its answer is lost.
    """

    end: End | None
    bytes_passed: int | None = None
    word: bytes = COMMIT


@dataclass(eq=False, slots=True)
class Line:
    """One connection from the server, and the one to the database that belongs to it."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    caught: Trap | None = None

    def end(self, how: End) -> None:
        for writer in (self.near, self.far):
            if how is End.RESET:
                with suppress(OSError):
                    # there is none any more where the other side has ended it already
                    if opened := writer.get_extra_info("socket"):
                        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
                writer.transport.abort()
            else:
                writer.close()


@dataclass(eq=False)
class Proxy:
    """All lines to the database at `host` and `port`, and their present faults."""

    host: str
    port: int
    own_port: int = 0
    lines: set[Line] = field(default_factory=set)
    flowing: asyncio.Event = field(default_factory=asyncio.Event)
    refusing: bool = False
    delay_seconds: float = 0
    trap: Trap | None = None
    deaf: bool = False
    """Whether LISTEN is dropped: it appears to succeed, but no notification arrives."""

    def url(self, url: str) -> str:
        """The same database, reached through this proxy."""
        parts = urlsplit(url)
        credentials = parts.netloc.rpartition("@")[0]
        return parts._replace(netloc=f"{credentials}@127.0.0.1:{self.own_port}").geturl()

    def break_off(self, how: End) -> int:
        """End every open connection; how many there were."""
        broken = list(self.lines)
        for line in broken:
            line.end(how)
        return len(broken)

    def fall_silent(self) -> None:
        """Let nothing arrive in either direction from now on, not even the end of a connection."""
        self.flowing.clear()

    def recover(self) -> None:
        """Let everything pass again, first what waited."""
        self.refusing, self.delay_seconds, self.trap = False, 0, None
        self.flowing.set()

    async def serve(self, asked: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        """Carry one connection until either side closes it."""
        if self.refusing:
            near.transport.abort()
            return
        answers, far = await asyncio.open_connection(self.host, self.port)
        line = Line(near, far)
        self.lines.add(line)
        try:
            await asyncio.gather(self._ask(asked, line), self._answer(answers, line))
        except OSError:
            line.end(End.RESET)
        finally:
            self.lines.discard(line)
            line.end(End.CUT)

    async def _ask(self, asked: asyncio.StreamReader, line: Line) -> None:
        while chunk := await asked.read(CHUNK_BYTES):
            await self._pause()
            if self.deaf:
                chunk = chunk.replace(b"LISTEN ", b"-- STEN")
            if self.trap is not None and self.trap.word in chunk:
                line.caught, self.trap = self.trap, None
                chunk = chunk[: line.caught.bytes_passed]
            line.far.write(chunk)
            await line.far.drain()
            if line.caught is not None and line.caught.bytes_passed is not None:
                self._spring(line, line.caught)
        await self._pause()
        line.far.close()

    async def _answer(self, answers: asyncio.StreamReader, line: Line) -> None:
        while chunk := await answers.read(CHUNK_BYTES):
            if line.caught is not None:
                self._spring(line, line.caught)
            await self._pause()
            line.near.write(chunk)
            await line.near.drain()
        await self._pause()
        line.near.close()

    def _spring(self, line: Line, trap: Trap) -> None:
        line.caught = None
        if trap.end is None:
            self.fall_silent()
        else:
            line.end(trap.end)

    async def _pause(self) -> None:
        if self.delay_seconds:
            await asyncio.sleep(self.delay_seconds)
        await self.flowing.wait()


@asynccontextmanager
async def before(url: str) -> AsyncIterator[Proxy]:
    """A proxy before the database of `url`, on a port of its own."""
    parts = urlsplit(url)
    proxy = Proxy(parts.hostname or "127.0.0.1", parts.port or 5432)
    listening = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.own_port = listening.sockets[0].getsockname()[1]
    proxy.recover()
    try:
        yield proxy
    finally:
        proxy.recover()
        listening.close()
        proxy.break_off(End.RESET)
