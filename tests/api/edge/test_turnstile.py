"""Who comes in, how much they may ask for, and how many requests at once."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import pytest
from starlette.requests import HTTPConnection
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.edge import turnstile
from api.edge.auth import unauthenticated
from api.edge.limits import Limits
from api.edge.rates import Buckets, Flights, Rate
from api.edge.turnstile import Remembered, Turnstile, Visit, address_of
from api.kit.request_errors import RequestError
from domain.kernel import database
from domain.kernel.callers import Caller, CallerKind
from domain.programmes.programmes import Programme
from tests.support.factories import member_caller, partner, staff
from tests.support.sample import ask, calling, codes, sample_app


class Credentials:
    """Accepts what begins with `good`; counts what it had to look at."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.seen: list[str | None] = []

    async def __call__(self, authorization: str | None) -> Caller | None:
        self.seen.append(authorization)
        if authorization is None or not authorization.startswith("good"):
            raise unauthenticated("This key is unknown or revoked.")
        return self.caller


def visit(stile: Turnstile, address: str = "10.0.0.1") -> Visit:
    return Visit(stile, address, {})


def limits(**changes: float) -> Limits:
    """Rates that do not fill up again while a test looks."""
    still = {"member_rate_per_second": 0.001, "partner_rate_per_second": 0.001}
    return Limits(**{**still, **changes})  # type: ignore[arg-type]


async def refusal(stile: Turnstile, coming: Visit, authorization: str) -> str:
    with pytest.raises(RequestError) as refused:
        await stile.enter(coming, authorization)
    return refused.value.code.value


@pytest.mark.parametrize(
    ("cost", "worth"), [(0, 1), (9, 1), (10, 1), (19, 1), (20, 2), (300, 30), (1000, 100)]
)
async def test_a_request_is_charged_by_its_cost(
    programme: Programme, cost: int, worth: int
) -> None:
    app = sample_app(partner(programme), limits(partner_rate_burst=500))
    items = f"ids: [{'1 ' * (cost - 1)}]" if cost <= 20 else f"ids: [{'1 ' * 99}]"
    one = "text" if not cost else f"nodes({items}) {{ number }}"
    query = f"{{ {one} }}"
    if cost > 20:
        query = f"{{ {' '.join(f'a{n}: {one}' for n in range(cost // 100))} }}"
    async with calling(app) as client:
        answers = [await client.post("/graphql", json={"query": query}) for _ in range(2)]

    assert answers[0].json()["extensions"]["cost"]["requested"] == cost
    left = [int(answer.headers["ratelimit"].split("r=")[1].split(";")[0]) for answer in answers]
    assert left[0] - left[1] == worth


async def test_mutations_in_one_request_weigh_as_much_as_requests(programme: Programme) -> None:
    app = sample_app(member_caller(programme, "m"), limits(member_rate_burst=65))
    thirty = " ".join(f"a{n}: spend(points: 1) {{ left }}" for n in range(30))
    async with calling(app) as client:
        answers = [await ask(client, f"mutation {{ {thirty} }}") for _ in range(3)]

    assert "errors" not in answers[0]
    assert codes(answers[2]) == ["RATE_LIMITED"]
    assert "data" not in answers[2]


async def test_a_document_not_seen_before_is_charged_by_its_size(programme: Programme) -> None:
    app = sample_app(member_caller(programme, "m"), limits())
    left = []
    async with calling(app) as client:
        for _ in range(2):
            places = " ".join(f"a{n}: nodes(ids: []) {{ number id }}" for n in range(19))
            response = await client.post("/graphql", json={"query": f"{{ {places} }}"})
            left.append(response.headers["ratelimit"].partition(";t=")[0])

    # 57 fields are worth five requests the first time, a cost of 19 one each time
    assert left == ['"caller";r=94', '"caller";r=93']


