"""A proxy before PostgreSQL that counts all statements, whoever sends them.

It reads the messages of a client as they pass: an Execute or a Query is a statement, and those that
begin or end a transaction are counted apart; a Sync or a Query is a round trip, after which the
client waits.
"""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

CHUNK_BYTES = 65_536
SSL_REQUEST = 80_877_103
EXECUTE, QUERY, SYNC = b"E"[0], b"Q"[0], b"S"[0]
BOUNDS = (b"BEGIN", b"COMMIT", b"ROLLBACK")


@dataclass(slots=True)
class Count:
    """Counts since they were last cleared; `url` reaches the database through the proxy.

    `bounds` are statements that begin or end a transaction, `statements` all others.
    """

    url: str
    statements: int = 0
    bounds: int = 0
    round_trips: int = 0

    def clear(self) -> None:
        self.statements = self.bounds = self.round_trips = 0

    def add(self, message: bytes) -> None:
        kind, bound = message[0], message[5:13].lstrip().startswith(BOUNDS)
        self.bounds += kind == QUERY and bound
        self.statements += kind == EXECUTE or (kind == QUERY and not bound)
        self.round_trips += kind in (SYNC, QUERY)


@dataclass(slots=True)
class _Reader:
    """The messages of one client, as far as they have arrived."""

    count: Count
    held: bytes = b""
    started: bool = False

    def feed(self, chunk: bytes) -> None:
        self.held += chunk
        while self._take():
            pass

    def _take(self) -> bool:
        """Read one message if it has arrived whole; only the first ones have no kind."""
        kind_bytes = 1 if self.started else 0
        if len(self.held) < kind_bytes + 4:
            return False
        (length,) = struct.unpack_from("!i", self.held, kind_bytes)
        if len(self.held) < kind_bytes + length:
            return False
        message, self.held = self.held[: kind_bytes + length], self.held[kind_bytes + length :]
        if self.started:
            self.count.add(message)
        else:
            self.started = struct.unpack_from("!i", message, 4) != (SSL_REQUEST,)
        return True


@asynccontextmanager
async def counted(url: str) -> AsyncIterator[Count]:
    """A proxy to the database of `url` on a port of its own, for the duration of the block."""
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 5432
    count, open_lines = Count(""), set[asyncio.StreamWriter]()

    async def serve(asked: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        answers, far = await asyncio.open_connection(host, port)
        open_lines.update((near, far))
        reader = _Reader(count)
        try:
            await asyncio.gather(
                _carry(asked, far, reader), _carry(answers, near), return_exceptions=True
            )
        finally:
            open_lines.difference_update((near, far))

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    own_port = listening.sockets[0].getsockname()[1]
    credentials = parts.netloc.rpartition("@")[0]
    count.url = parts._replace(netloc=f"{credentials}@127.0.0.1:{own_port}").geturl()
    try:
        yield count
    finally:
        listening.close()
        for writer in list(open_lines):
            writer.transport.abort()


async def _carry(
    source: asyncio.StreamReader, target: asyncio.StreamWriter, reader: _Reader | None = None
) -> None:
    """Pass everything on until either side closes."""
    with suppress(OSError):
        while chunk := await source.read(CHUNK_BYTES):
            if reader is not None:
                reader.feed(chunk)
            target.write(chunk)
            await target.drain()
    target.close()
