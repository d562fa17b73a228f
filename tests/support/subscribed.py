"""Subscribers of a real server on a socket: by WebSocket and by server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress
from itertools import chain
from time import time
from typing import Any, cast

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from api.app import create_app
from api.edge import sessions
from api.edge.browsers import Origins
from api.edge.endpoint import Endpoint
from api.edge.front import Pages
from api.edge.limits import Limits
from api.edge.sessions import Terms
from api.edge.tokens import Signer
from api.kit.watching import Watch, Watches
from domain.programmes.programmes import Programme
from ops.listener import Connections, Socket
from tests.support import factories
from tests.support.callers import signing_key

PROTOCOL = Subprotocol("graphql-transport-ws")
SHOP = "https://shop.example"
BALANCE = "subscription { balanceChanged { available pending held } }"
LEDGER = """subscription($after: Int) { ledgerAppended(after: $after) {
    sequence kind points availableAfter booking { reference } } }"""
PATIENT_SECONDS = 60
SOON = 1800
"""After so many seconds a token ends that `let_end` ends; other tokens of a test last longer."""


def served_live(limits: Limits | None = None, terms: Terms | None = None) -> Starlette:
    """The whole application, with shorter intervals for checking subscriptions by default, and all
    the time that a test may take for everything else.
    """
    return create_app(
        connect=nullcontext,
        signers=[Signer(public_keys=[signing_key().as_dict(private=False)])],
        limits=limits or Limits(),
        environment="development",
        outgoing=factories.OUTGOING,
        pages=Pages(origins=Origins((SHOP,))),
        terms=terms or Terms(init_seconds=PATIENT_SECONDS, sweep_seconds=0.1, poll_seconds=0.2),
    )


_watches: dict[str, Watches] = {}
"""Of the servers that listen, by their places."""


@asynccontextmanager
async def listening_for_sockets(app: Starlette) -> AsyncIterator[tuple[str, Connections]]:
    """Serve `app` with the connection classes of a server process; host and port, connections."""
    crowd = Connections(100)
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        http=cast(Any, crowd),
        ws=Socket,
        ws_max_size=10_000,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=PATIENT_SECONDS,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 -- uvicorn has no event for this
        await asyncio.sleep(0.01)
    try:
        place = f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        _watches[place] = _endpoint(app).porter.watches
        yield place, crowd
        del _watches[place]
    finally:
        server.should_exit = True
        await task


def _endpoint(app: Starlette) -> Endpoint:
    [found] = [one.endpoint for one in app.routes if isinstance(one, WebSocketRoute)]
    assert isinstance(found, Endpoint)
    return found


async def subscribed(place: str, programme: Programme, times: int) -> None:
    """Wait until so many subscriptions in a programme have begun: each of them hears of what comes
    from now on, also one whose first answer comes only then.
    """
    begun: set[Watch] = set()

    def all_have() -> bool:
        every = chain.from_iterable(_watches[place].by_member.values())
        own = {one for one in every if one.programme == programme.code}
        begun.update(one for one in own if one.woken._waiters)
        return len(own) == times and own <= begun

    async with asyncio.timeout(PATIENT_SECONDS):
        while not all_have():  # noqa: ASYNC110 -- nobody tells
            await asyncio.sleep(0.01)


def let_end(patch: pytest.MonkeyPatch) -> None:
    """Let servers end what tokens that end `SOON` keep open."""
    patch.setattr(sessions, "time", lambda: time() + SOON)


class Line:
    """The client's end of a WebSocket, without a GraphQL client library."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, kind: str, **more: Any) -> None:
        await self.connection.send(json.dumps({"type": kind, **more}))

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENT_SECONDS):
            text = await self.connection.recv()
        assert isinstance(text, str)
        found: dict[str, Any] = json.loads(text)
        return found

    async def begin(self, token: str | None) -> None:
        """Send `connection_init` with the token, and assert that it is accepted."""
        payload = {} if token is None else {"authorization": f"Bearer {token}"}
        await self.send("connection_init", payload=payload)
        assert await self.receive() == {"type": "connection_ack"}

    async def subscribe(self, named: str, query: str, **variables: Any) -> None:
        await self.send("subscribe", id=named, payload={"query": query, "variables": variables})

    async def next(self, named: str) -> Any:
        """The data of the next message, which must be of this operation and without errors."""
        message = await self.receive()
        assert (message["type"], message["id"]) == ("next", named), message
        assert "errors" not in message["payload"], message
        return message["payload"]["data"]

    async def closed(self) -> int:
        """The code with which the server closes it; messages before that are dropped."""
        async with asyncio.timeout(PATIENT_SECONDS):
            with suppress(ConnectionClosed):
                while True:
                    await self.connection.recv()
        code = self.connection.close_code
        assert code is not None
        return code


@asynccontextmanager
async def socket(
    place: str, token: str | None = None, origin: str | None = None
) -> AsyncIterator[Line]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with connect(
        f"ws://{place}/graphql",
        subprotocols=[PROTOCOL],
        additional_headers=headers,
        origin=None if origin is None else Origin(origin),
        proxy=None,
        open_timeout=PATIENT_SECONDS,
        ping_timeout=PATIENT_SECONDS,
    ) as connection:
        yield Line(connection)


@asynccontextmanager
async def events(place: str, token: str, query: str, **sent: Any) -> AsyncIterator[httpx.Response]:
    """The streaming response to a subscription."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENT_SECONDS) as client:
        body = {"query": query, "variables": sent}
        async with client.stream(
            "POST", f"http://{place}/graphql", json=body, headers=headers
        ) as response:
            yield response


async def told(response: httpx.Response) -> AsyncIterator[tuple[str, Any]]:
    """Each event of a stream with its data, as it arrives."""
    event = ""
    async for line in response.aiter_lines():
        if line.startswith("event: "):
            event = line.removeprefix("event: ")
        elif line.startswith("data:"):
            data = line.removeprefix("data:").strip()
            yield event, json.loads(data) if data else None


def init(token: str | None) -> str:
    return json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}})
