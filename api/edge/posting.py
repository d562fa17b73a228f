"""One message to one endpoint, and its result: bounded in time, in bytes and in its addresses.

No redirect is followed, no proxy is used, and the socket connects to the address that was checked,
while TLS and `Host` use the name.
"""

import asyncio
import os
import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache, partial
from time import perf_counter
from typing import Any

import certifi
from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientPayloadError,
    ClientResponseError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    InvalidURL,
    TCPConnector,
)
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from yarl import URL

from domain.kernel.refusals import InvalidInput
from domain.webhooks import guard
from domain.webhooks.guard import Destination, Forbidden, Rules

CONNECT_SECONDS = 5.0
SECONDS = 15.0
"""Longest duration of an attempt."""

IDLE_SECONDS = 2.0
"""Seconds that a connection is kept for the next message: less than servers keep theirs, so that
they do not close it while a message is on its way.
"""

HOSTS_MAX = 64
"""Most hosts to which connections are kept, those of the latest messages."""

READ_BYTES_MAX = 64 * 1024
TAKEN_BYTES_MAX = 16 * READ_BYTES_MAX
"""Most bytes received from a server for one answer: the body that is read, surplus that arrives
with it, and headers before and between its parts.
"""

SHOWN_CHARACTERS_MAX = 500
RETRY_AFTER_MAX = timedelta(hours=1)

Signed = Callable[[datetime], Mapping[str, str]]
"""The headers of a message that is sent at an instant."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Result of an attempt: a status, or a text why there is none.

    `at` is the real instant of its beginning, `text` the beginning of the answer, `whole`
    everything read of it. An `unsent` message reached nobody: there was no connection.
    """

    at: datetime
    milliseconds: int
    status: int | None = None
    error: str | None = None
    text: str | None = None
    retry_after: timedelta | None = None
    whole: str | None = None
    unsent: bool = False

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Letter:
    """A message on its way to a URL: its body, and its headers by the instant of sending."""

    url: str
    body: bytes
    signed: Signed


@cache
def trusted() -> ssl.SSLContext:
    """The trusted certificates; loaded once, as that takes long."""
    made = ssl.create_default_context(cafile=certifi.where())
    made.set_alpn_protocols(["http/1.1"])
    return made


class _Handler(ResponseHandler):
    """Receives no more from a server than an answer may have: endless data before an answer, or
    between its parts, would otherwise keep a worker busy for all of the time.
    """

    taken = 0

    def data_received(self, data: bytes) -> None:
        self.taken += len(data)
        if self.taken <= TAKEN_BYTES_MAX:
            super().data_received(data)
        elif self.transport is not None:
            self.set_exception(ClientPayloadError("it says more than is taken"))
            self.transport.abort()


class _Connector(TCPConnector):
    """Connections of which none is used again after surplus data: these would be taken for the
    answer to the next message.
    """

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        made: type[ResponseHandler] = _Handler
        self._factory = partial(made, loop=self._loop)

    async def connect(self, *asked: Any, **named: Any) -> Connection:
        while True:
            connection = await super().connect(*asked, **named)
            protocol = connection.protocol
            if protocol is None or not protocol.should_close:
                if isinstance(protocol, _Handler):
                    protocol.taken = 0
                return connection
            connection.close()


@dataclass(slots=True)
class _Kept:
    session: ClientSession
    users: int = 0


@dataclass(slots=True)
class Clients:
    """Connections to hosts, kept for the next message to the same name and port, and by the
    address that was judged: two names at one address never share one, for its certificate was
    compared with one of them. `close` gives them up, and the next message opens others.
    """

    tls: ssl.SSLContext | None = None
    kept_seconds: float = IDLE_SECONDS
    kept: OrderedDict[tuple[bool, str, int], _Kept] = field(default_factory=OrderedDict)

    @asynccontextmanager
    async def to(self, destination: Destination) -> AsyncIterator[ClientSession]:
        key = (destination.secure, destination.host, destination.port)
        if key not in self.kept:
            self.kept[key] = _Kept(self._session())
        found = self.kept[key]
        self.kept.move_to_end(key)
        found.users += 1
        try:
            yield found.session
        finally:
            found.users -= 1
            await self._make_room()

    def _session(self) -> ClientSession:
        connector = _Connector(
            ssl=self.tls or trusted(),
            limit=0,
            keepalive_timeout=self.kept_seconds or None,
            force_close=not self.kept_seconds,
        )
        return ClientSession(
            connector=connector,
            trust_env=False,
            auto_decompress=False,
            read_bufsize=READ_BYTES_MAX,
            # several owners may have endpoints at one host
            cookie_jar=DummyCookieJar(),
            # `post` limits the total time
            timeout=ClientTimeout(total=None, connect=CONNECT_SECONDS),
        )

    async def _make_room(self) -> None:
        idle = [key for key, one in self.kept.items() if not one.users]
        gone = [self.kept.pop(key) for key in idle[: max(0, len(self.kept) - HOSTS_MAX)]]
        for one in gone:
            await one.session.close()

    async def close(self) -> None:
        while self.kept:
            await self.kept.popitem()[1].session.close()