@pytest.mark.parametrize(
    ("sent", "worth"),
    [
        # a document not seen before by its characters, also where it is refused
        ({"query": "{ text }" + " " * 5000}, [1 + 5, 1]),
        ({"query": "{ text " + " " * 5000}, [1 + 5, 1]),
        # a body by its bytes, each time
        ({"query": "{ text }", "variables": {"v": "x" * 520_000}}, [1 + 10, 1 + 10]),
    ],
    ids=["document", "document that fails", "body"],
)
async def test_what_is_sent_is_charged_by_its_size(
    programme: Programme, sent: dict[str, Any], worth: list[int]
) -> None:
    app = sample_app(member_caller(programme, "m"), limits())
    left = [100]
    async with calling(app) as client:
        for _ in range(2):
            response = await client.post("/graphql", json=sent)
            left.append(int(response.headers["ratelimit"].split("r=")[1].split(";")[0]))

    assert [before - after for before, after in itertools.pairwise(left)] == worth


async def test_a_body_is_read_no_further_than_its_caller_may(programme: Programme) -> None:
    app = sample_app(member_caller(programme, "m"), limits(member_rate_burst=3))
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(10):
            read += 60_000
            yield b" " * 60_000

    headers = {"Content-Type": "application/json"}
    async with calling(app) as client:
        response = await client.post("/graphql", content=body(), headers=headers)

    assert codes(response.json()) == ["RATE_LIMITED"]
    assert read == 3 * 60_000


def test_what_is_worth_more_than_a_bucket_holds_takes_a_full_one() -> None:
    buckets = Buckets(clock=lambda: 0.0)
    rate = Rate(per_second=2, burst=4)

    assert buckets.take("a", rate, 100).remaining == 0
    assert buckets.take("a", rate, 100).retry_seconds == 2
    buckets.give_back("a", rate)
    assert buckets.take("a", rate).remaining == 0
    buckets.give_back("b", rate)
    assert buckets.take("b", rate).remaining == 3


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        (CallerKind.MEMBER, 8),
        (CallerKind.PUBLIC, 8),
        (CallerKind.PARTNER, 64),
        (CallerKind.STAFF, 64),
    ],
)
async def test_requests_in_flight(programme: Programme, kind: CallerKind, most: int) -> None:
    caller = Caller(kind, programme.id, programme.code, "somebody")
    app = sample_app(caller, Limits(request_seconds_max=0.4))
    async with calling(app) as client:

        async def sleep() -> httpx.Response:
            return await client.get("/graphql?query={sleep}")

        responses = await asyncio.gather(*(sleep() for _ in range(most + 3)))
        app.routes[0].app.limits = Limits()  # type: ignore[attr-defined]
        afterwards = await client.get("/graphql?query={text}")

    statuses = sorted(response.status_code for response in responses)
    assert statuses == [429] * 3 + [504] * most
    refused = next(response for response in responses if response.status_code == 429)
    assert codes(refused.json()) == ["RATE_LIMITED"]
    assert refused.headers["retry-after"] == "1"
    assert f"at most {most}" in refused.json()["errors"][0]["message"]
    assert afterwards.status_code == 200


async def test_nothing_stays_in_flight_whatever_became_of_it(programme: Programme) -> None:
    app = sample_app(partner(programme))
    endpoint = app.routes[0].app  # type: ignore[attr-defined]
    async with calling(app) as client:
        for body in ("{}", "[]", '{"query": "{"}', '{"query": "{ bug }"}', '{"query": "{ text }"}'):
            await client.post(
                "/graphql", content=body, headers={"Content-Type": "application/json"}
            )

    assert endpoint.turnstile.flights.counts == {}


def test_flights_are_counted_by_caller() -> None:
    flights = Flights()

    assert [flights.begin(key, 2) for key in "aaab"] == [True, True, False, True]
    flights.end("a")
    assert flights.begin("a", 2)
    for key in "aab":
        flights.end(key)
    assert flights.counts == {}


async def test_statements_run_on_behalf_of_their_caller(programme: Programme) -> None:
    kim = staff(programme)
    stile = Turnstile(Credentials(kim), Limits(), production=False)

    await stile.enter(visit(stile), "good")

    assert database.user.get() == f"{programme.code}:{kim.actor}"


