"""The connections of a server process: their most number, and the time that each may be silent.

uvicorn closes a connection that is idle after an answer, and waits for ever for everything else:
for the first byte, for the end of a header, for a reader of the answer. Here each of these has a
time. A full server drops the connection that has been waiting longest without asking for anything;
only where everybody is being answered is a newcomer told to come back.
"""

import asyncio
import json
import logging
import resource
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from api.edge.logging import log
from api.edge.sessions import SESSIONS_MAX
from ops.parsers import Parser

HEADER_SECONDS = 10.0
"""From the connection, or from the first byte of a further request, to the end of its header."""
FRESH_SECONDS = 1.0
"""Seconds after which a full server may drop a connection without a request."""
SEND_SECONDS = 30.0
"""Seconds that an answer waits for its reader to read more of it."""
REFUSED_MAX = 32
"""Connections beyond the limit that are kept to answer 503."""
WARNING_SECONDS = 60.0
"""A server that stays full says so this often."""

DESCRIPTORS_MAX = 65_536
DESCRIPTORS_KEPT = 64
"""Descriptors of a process for its files, its logs and its event loop."""
BACKLOG_MAX = 2048

PROBES = ("/healthz",)
"""Answered by a full server too: it lives."""


@dataclass(frozen=True, slots=True)
class Room:
    """Numbers of connections for which a process has descriptors, of WebSockets among them, and of
    those that may wait to be accepted.
    """

    connections: int
    sockets: int
    backlog: int


