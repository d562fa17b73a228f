"""A small schema behind the real endpoint, for tests of limits, scalars and errors."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import httpx
import strawberry
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Route

from api.edge.endpoint import Endpoint
from api.edge.gate import Gate
from api.edge.limits import Limits
from api.edge.logging import log_requests
from api.kit.connections import PAGE_DEFAULT, After, Connection, Edge, First, Listing, Start
from api.kit.context import Info
from api.kit.fields import field
from api.kit.mutations import Payload, mutation
from api.kit.relay import Node
from api.kit.scalars import JSON, CurrencyCode, Locale, Points
from api.schema import MilepostSchema, build_schema
from domain.kernel.callers import Caller
from domain.ledger.refusals import InsufficientPoints
from domain.webhooks.outgoing import Outgoing

ROWS = 150


@strawberry.type(description="A row of the sample list.")
class SampleRow(Node):
    number: int = strawberry.field(description="Its number.")

    @field("The list again, to nest it.")
    async def rows(self, first: First = PAGE_DEFAULT, after: After = None) -> "SampleConnection":
        return await read_rows(first, after)


@strawberry.type(description="One row of a page of samples.")
class SampleEdge(Edge[SampleRow]):
    pass


@strawberry.type(description="One page of samples.")
class SampleConnection(Connection[SampleEdge]):
    pass


LISTING: Listing[int, SampleConnection] = Listing(
    "samples", SampleConnection, SampleEdge, (int,), lambda number: (number,)
)

counted: list[int] = []


async def count_rows() -> int:
    counted.append(ROWS)
    return ROWS


async def numbers(limit: int, start: Start) -> Sequence[int]:
    least = start[0] + 1 if start else 1
    return range(least, min(least + limit - 1, ROWS) + 1)


def to_row(number: int) -> SampleRow:
    return SampleRow(id=strawberry.ID(f"row:{number}"), number=number)


async def read_rows(first: int | None, after: str | None) -> SampleConnection:
    return await LISTING.page(first, after, rows=numbers, node=to_row, count=count_rows)


@strawberry.type(description="Queries of the sample schema.")
class SampleQuery:
    @field("The text given.")
    def text(self, value: str | None = None) -> str | None:
        return value

    @field("The points given.")
    def points(self, value: Points) -> Points:
        return value

    @field("Points that are none.")
    def wrong_points(self) -> Points:
        return Points(2**60)

    @field("The amount given.")
    def amount(self, value: Decimal) -> Decimal:
        return value

    @field("The instant given.")
    def instant(self, value: datetime) -> datetime:
        return value

    @field("The day given.")
    def day(self, value: date) -> date:
        return value

    @field("The locale given.")
    def locale(self, value: Locale) -> Locale:
        return value

    @field("The currency given.")
    def currency(self, value: CurrencyCode) -> CurrencyCode:
        return value

    @field("The JSON given.")
    def json(self, value: JSON) -> JSON:
        return value

    @field("The language that texts would have.")
    def language(self, info: Info) -> str:
        return info.context.language

    @field("A list read page by page.")
    async def rows(self, first: First = PAGE_DEFAULT, after: After = None) -> SampleConnection:
        return await read_rows(first, after)

    @field("Several at once.")
    def nodes(self, ids: list[strawberry.ID]) -> list[SampleRow]:
        return [SampleRow(id=own, number=0) for own in ids]

    @field("A bug whose words quote somebody's data.")
    def bug(self) -> str | None:
        raise LookupError("alice@example.org has no account")

    @field("Longer than anybody waits.")
    async def sleep(self) -> str | None:
        await asyncio.sleep(60)
        return None


@strawberry.type(description="Result of spending points.")
class SpendPayload(Payload):
    left: Points | None = strawberry.field(default=None, description="Points left.")


@strawberry.type(description="Mutations of the sample schema.")
class SampleMutation:
    @mutation("Spend points, of which there are 100.")
    async def spend(self, info: Info, points: Points) -> SpendPayload | None:
        if points > 100:
            raise InsufficientPoints(100, points, path=("points",))
        return SpendPayload(left=Points(100 - points))


def sample_schema(limits: Limits, *, production: bool = False) -> MilepostSchema:
    return MilepostSchema(Gate(limits, production=production), SampleQuery, SampleMutation)


def sample_app(
    caller: Caller | None, limits: Limits | None = None, *, production: bool = False
) -> Starlette:
    """The real endpoint with the sample schema; every request is by `caller`."""
    limits = limits or Limits()
    return _before(sample_schema(limits, production=production), caller, limits)


def edge_app(caller: Caller | None, limits: Limits | None = None) -> Starlette:
    """The real endpoint with the real schema; every request is by `caller`."""
    limits = limits or Limits()
    return _before(build_schema(limits, production=False), caller, limits)


def _before(schema: MilepostSchema, caller: Caller | None, limits: Limits) -> Starlette:
    async def authenticate(_: str | None) -> Caller | None:
        return caller

    endpoint = Endpoint(
        schema,
        authenticate=authenticate,
        limits=limits,
        page=HTMLResponse("the page"),
        outgoing=Outgoing(),
        environment="development",
    )
    return Starlette(middleware=[Middleware(log_requests)], routes=[Route("/graphql", endpoint)])


@asynccontextmanager
async def calling(app: Starlette, token: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://milepost.test", headers=headers
    ) as client:
        yield client


async def ask(client: httpx.AsyncClient, query: str, **variables: Any) -> Any:
    """The whole answer, whatever its status."""
    response = await client.post("/graphql", json={"query": query, "variables": variables})
    return response.json()


def codes(answer: Any) -> list[str]:
    return [error["extensions"]["code"] for error in answer["errors"]]