async def test_a_credential_that_was_refused_is_not_looked_up_again(programme: Programme) -> None:
    credentials, instant = Credentials(partner(programme)), 0.0
    stile = Turnstile(credentials, limits(), production=True)
    stile.refused.clock = lambda: instant

    for _ in range(5):
        assert await refusal(stile, visit(stile), "bad") == "UNAUTHENTICATED"
    assert credentials.seen == ["bad"]
    instant = turnstile.REFUSED_SECONDS + 0.1
    assert await refusal(stile, visit(stile), "bad") == "UNAUTHENTICATED"
    assert credentials.seen == ["bad", "bad"]


async def test_an_address_runs_out_of_tries_before_any_of_them_is_looked_up(
    programme: Programme,
) -> None:
    credentials = Credentials(partner(programme))
    stile = Turnstile(credentials, limits(member_rate_burst=3), production=True)
    await stile.enter(visit(stile), "good known")

    codes_met = [await refusal(stile, visit(stile), f"bad {n}") for n in range(6)]

    assert codes_met == ["UNAUTHENTICATED"] * 3 + ["RATE_LIMITED"] * 3
    assert credentials.seen == ["good known", "bad 0", "bad 1", "bad 2"]
    assert await refusal(stile, visit(stile), "good unknown") == "RATE_LIMITED"
    # who was known before comes in from there, and who comes from elsewhere
    assert await stile.enter(visit(stile), "good known") is credentials.caller
    assert await stile.enter(visit(stile, "10.0.0.2"), "good new") is credentials.caller


async def test_an_address_does_not_pay_for_credentials_that_are_accepted(
    programme: Programme,
) -> None:
    credentials = Credentials(partner(programme))
    stile = Turnstile(credentials, limits(member_rate_burst=2), production=True)

    for number in range(5):
        await stile.enter(visit(stile), f"good {number}")

    assert len(credentials.seen) == 5


async def test_a_credential_that_is_refused_later_is_a_strangers_again(
    programme: Programme,
) -> None:
    credentials = Credentials(partner(programme))
    stile = Turnstile(credentials, limits(member_rate_burst=1), production=True)
    await stile.enter(visit(stile), "good until revoked")

    async def revoked(_: str | None) -> Caller | None:
        raise unauthenticated("This key is unknown or revoked.")

    stile.authenticate = revoked

    assert await refusal(stile, visit(stile), "good until revoked") == "UNAUTHENTICATED"
    assert await refusal(stile, visit(stile), "good until revoked") == "UNAUTHENTICATED"
    assert await refusal(stile, visit(stile), "good until revoked") == "RATE_LIMITED"


def test_remembered_credentials_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "CREDENTIALS_MAX", 2)
    remembered = Remembered(10, clock=lambda: 0.0)

    for digest in (b"a", b"b", b"a", b"c"):
        remembered.add(digest)

    assert [digest in remembered for digest in (b"a", b"b", b"c")] == [True, False, True]


async def test_behind_a_proxy_the_address_is_the_clients(programme: Programme) -> None:
    caller = Caller(CallerKind.PUBLIC, programme.id, programme.code, "key")
    app = ProxyHeadersMiddleware(
        cast(Any, sample_app(caller, limits(member_rate_burst=1))), trusted_hosts="10.9.0.0/16"
    )
    statuses = []
    for proxy, client_address in (
        ("10.9.0.1", "192.0.2.1"),
        ("10.9.0.2", "192.0.2.2"),
        ("10.9.0.2", "192.0.2.1"),
        # who is no proxy may say what it likes
        ("198.51.100.1", "192.0.2.3"),
        ("198.51.100.1", "192.0.2.4"),
    ):
        transport = httpx.ASGITransport(cast(Any, app), client=(proxy, 1))
        headers = {"X-Forwarded-For": f"203.0.113.9, {client_address}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://t", headers=headers
        ) as client:
            statuses.append((await client.get("/graphql?query={text}")).status_code)

    assert statuses == [200, 200, 429, 200, 429]


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_the_address_of_a_stranger(host: str, address: str) -> None:
    client = (host, 1) if host else None

    assert address_of(HTTPConnection({"type": "http", "client": client})) == address
