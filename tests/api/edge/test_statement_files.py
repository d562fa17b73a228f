"""Statements of partners as CSV: what becomes of a request that the database does not answer."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import Message

from api.app import create_app
from api.edge import statement_files
from api.edge.limits import Limits
from api.edge.statement_files import FOLDER, StatementFiles
from api.edge.tokens import Signer
from domain.kernel.ids import new_id
from domain.programmes import programmes
from domain.settlement import reading
from tests.conftest import Database
from tests.domain.test_races import waiting
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, codes, open_stage, signing_key
from tests.support.processes import WAIT_SECONDS

HASTY_SECONDS = 1.0
"""How many seconds a request has that is not answered meanwhile."""


def made() -> Starlette:
    signer = Signer(public_keys=[signing_key().as_dict(private=False)])
    return create_app(
        connect=nullcontext,
        signers=[signer],
        limits=Limits(
            member_rate_burst=1000, partner_rate_burst=9000, request_seconds_max=WAIT_SECONDS
        ),
        environment="development",
        outgoing=make.OUTGOING,
    )


def files_of(app: Starlette) -> StatementFiles:
    routes = [one for one in app.routes if isinstance(one, Route)]
    [files] = [one.endpoint for one in routes if one.path.startswith(FOLDER)]
    assert isinstance(files, StatementFiles)
    return files


@contextmanager
def hurried(app: Starlette) -> Iterator[None]:
    """Requests that come meanwhile are given up soon."""
    turnstile = files_of(app).turnstile
    usual = turnstile.limits
    turnstile.limits = replace(usual, request_seconds_max=HASTY_SECONDS)
    yield
    turnstile.limits = usual


def in_flight(app: Starlette) -> dict[str, int]:
    return files_of(app).turnstile.flights.counts


async def fetch(app: Starlette, client: Client, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    headers = {"Authorization": f"Bearer {client.token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://milepost.test") as http:
        return await http.get(path, headers=headers)


@asynccontextmanager
async def locked(database: Database, table: str) -> AsyncIterator[asyncpg.Connection]:
    """Nobody reads the table meanwhile."""
    other = await asyncpg.connect(database.owner)
    try:
        async with other.transaction():
            await other.execute(f"LOCK TABLE {table}")
            yield other
    finally:
        await other.close()


def scope_of(client: Client, path: str) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"authorization", f"Bearer {client.token}".encode())],
        "server": ("milepost.test", 80),
        "client": ("10.0.0.1", 1),
    }


async def silent() -> Message:
    """What a client sends that only listens."""
    await asyncio.Event().wait()
    raise AssertionError


async def closed_month() -> tuple[Stage, str]:
    """Where the file of a month of two members is, of whom each has a row in it."""
    opened = await open_stage()
    bank = await make.partner_of(opened.programme, "bank")
    await opened.staff().done(
        "savePartnerTerms", partner="bank", fromMonth="2126-01", basis="ISSUED", pricePerPoint="1"
    )
    programme, then = await programmes.get(opened.programme.code), TODAY - timedelta(days=20)
    night = await make.reward(
        programme, list_points=10, partner_id=bank.partner_id, cost_minor=80_00
    )
    for _ in range(2):
        member_id = await make.rich_member(programme, 100, now=then)
        given = await make.redeem(programme, member_id, night, now=then)
        await make.fulfil(programme, member_id, given, now=then)
    await make.settle_through(programme, date(2126, 2, 28))
    statement = "statement { csvUrl }"
    closed = await opened.staff().done("closeStatement", statement, partner="bank", month="2126-02")
    return opened, closed["statement"]["csvUrl"]


async def test_nothing_stays_in_flight_of_a_file_that_nobody_could_look_for(
    database: Database,
) -> None:
    app, member = made(), (await open_stage()).member()
    path = f"{FOLDER}/{new_id()}.csv"
    with hurried(app):
        async with locked(database, "partner_statement"):
            answers = await asyncio.gather(*(fetch(app, member, path) for _ in range(9)))
    assert sorted(one.status_code for one in answers) == [429, *[504] * 8]
    assert {code for one in answers for code in codes(one.json())} == {"RATE_LIMITED", "TIMEOUT"}
    late = next(one for one in answers if one.status_code == 504)
    assert late.headers["cache-control"] == "no-store"
    assert late.headers["ratelimit"]
    assert in_flight(app) == {}
    assert (await fetch(app, member, path)).status_code == 404


async def test_nothing_stays_in_flight_of_a_client_that_leaves(database: Database) -> None:
    app, member = made(), (await open_stage()).member()
    async with locked(database, "partner_statement"):
        coming = asyncio.create_task(fetch(app, member, f"{FOLDER}/{new_id()}.csv"))
        await waiting(1)
        coming.cancel()
        with pytest.raises(asyncio.CancelledError):
            await coming
    assert in_flight(app) == {}


async def test_a_file_that_cannot_be_begun_is_refused_in_the_words_of_the_api(
    database: Database,
) -> None:
    stage, path = await closed_month()
    app, staff = made(), stage.staff()
    whole = await fetch(app, staff, path)
    assert (whole.status_code, len(whole.text.splitlines())) == (200, 3)
    with hurried(app):
        async with locked(database, "coupon_use"):
            late = await fetch(app, staff, path)
    assert (late.status_code, codes(late.json())) == (504, ["TIMEOUT"])
    assert in_flight(app) == {}
    assert (await fetch(app, staff, path)).text == whole.text


async def test_a_file_that_stops_on_its_way_is_broken_off(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, path = await closed_month()
    app, staff = made(), stage.staff()
    monkeypatch.setattr(reading, "MEMBERS_MAX", 1)
    monkeypatch.setattr(statement_files, "CHUNK_CHARACTERS", 1)
    whole = await fetch(app, staff, path)
    assert len(whole.text.splitlines()) == 3
    sent: list[Message] = []
    async with AsyncExitStack() as until:

        async def send(message: Message) -> None:
            """The first piece has come; then nobody reads any more of the month."""
            sent.append(message)
            if message["type"] == "http.response.body":
                until.enter_context(hurried(app))
                await until.enter_async_context(locked(database, "coupon_use"))

        with pytest.raises(statement_files.BrokenOff):
            await app(scope_of(staff, path), silent, send)
    start, first = sent
    assert start["status"] == 200
    assert first["more_body"] is True
    assert whole.text.startswith(first["body"].decode())
    assert in_flight(app) == {}
