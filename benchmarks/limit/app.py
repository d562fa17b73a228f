"""The limit's application: `LIMIT_DATABASE_URL`, `LIMIT_PARTNER_KEY` and `LIMIT_SIGNING_KEY` say
what it needs; `python -m benchmarks.limit PORT WORKERS` serves it.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from joserfc import jwt
from joserfc.jwk import OKPKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.limit import programme as programmes
from benchmarks.limit import reads, writes
from benchmarks.limit.posting import Writer
from benchmarks.limit.reads import Reader

POOL = 10

READS: dict[str, Callable[[Reader, dict[str, Any]], Awaitable[Any]]] = {
    "/dashboard": reads.dashboard,
    "/dashboard-plain": reads.plain_dashboard,
    "/ledger": reads.ledger,
    "/rewards": reads.rewards,
    "/quoteEarning": reads.quote,
}
WRITES: dict[str, Callable[[Writer, dict[str, Any]], Awaitable[Any]]] = {
    "/earnForBooking": writes.earn,
    "/redeemReward": writes.redeem,
    "/refundBooking": writes.refund,
}


class Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """One that needs no reset: nothing here leaves anything in a session."""

    def get_reset_query(self) -> str:
        return ""


class Limit:
    """Its pool, the programme, and the callers that it has seen."""

    pool: asyncpg.Pool
    programme: programmes.Programme
    partner_id: UUID

    def __init__(self) -> None:
        self.partner_key = os.environ["LIMIT_PARTNER_KEY"]
        self.key = OKPKey.import_key(orjson.loads(os.environ["LIMIT_SIGNING_KEY"]))
        self.members: dict[str, UUID] = {}

    @asynccontextmanager
    async def running(self, _: Starlette) -> AsyncIterator[None]:
        url = os.environ["LIMIT_DATABASE_URL"]
        self.pool = await asyncpg.create_pool(
            url, min_size=1, max_size=POOL, connection_class=Connection
        )
        async with self.pool, self.pool.acquire() as connection:
            self.programme = await programmes.load(connection)
            self.partner_id = await connection.fetchval(
                "SELECT id FROM partner WHERE code = 'engine'"
            )
            await self.pool.release(connection)
            yield

    async def read(self, answer: Any, request: Request) -> Response:
        sent = orjson.loads(await request.body())
        token = request.headers["authorization"][7:]
        async with self.pool.acquire() as connection:
            member_id = self.members.get(token)
            if member_id is None:
                member_id = self.members[token] = await self._verified(connection, token)
            data = await answer(Reader(self.programme, connection, member_id), sent)
        return _json(data)

    async def write(self, answer: Any, request: Request) -> Response:
        sent = orjson.loads(await request.body())
        if request.headers["authorization"][7:] != self.partner_key:
            return Response(status_code=401)
        async with self.pool.acquire() as connection, connection.transaction():
            now = self.programme.now()
            writer = Writer(self.programme, connection, self.partner_id, now)
            data = await answer(writer, sent["input"])
        return _json(data)

    async def _verified(self, connection: asyncpg.Connection, token: str) -> UUID:
        claims = jwt.decode(token, self.key, algorithms=["EdDSA", "Ed25519"]).claims
        member_id: UUID = await connection.fetchval(
            "SELECT member_id FROM lookup "
            "WHERE programme_id = $1 AND scope = 'reference' AND value = $2",
            self.programme.id,
            claims["sub"],
        )
        return member_id


def _json(data: Any) -> Response:
    return Response(orjson.dumps({"data": data}), media_type="application/json")


async def _ready(_: Request) -> Response:
    return Response()


def application() -> Starlette:
    limit = Limit()
    routes = [
        Route("/readyz", _ready),
        *(
            Route(path, partial(limit.read, answer), methods=["POST"])
            for path, answer in READS.items()
        ),
        *(
            Route(path, partial(limit.write, answer), methods=["POST"])
            for path, answer in WRITES.items()
        ),
    ]
    return Starlette(routes=routes, lifespan=limit.running)
