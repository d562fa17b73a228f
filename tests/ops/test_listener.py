"""Connections that are silent, slow or too many, on a server that is otherwise uvicorn's."""

import asyncio
import pickle
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ops import listener
from ops.listener import BACKLOG_MAX, REFUSED_MAX, Connections, Room, room
from ops.server import Server
from tests.support.processes import WAIT_SECONDS

SOMAXCONN = Path("/proc/sys/net/core/somaxconn")
SECONDS = 0.3
REQUEST = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
HALF = b"GET / HTTP/1.1\r\nHost: he"
SLEEP = b"GET /sleep HTTP/1.1\r\nHost: here\r\n\r\n"
LARGE = b"GET /large HTTP/1.1\r\nHost: here\r\n\r\n"
ALIVE = b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"


@dataclass(frozen=True)
class Running:
    port: int
    crowd: Connections
    awake: asyncio.Event
    uvicorn: uvicorn.Server


@asynccontextmanager
async def running(most: int = 100, keep_alive: int = 5) -> AsyncIterator[Running]:
    awake = asyncio.Event()

    async def sleep(_: Request) -> Response:
        await awake.wait()
        return PlainTextResponse("slept")

    async def small(_: Request) -> Response:
        return PlainTextResponse("small")

    async def large(_: Request) -> Response:
        return PlainTextResponse("x" * 50_000_000)

    app = Starlette(
        routes=[
            Route("/", small, methods=["GET", "POST"]),
            Route("/sleep", sleep),
            Route("/large", large),
            Route("/healthz", small),
        ]
    )
    crowd = Connections(most)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(
            app,
            http=cast(Any, crowd),
            ws="none",
            lifespan="off",
            log_config=None,
            timeout_keep_alive=keep_alive,
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield Running(listening.getsockname()[1], crowd, awake, server)
        finally:
            awake.set()
            server.should_exit = True
            await task


class Line:
    """A client's end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[int, bytes]:
        """Status and body of the next answer."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), WAIT_SECONDS)
        [length] = [
            int(line.partition(b":")[2])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ]
        return int(head.split()[1]), await self.reader.readexactly(length)

    async def ended(self, within: float = WAIT_SECONDS) -> bool:
        """Whether the server ends it in this time."""
        try:
            async with asyncio.timeout(within):
                await self.reader.read()
                return True
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False


@asynccontextmanager
async def lines(server: Running, count: int, sent: bytes = b"") -> AsyncIterator[list[Line]]:
    opened = [Line(*await asyncio.open_connection("127.0.0.1", server.port)) for _ in range(count)]
    try:
        for line in opened:
            await line.send(sent)
        yield opened
    finally:
        for line in opened:
            line.writer.transport.abort()


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not reached():  # noqa: ASYNC110 -- nobody tells
            await asyncio.sleep(0.01)


async def settle(server: Running, admitted: int, fresh: int | None = None) -> None:
    """Until the server has admitted this many, of whom so many have not asked for anything."""
    await until(lambda: server.crowd.admitted == admitted)
    await until(lambda: fresh is None or len(server.crowd.fresh) == fresh)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is waited for long; without it, all others have as long as a busy machine takes."""
    monkeypatch.setattr(listener, "HEADER_SECONDS", SECONDS)
    monkeypatch.setattr(listener, "SEND_SECONDS", SECONDS)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("sent", [b"", HALF], ids=["nothing", "half a header"])
async def test_a_connection_that_asks_for_nothing_is_ended(sent: bytes) -> None:
    began = time.monotonic()
    async with running() as server, lines(server, 20, sent) as silent:
        assert all(await asyncio.gather(*(line.ended() for line in silent)))
        assert time.monotonic() - began >= SECONDS / 2
        await settle(server, 0)


@pytest.mark.usefixtures("impatient")
async def test_a_header_that_comes_in_drops_is_not_waited_for() -> None:
    async with running() as server, lines(server, 1) as [line]:
        ended = asyncio.create_task(line.ended())
        for _ in range(100):
            if ended.done():
                break
            line.writer.write(b"a")
            await asyncio.sleep(SECONDS / 10)
        assert await ended


@pytest.mark.usefixtures("impatient")
async def test_half_of_a_second_request_is_not_waited_for() -> None:
    async with running(keep_alive=60) as server, lines(server, 1, REQUEST) as [line]:
        assert await line.answer() == (200, b"small")
        assert not await line.ended(3 * SECONDS)
        await line.send(HALF)
        assert await line.ended()


@pytest.mark.usefixtures("impatient")
async def test_a_body_that_still_comes_after_the_answer_is_not_waited_for() -> None:
    post = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 1000000\r\n\r\n"
    async with running(keep_alive=60) as server, lines(server, 1, post) as [line]:
        assert await line.answer() == (200, b"small")
        await line.send(b"x")
        assert await line.ended()


@pytest.mark.usefixtures("impatient")
async def test_an_answer_that_takes_long_is_waited_for() -> None:
    async with running() as server, lines(server, 1, SLEEP) as [line]:
        await asyncio.sleep(3 * SECONDS)
        server.awake.set()
        assert await line.answer() == (200, b"slept")


@pytest.mark.usefixtures("impatient")
async def test_a_connection_is_kept_between_requests() -> None:
    async with running(keep_alive=60) as server, lines(server, 1) as [line]:
        for _ in range(3):
            await line.send(REQUEST)
            assert await line.answer() == (200, b"small")
            await asyncio.sleep(1.5 * SECONDS)
        await line.send(REQUEST * 3)
        assert [await line.answer() for _ in range(3)] == [(200, b"small")] * 3


@pytest.mark.usefixtures("impatient")
async def test_a_reader_that_does_not_read_is_not_waited_for() -> None:
    async with running() as server:
        with socket.socket() as stuck:
            stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            await asyncio.to_thread(stuck.connect, ("127.0.0.1", server.port))
            await asyncio.to_thread(stuck.sendall, LARGE)
            await settle(server, 1)
            await settle(server, 0)


async def test_whoever_waits_longest_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "FRESH_SECONDS", SECONDS)
    async with running(most=5, keep_alive=60) as server, lines(server, 5) as silent:
        await settle(server, 5)
        async with lines(server, 2, REQUEST) as [one, two]:
            assert await one.answer() == (200, b"small")
            assert await two.answer() == (200, b"small")
            assert await silent[0].ended()
            assert await silent[1].ended()
            assert not await silent[2].ended(SECONDS)
            # one that never asked goes before one that was answered
            async with lines(server, 3, HALF):
                assert await silent[4].ended()
                assert not await one.ended(SECONDS)
                # but not at once: its request may be on the way
                await one.send(REQUEST)
                await one.answer()
                async with lines(server, 1) as [newest]:
                    assert not await newest.ended(SECONDS / 3)
        assert server.crowd.admitted <= 5


async def test_an_honest_client_is_answered_among_half_sent_headers() -> None:
    async with running(most=20) as server, lines(server, 300, HALF):
        for _ in range(20):
            async with lines(server, 1, REQUEST) as [line]:
                assert await line.answer() == (200, b"small")
            async with lines(server, 15, HALF):
                pass


async def test_a_server_that_answers_as_many_as_it_may_says_so_once() -> None:
    async with running(most=3) as server, lines(server, 3, SLEEP) as busy:
        await settle(server, 3, fresh=0)
        with structlog.testing.capture_logs() as logged:
            for _ in range(3):
                async with lines(server, 1, REQUEST) as [line]:
                    status, body = await line.answer()
                    assert status == 503
                    assert b'"UNAVAILABLE"' in body
                    assert await line.ended()
            async with lines(server, 1, ALIVE) as [line]:
                assert await line.answer() == (200, b"small")
        assert [event["event"] for event in logged] == ["connections_full"]
        assert server.crowd.admitted == 3

        server.awake.set()
        assert [await line.answer() for line in busy] == [(200, b"slept")] * 3
        async with lines(server, 1, REQUEST) as [line]:
            assert await line.answer() == (200, b"small")


async def test_refusals_are_few_at_once() -> None:
    async with running(most=1) as server, lines(server, 1, SLEEP):
        await settle(server, 1, fresh=0)
        async with lines(server, REFUSED_MAX + 5) as refused:
            first, last = refused[:5], refused[5:]
            assert all(await asyncio.gather(*(line.ended() for line in first)))
            assert not any(await asyncio.gather(*(line.ended(SECONDS) for line in last)))
            assert len(server.crowd.refused) == REFUSED_MAX


@pytest.mark.parametrize(
    ("wanted", "descriptors", "expected"),
    [
        (1000, 65_536, Room(1000, 10_000, BACKLOG_MAX)),
        (1000, 1024, Room(331, 331, 256)),
        (1000, 256, Room(43, 43, 64)),
        (50, 256, Room(43, 43, 64)),
        (20, 256, Room(20, 66, 64)),
        (1000, 64, Room(1, 1, 16)),
    ],
)
def test_room_by_descriptors(wanted: int, descriptors: int, expected: Room) -> None:
    assert room(wanted, pool_size=10, descriptors=descriptors) == expected


def test_workers_get_a_crowd_of_their_own() -> None:
    assert pickle.loads(pickle.dumps(Connections(7))) == Connections(7)  # noqa: S301


@pytest.mark.skipif(not SOMAXCONN.exists(), reason="asks Linux for the queue's length")
async def test_more_may_wait_for_a_connection_than_are_taken_at_once() -> None:
    """Where the queue is full the kernel hears a newcomer again after seconds only."""
    most = min(BACKLOG_MAX, await asyncio.to_thread(lambda: int(SOMAXCONN.read_text())))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(Starlette(), ws="none", lifespan="off", log_config=None, backlog=3)
        config.load()
        server = Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[listening])
        try:
            told = listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 32)
            assert int.from_bytes(told[28:32], sys.byteorder) == most
        finally:
            await server.shutdown(sockets=[listening])
