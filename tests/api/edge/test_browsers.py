"""Pages of other origins, and compressed answers."""

import zlib
from collections.abc import AsyncIterator
from contextlib import nullcontext

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message, Scope

from api.app import create_app
from api.edge import browsers
from api.edge.browsers import LOCALHOST, Origins
from api.edge.front import Pages
from api.edge.limits import Limits
from tests.support.sample import calling

pytestmark = pytest.mark.usefixtures("database")

SHOP = "https://shop.example"
ALLOWED = "access-control-allow-origin"
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization, content-type, x-request-id",
}


def app_for(origins: Origins) -> Starlette:
    return create_app(
        connect=nullcontext,
        signers=[],
        limits=Limits(),
        environment="development",
        pages=Pages(graphiql=True, origins=origins),
    )


async def asked(client: httpx.AsyncClient, origin: str) -> list[httpx.Response]:
    """A preflight and the operation after it, as a page of `origin` has its browser send them."""
    headers = {"Origin": origin}
    preflight = await client.options("/graphql", headers=headers | PREFLIGHT)
    query = {"query": "{ __typename }"}
    return [preflight, await client.post("/graphql", json=query, headers=headers)]


async def test_a_named_origin_may_call_without_credentials() -> None:
    async with calling(app_for(Origins((SHOP,)))) as client:
        preflight, answer = await asked(client, SHOP)

    assert preflight.status_code == 200
    assert answer.json()["data"] == {"__typename": "Query"}
    for response in (preflight, answer):
        assert response.headers[ALLOWED] == SHOP
        assert "Origin" in response.headers["vary"]
        assert "access-control-allow-credentials" not in response.headers
    assert "Retry-After" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", f"{SHOP}.evil.example", "http://shop.example", f"{SHOP}:8443", "null"],
)
async def test_no_other_origin_may(origin: str) -> None:
    async with calling(app_for(Origins((SHOP,)))) as client:
        preflight, answer = await asked(client, origin)

    assert preflight.status_code == 400
    assert ALLOWED not in preflight.headers
    assert ALLOWED not in answer.headers


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://localhost:3000", True),
        ("https://localhost", True),
        ("http://127.0.0.1:5173", True),
        ("http://[::1]:8080", True),
        ("http://localhost.evil.example", False),
        ("http://evil.example/localhost:3000", False),
        ("http://127.0.0.10", False),
    ],
)
async def test_in_development_pages_of_this_machine_may(origin: str, *, allowed: bool) -> None:
    async with calling(app_for(LOCALHOST)) as client:
        preflight, answer = await asked(client, origin)

    assert (preflight.status_code == 200) is allowed
    assert (answer.headers.get(ALLOWED) == origin) is allowed


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with calling(app_for(Origins())) as opened:
        yield opened


async def test_a_large_answer_is_compressed_for_those_who_accept_it(
    client: httpx.AsyncClient,
) -> None:
    query = {"query": "{ __schema { types { name description } } }"}
    gzipped = await client.post("/graphql", json=query, headers={"Accept-Encoding": "gzip"})
    plain = await client.post("/graphql", json=query, headers={"Accept-Encoding": "identity"})

    assert gzipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert gzipped.json() == plain.json()
    assert int(gzipped.headers["content-length"]) * 3 < int(plain.headers["content-length"])
    assert {"Accept-Encoding", "Authorization"} <= set(gzipped.headers["vary"].split(", "))
    assert gzipped.headers["cache-control"] == "no-store"


async def test_a_small_answer_is_not(client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/graphql", json={"query": "{ __typename }"}, headers={"Accept-Encoding": "gzip"}
    )
    assert "content-encoding" not in response.headers


@pytest.mark.parametrize("media_type", ["text/event-stream", "multipart/mixed"])
async def test_no_part_of_a_stream_is_held_back(media_type: str) -> None:
    """Each part can be read, unpacked where it was packed, before the next one is made."""
    sent: list[Message] = []
    seen: list[bytes] = []
    unpacked = zlib.decompressobj(16 + zlib.MAX_WBITS)

    async def parts() -> AsyncIterator[bytes]:
        for number in range(3):
            yield b"part %d\n" % number
            body = sent[-1]["body"]
            packed = any(name == b"content-encoding" for name, _ in sent[0]["headers"])
            seen.append(unpacked.decompress(body) if packed else body)

    async def stream(_: Request) -> Response:
        return StreamingResponse(parts(), media_type=media_type)

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        sent.append(message)

    app = Starlette(routes=[Route("/", stream)], middleware=[browsers.compression()])
    scope: Scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": [(b"accept-encoding", b"gzip")],
        "asgi": {"spec_version": "2.4"},
    }
    await app(scope, receive, send)

    assert seen == [b"part 0\n", b"part 1\n", b"part 2\n"]