def room(wanted: int, pool_size: int, descriptors: int) -> Room:
    """The room left after the descriptors for the database, refusals and the process itself.

    All waiting connections are accepted at once, so each of them needs a descriptor before any is
    refused.
    """
    backlog = max(1, min(BACKLOG_MAX, descriptors // 4))
    left = descriptors - DESCRIPTORS_KEPT - pool_size - REFUSED_MAX - backlog
    sockets = min(SESSIONS_MAX, left - min(wanted, left // 2))
    return Room(max(1, min(wanted, left - sockets)), max(1, sockets), backlog)


def raise_descriptors() -> int:
    """Take as many descriptors as this process may have; returns how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = DESCRIPTORS_MAX if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS_MAX)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    return DESCRIPTORS_MAX if soft == resource.RLIM_INFINITY else soft


@dataclass(slots=True)
class Connections:
    """All connections of one process; uvicorn calls it for each new one.

    `fresh` ones have sent no request yet, `idle` ones have been answered: each with the instant
    since when it waits, in that order. A connection that becomes a WebSocket is counted among
    `sockets` instead.
    """

    most: int
    sockets_most: int = SESSIONS_MAX
    admitted: int = 0
    sockets: int = 0
    fresh: dict["Connection", float] = field(default_factory=dict)
    idle: dict["Connection", float] = field(default_factory=dict)
    refused: dict["Connection", None] = field(default_factory=dict)
    warned_at: float = float("-inf")

    def __call__(self, **options: Any) -> "Connection":
        return Connection(self, **options)

    def admit(self, connection: "Connection") -> bool:
        """Whether there is room; the connection that has waited longest is dropped to make it."""
        if self.admitted >= self.most and (longest := self._longest()) is not None:
            self.leave(longest)
            longest.transport.abort()
        if self.admitted < self.most:
            self.admitted += 1
            return True
        self._refuse(connection)
        return False

    def _longest(self) -> "Connection | None":
        """The connection that waits longest; one with an overdue request comes before answered
        ones.
        """
        heads = [next(iter(waiting.items())) for waiting in (self.fresh, self.idle) if waiting]
        if not heads:
            return None
        connection, since = heads[0]
        late = connection in self.fresh and monotonic() - since > FRESH_SECONDS
        return connection if late else min(heads, key=lambda head: head[1])[0]

    def leave(self, connection: "Connection") -> None:
        """Forget a connection that ends; a second time nothing happens."""
        self.fresh.pop(connection, None)
        self.idle.pop(connection, None)
        self.refused.pop(connection, None)
        if connection.admitted:
            connection.admitted = False
            self.admitted -= 1

    def _refuse(self, connection: "Connection") -> None:
        self.refused[connection] = None
        if len(self.refused) > REFUSED_MAX:
            longest = next(iter(self.refused))
            self.leave(longest)
            longest.transport.abort()
        if monotonic() - self.warned_at >= WARNING_SECONDS:
            self.warned_at = monotonic()
            log.warning("connections_full", max=self.most)


class Connection(Parser):
    """uvicorn's HTTP/1.1 with a time for everything that it waits for."""

    def __init__(self, crowd: Connections, **options: Any) -> None:
        super().__init__(**options)
        self.limit_concurrency = None  # the crowd's
        self.crowd = crowd
        self.admitted = False
        self.upgraded = False
        self.waiting: asyncio.TimerHandle | None = None
        self.sending: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.waiting = self.loop.call_later(HEADER_SECONDS, self._give_up)
        self.admitted = self.crowd.admit(self)
        if self.admitted:
            self.crowd.fresh[self] = monotonic()
        else:
            self.app = _or_alive(self.app)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self.upgraded:
            self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.admitted and not self._answering:
            self.crowd.idle[self] = monotonic()

    def connection_lost(self, exc: Exception | None) -> None:
        self.crowd.leave(self)
        self._stop("waiting")
        self._stop("sending")
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, *of_parser: Any) -> None:
        self.upgraded = True
        self._stop("waiting")
        self.crowd.leave(self)
        if self.crowd.sockets >= self.crowd.sockets_most:
            self.transport.abort()
            return
        self.crowd.sockets += 1
        super().handle_websocket_upgrade(*of_parser)
        socket = self.transport.get_protocol()
        if isinstance(socket, Socket):
            socket.crowd = self.crowd

    def shutdown(self) -> None:
        """An endless answer is cut off: its reader reconnects, to the next server."""
        super().shutdown()
        if self._answering and self.scope["state"].get("streams"):
            self.transport.close()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.sending = self.loop.call_later(SEND_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop("sending")

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        # data that its reader has not read until then are dropped
        self.loop.call_later(SEND_SECONDS, self.transport.abort)

    @property
    def _answering(self) -> bool:
        return bool(self.cycle) and not self.cycle.response_complete

    def _watch(self) -> None:
        """Limit the time in which received bytes must become a request; an answered one has its own
        limit.
        """
        if self._answering:
            self._stop("waiting")
            self.crowd.fresh.pop(self, None)
            self.crowd.idle.pop(self, None)
        elif self.waiting is None and not self.transport.is_closing():
            self.waiting = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def _give_up(self) -> None:
        if not self._answering:
            self.transport.abort()

    def _stop(self, timer: str) -> None:
        running: asyncio.TimerHandle | None = getattr(self, timer)
        if running is not None:
            running.cancel()
            setattr(self, timer, None)


class Socket(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, which is no longer counted when it ends, and does not log its
    address.
    """

    crowd: Connections | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.logger = QUIET

    def connection_lost(self, exc: Exception | None) -> None:
        if self.crowd is not None:
            self.crowd.sockets -= 1
            self.crowd = None
        super().connection_lost(exc)


QUIET = logging.getLogger("milepost.sockets")
QUIET.setLevel(logging.WARNING)
"""uvicorn logs each handshake with its address, which may contain private data."""


def _or_alive(app: Callable[..., Any]) -> Callable[..., Any]:
    """Answers that clients must retry, except to a check whether the process is alive."""

    async def full(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "http" and scope["path"] in PROBES:
            await app(scope, receive, send)
            return
        headers = [
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", str(len(FULL)).encode()),
            (b"retry-after", b"1"),
            (b"connection", b"close"),
        ]
        await send(
            {"type": "http.response.start", "status": 503, "headers": headers, "trailers": False}
        )
        await send({"type": "http.response.body", "body": FULL, "more_body": False})

    return full


FULL = json.dumps(
    {
        "errors": [
            {
                "message": "All connections of this server are in use; try again in 1 s.",
                "extensions": {"code": "UNAVAILABLE", "retryAfterSeconds": 1},
            }
        ]
    }
).encode()
