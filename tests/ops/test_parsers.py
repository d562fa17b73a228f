"""What is bounded of a connection's requests, whatever they say, and how they are understood."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ops import parsers
from ops.parsers import HEADER_BYTES_MAX, HELD_BYTES_MAX, PIECE_BYTES
from tests.ops.test_listener import ALIVE, REQUEST, SLEEP, Line, Running, lines, running, until
from tests.support.processes import WAIT_SECONDS

POST = b"POST / HTTP/1.1\r\nHost: here\r\n"


@asynccontextmanager
async def line(sent: bytes) -> AsyncIterator[Line]:
    async with running() as server, lines(server, 1, sent) as [one]:
        yield one


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: here\r\nX-Long: " + b"a" * 2 * HEADER_BYTES_MAX,
        b"GET /" + b"a" * 2 * HEADER_BYTES_MAX,
        b"GET / HTTP/1.1\r\n" + b"X-Many: 1\r\n" * HEADER_BYTES_MAX,
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: here\r\nHost: there\r\n\r\n",
        POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : here\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
    ],
    ids=[
        "value",
        "target",
        "fields",
        "hostless",
        "hosts",
        "smuggled",
        "lengths",
        "coded",
        "space",
        "TLS",
    ],
)
async def test_what_is_no_request_is_refused(sent: bytes) -> None:
    async with line(sent) as one:
        head = await asyncio.wait_for(one.reader.readuntil(b"\r\n"), WAIT_SECONDS)
        assert head.split()[1] == b"400"
        assert await one.ended()


async def test_what_follows_the_body_is_bounded_and_no_header() -> None:
    chunked = POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
    async with line(chunked + b"Host: there\r\n\r\n" + REQUEST) as one:
        assert [await one.answer() for _ in range(2)] == [(200, b"small")] * 2
    async with line(chunked) as one:
        await one.answer()
        await one.send(b"X-Long: " + b"a" * 2 * HEADER_BYTES_MAX)
        assert await one.ended()


async def test_another_protocol_is_not_spoken_but_the_request_is_answered() -> None:
    upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    async with line(POST + upgrade + b"Content-Length: 2\r\n\r\n{}") as one:
        assert await one.answer() == (200, b"small")
        await one.send(REQUEST)
        assert await one.answer() == (200, b"small")


async def test_a_connection_ends_where_a_body_was_to_be_waited_for() -> None:
    expecting = POST + b"Expect: 100-continue\r\nContent-Length: 2000\r\n\r\n"
    async with line(expecting) as one:
        assert await one.answer() == (200, b"small")
        assert await one.ended()


async def test_a_body_may_come_in_any_pieces() -> None:
    async with running() as server, lines(server, 3) as [whole, dripped, chunked]:
        body = b"x" * 10 * PIECE_BYTES
        await whole.send(POST + b"Content-Length: %d\r\n\r\n" % len(body) + body + REQUEST)
        assert [await whole.answer() for _ in range(2)] == [(200, b"small")] * 2
        for byte in POST + b"Content-Length: 2\r\n\r\n{}":
            await dripped.send(bytes([byte]))
        assert await dripped.answer() == (200, b"small")
        pieces = b"1\r\na\r\n" * HEADER_BYTES_MAX
        await chunked.send(POST + b"Transfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\n\r\n")
        assert await chunked.answer() == (200, b"small")


async def test_requests_sent_ahead_are_answered_in_turn_and_parsed_a_piece_at_a_time() -> None:
    ahead = 3000
    async with running() as server, lines(server, 1) as [one]:
        sending = asyncio.create_task(one.send(SLEEP + (REQUEST + ALIVE) * ahead))
        await until(lambda: any(one.pipeline for one in connections(server)))
        await asyncio.sleep(0.3)
        [connection] = connections(server)
        assert 0 < len(connection.pipeline) <= PIECE_BYTES // len(REQUEST)
        server.awake.set()
        assert await one.answer() == (200, b"slept")
        answers = [await one.answer() for _ in range(2 * ahead)]
        await sending
        assert answers == [(200, b"small")] * 2 * ahead
        # and what comes then is watched as ever
        await one.send(REQUEST)
        assert await one.answer() == (200, b"small")


async def test_half_a_request_sent_ahead_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.listener.HEADER_SECONDS", 0.3)
    async with running(keep_alive=1) as server, lines(server, 1) as [one]:
        ahead = PIECE_BYTES // len(REQUEST) + 1
        await one.send(SLEEP + REQUEST * ahead + b"GET / HT")
        await asyncio.sleep(0.1)
        server.awake.set()
        assert await one.answer() == (200, b"slept")
        assert [await one.answer() for _ in range(ahead)] == [(200, b"small")] * ahead
        assert await one.ended()


async def test_what_is_sent_ahead_for_ever_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert HELD_BYTES_MAX >= 100 * PIECE_BYTES
    monkeypatch.setattr(parsers, "HELD_BYTES_MAX", 2 * PIECE_BYTES)
    async with running() as server, lines(server, 1) as [one]:
        await one.send(SLEEP + REQUEST * PIECE_BYTES)
        assert await one.ended()


def connections(server: Running) -> list[Any]:
    return list(server.uvicorn.server_state.connections)


def test_h11_reads_requests_where_httptools_is_not_installed() -> None:
    program = (
        "import sys; sys.modules['httptools'] = None\n"
        "from ops.listener import Connection; print(Connection.__mro__[1].__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "H11Protocol"