async def post(
    through: Clients, letter: Letter, rules: Rules, *, seconds: float = SECONDS
) -> Answer:
    """Send a message once. Every failure is returned as an answer."""
    at, begun = datetime.now(UTC), perf_counter()
    try:
        async with asyncio.timeout(seconds):
            status, text, retry_after = await _post(through, letter, rules, at)
    except TimeoutError as error:
        unsent = isinstance(error, _UNSENT)
        return Answer(at, _since(begun), error="no answer in time", unsent=unsent)
    except InvalidInput:
        # it was saved under other rules
        said = "no message may go to this address any more"
        return Answer(at, _since(begun), error=said, unsent=True)
    except Forbidden as error:
        return Answer(at, _since(begun), error=str(error)[:SHOWN_CHARACTERS_MAX], unsent=True)
    except (ClientError, OSError, ValueError) as error:
        unsent = isinstance(error, _UNSENT)
        return Answer(at, _since(begun), error=_said(error), unsent=unsent)
    shown = text[:SHOWN_CHARACTERS_MAX]
    return Answer(at, _since(begun), status, None, shown, retry_after, text)


_UNSENT = (ClientConnectorError, ConnectionTimeoutError, InvalidURL)
"""Failures before a byte of the message was sent."""


async def _post(
    through: Clients, letter: Letter, rules: Rules, at: datetime
) -> tuple[int, str, timedelta | None]:
    destination = await guard.destination_of(guard.parts_of(letter.url, rules), rules)
    async with through.to(destination) as session:
        found = b""
        async with session.post(
            URL(destination.to_address, encoded=True),
            data=letter.body,
            headers={**_headers(destination), **letter.signed(at)},
            server_hostname=destination.host,
            allow_redirects=False,
        ) as response:
            async for part in response.content.iter_any():
                found += part
                if len(found) >= READ_BYTES_MAX:
                    break
    text = found[:READ_BYTES_MAX].decode("utf-8", "replace").replace("\0", "\ufffd")
    after = retry_after(response.headers.get("retry-after"), at)
    return response.status, text, after


def _headers(destination: Destination) -> dict[str, str]:
    return {
        "Host": destination.name,
        "Content-Type": "application/json",
        "User-Agent": "Milepost-Webhooks",
        # compressed data may be larger than the part that is read
        "Accept-Encoding": "identity",
    }


def retry_after(text: str | None, at: datetime) -> timedelta | None:
    """Time that an answer asks to wait, in seconds or until an instant; at most an hour."""
    if text is None:
        return None
    if text.isascii() and text.isdecimal():
        wait = timedelta(seconds=min(int(text[:9]), 10**6))
    else:
        try:
            wait = parsedate_to_datetime(text).astimezone(UTC) - at
        except (ValueError, OverflowError):
            return None
    return wait if timedelta(0) <= wait <= RETRY_AFTER_MAX else None


def _since(begun: float) -> int:
    return int((perf_counter() - begun) * 1000)


def _said(error: Exception) -> str:
    """In words, without the URL, in which there may be a token or a number."""
    match error:
        case ClientConnectorError(os_error=OSError(errno=int(number)) as cause) if not isinstance(
            cause, ssl.SSLError
        ):
            # asyncio's message contains the address, and a number of this system
            said = os.strerror(number).lower()
        case ClientConnectorError():
            said = str(error.__cause__)
        case ClientResponseError():
            said = error.message
        case ValueError():
            said = ""
        case _:
            said = str(error)
    said = said or type(error).__name__
    return said[:SHOWN_CHARACTERS_MAX].replace("\0", "\ufffd")
