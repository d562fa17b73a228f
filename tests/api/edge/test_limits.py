"""Every limit of one operation and of one caller, exceeded."""

import gc
import re

import httpx
import pytest
from graphql import Token, get_introspection_query
from starlette.applications import Starlette
from starlette.routing import Route

from api.edge.endpoint import Endpoint
from api.edge.gate import DOCUMENTS_MAX, PRICES_MAX
from api.edge.limits import Limits
from api.edge.measure import Price
from api.edge.rates import Buckets, Rate
from domain.kernel.callers import Caller, CallerKind
from domain.programmes.programmes import Programme
from tests.support import sample as samples
from tests.support.factories import member_caller, partner, staff
from tests.support.sample import ask, calling, codes, sample_app, sample_schema

ROWS = "rows(first: {}) {{ edges {{ node {{ number {} }} }} }}"


def nested(levels: int) -> str:
    query = "number"
    for _ in range(levels):
        query = f"rows(first: 1) {{ edges {{ node {{ {query} }} }} }}"
    return f"{{ {query} }}"


async def test_depth(sample: httpx.AsyncClient) -> None:
    assert "data" in await ask(sample, "{ rows(first: 1) { edges { node { number } } } }")
    assert "data" in await ask(sample, nested(3))
    assert codes(await ask(sample, nested(4))) == ["TOO_DEEP"]


async def test_depth_through_fragments(sample: httpx.AsyncClient) -> None:
    parts = " ".join(
        f"fragment F{n} on SampleRow {{ rows(first: 1) {{ edges {{ node {{ ...F{n + 1} }} }} }} }}"
        for n in range(6)
    )
    query = f"{{ nodes(ids: []) {{ ...F0 }} }} {parts} fragment F6 on SampleRow {{ number }}"

    assert codes(await ask(sample, query)) == ["TOO_DEEP"]


async def test_depth_of_what_is_nested_beyond_parsing(sample: httpx.AsyncClient) -> None:
    assert codes(await ask(sample, "{a" * 900 + "}" * 900)) == ["TOO_DEEP"]


async def test_aliases(sample: httpx.AsyncClient) -> None:
    aliased = [f"a{n}: text" for n in range(31)]

    assert "data" in await ask(sample, f"{{ {' '.join(aliased[:30])} }}")
    assert codes(await ask(sample, f"{{ {' '.join(aliased)} }}")) == ["TOO_COSTLY"]


async def test_a_field_named_over_and_over_counts_like_an_alias(
    sample: httpx.AsyncClient,
) -> None:
    assert "data" in await ask(sample, "{ text text }")
    assert codes(await ask(sample, f"{{ {'text ' * 32} }}")) == ["TOO_COSTLY"]


async def test_tokens(sample: httpx.AsyncClient) -> None:
    assert codes(await ask(sample, "{ text(value: 1) }" * 300)) == ["TOO_COSTLY"]


async def test_length_of_a_document(programme: Programme) -> None:
    query = '{ text(value: "' + "x" * 60_000 + '") }'

    async with calling(sample_app(partner(programme))) as client:
        assert "data" in await ask(client, query)
        assert codes(await ask(client, query + "#" * 6000)) == ["TOO_COSTLY"]


async def test_prices_are_remembered_within_bounds(programme: Programme) -> None:
    app = sample_app(partner(programme))
    query = "query($n: Int!) { rows(first: $n) { edges { cursor } } }"

    async with calling(app) as client:
        for number in range(1, 100):
            answer = await ask(client, query, n=number)
            assert answer["extensions"]["cost"]["requested"] == 1 + number

    prices = app.routes[0].app.gate.prepare(query).prices  # type: ignore[attr-defined]
    assert len(prices) == PRICES_MAX


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ text points(value: 1) }", 0),
        ("{ rows(first: 3) { totalCount } }", 1),
        ("{ rows(first: 3) { edges { node { number } } } }", 1 + 3 * 2),
        ("{ rows { edges { node { number } } pageInfo { endCursor } } }", 1 + 20 * 3),
        ("{ rows(first: 0) { edges { node { number } } } }", 1 + 1 * 2),
        ("query($n: Int! = 5) { rows(first: $n) { edges { cursor } } }", 1 + 5),
        (
            "{ nodes(ids: [1, 2, 3, 4]) { rows(first: 2) { edges { cursor } } } }",
            1 + 4 + 4 * (1 + 2),
        ),
        ("{ ...F } fragment F on SampleQuery { rows(first: 2) { edges { cursor } } }", 1 + 2),
        ("{ ... { rows(first: 2) { edges { cursor } } } }", 1 + 2),
        ("mutation { spend(points: 1) { left errors { code } } }", 10 + 1),
        ("{ __typename __schema { types { name } } }", 0),
    ],
)
async def test_price(sample: httpx.AsyncClient, query: str, cost: int) -> None:
    answer = await ask(sample, query)

    assert "errors" not in answer
    assert answer["extensions"]["cost"] == {"requested": cost, "max": 1000}


async def test_too_high_a_price(sample: httpx.AsyncClient) -> None:
    inner = ROWS.format(10, "")

    assert "data" in await ask(sample, f"{{ {ROWS.format(30, inner)} }}")
    assert codes(await ask(sample, f"{{ {ROWS.format(50, inner)} }}")) == ["TOO_COSTLY"]


async def test_the_price_follows_the_variables_of_each_request(sample: httpx.AsyncClient) -> None:
    query = (
        "query($n: Int!) { rows(first: $n) { edges { node { rows(first: $n) { totalCount } } } } }"
    )

    cheap = await ask(sample, query, n=2)
    dear = await ask(sample, query, n=20)

    assert cheap["extensions"]["cost"]["requested"] == 1 + 2 * 3
    assert dear["extensions"]["cost"]["requested"] == 1 + 20 * 3


async def test_a_fragment_bomb_is_measured_at_once(sample: httpx.AsyncClient) -> None:
    spread = " ".join(
        f"fragment F{n} on SampleRow "
        f"{{ rows {{ edges {{ node {{ ...F{n + 1} }} }} }} ...F{n + 1} }}"
        for n in range(15)
    )
    query = f"{{ nodes(ids: [1]) {{ ...F0 }} }} {spread} fragment F15 on SampleRow {{ number }}"

    assert codes(await ask(sample, query)) == ["TOO_COSTLY"]


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ rows(first: 101) { totalCount } }", {}),
        ("query($n: Int!) { rows(first: $n) { totalCount } }", {"n": 101}),
        ("query($n: Int!) { rows(first: $n) { totalCount } }", {"n": 101.0}),
        ("query($n: Int = 101) { rows(first: $n) { totalCount } }", {}),
        ("query($i: [ID!]!) { nodes(ids: $i) { number } }", {"i": ["x"] * 101}),
    ],
)
async def test_page_size(
    sample: httpx.AsyncClient, query: str, variables: dict[str, object]
) -> None:
    assert codes(await ask(sample, query, **variables)) == ["PAGE_TOO_LARGE"]


@pytest.mark.parametrize("size", [-1, "x", 2**40, 1.5, True])
async def test_an_impossible_page_size(sample: httpx.AsyncClient, size: object) -> None:
    answer = await ask(sample, "query($n: Int!) { rows(first: $n) { totalCount } }", n=size)

    expected = "PAGE_TOO_LARGE" if size == 2**40 else "BAD_USER_INPUT"
    assert codes(answer) == [expected]


async def test_pages_follow_one_another_and_are_counted_only_if_asked(
    sample: httpx.AsyncClient,
) -> None:
    query = """query($after: String) { rows(first: 70, after: $after) {
        pageInfo { hasNextPage hasPreviousPage endCursor } edges { node { number } } } }"""
    samples.counted.clear()
    numbers: list[int] = []
    after = None
    for _ in range(3):
        page = (await ask(sample, query, after=after))["data"]["rows"]
        numbers += [edge["node"]["number"] for edge in page["edges"]]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        after = page["pageInfo"]["endCursor"]

    assert numbers == list(range(1, 151))
    assert page["pageInfo"]["hasNextPage"] is False
    assert samples.counted == []
    counted = await ask(sample, "{ rows(first: 0) { totalCount } }")
    assert counted["data"]["rows"]["totalCount"] == 150


@pytest.mark.parametrize(
    "cursor", ["", "x", "AAAA", "WzFd", "é", "WzEsInNhbXBsZXMiLCJ4Il0", "W" * 1025, "🏨"]
)
async def test_a_foreign_cursor(sample: httpx.AsyncClient, cursor: str) -> None:
    query = "query($after: String) { rows(after: $after) { totalCount } }"

    answer = await sample.post(
        "/graphql", json={"query": query, "variables": {"after": cursor or "="}}
    )

    assert codes(answer.json()) == ["BAD_CURSOR"]


async def test_introspection_is_free_outside_production_only(programme: Programme) -> None:
    query = get_introspection_query()
    sandbox = sample_app(member_caller(programme, "m"))
    production = sample_app(member_caller(programme, "m"), production=True)

    async with calling(sandbox) as client:
        assert "data" in await ask(client, query)
    async with calling(production, "any") as client:
        assert codes(await ask(client, query)) == ["TOO_DEEP"]
        small = await ask(client, "{ __schema { types { name } } }")
        assert small["extensions"]["cost"]["requested"] == 2


async def test_nested_introspection_is_refused(sample: httpx.AsyncClient) -> None:
    query = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"

    assert set(codes(await ask(sample, query))) == {"GRAPHQL_VALIDATION_FAILED"}


async def test_a_document_is_parsed_and_validated_once(programme: Programme) -> None:
    schema = sample_schema(Limits())
    first = schema.gate.prepare("{ text }")
    found = schema.gate.validate(schema._schema, first)

    assert schema.gate.prepare("{ text }") is first
    assert schema.gate.validate(schema._schema, first) is found


def test_documents_are_remembered_within_bounds() -> None:
    gate = sample_schema(Limits()).gate
    for number in range(DOCUMENTS_MAX + 1):
        gate.prepare("{ text } #0")
        gate.prepare(f"{{ text }} #{number}")

    assert len(gate.known) == DOCUMENTS_MAX
    assert "{ text } #0" in gate.known
    assert "{ text } #1" not in gate.known


def test_a_document_that_is_forgotten_is_gone_at_once() -> None:
    gate = sample_schema(Limits()).gate
    gc.collect()
    before = tokens()
    gate.prepare("{ text rows(first: 1) { totalCount } }")
    assert tokens() > before
    gate.known.clear()
    assert tokens() == before


def tokens() -> int:
    return sum(isinstance(one, Token) for one in gc.get_objects())


async def test_the_endpoint_uses_that_memory(programme: Programme) -> None:
    app = sample_app(member_caller(programme, "m"))
    gate = app.routes[0].app.gate  # type: ignore[attr-defined]
    query = "query($n: Int!) { rows(first: $n) { totalCount } }"
    async with calling(app) as client:
        for number in (1, 1, 2):
            await ask(client, query, n=number)

    assert list(gate.known) == [query]
    prepared = gate.prepare(query)
    runs = [(None, (("n", 1),), ()), (None, (("n", 2),), ())]
    assert prepared.prices == dict.fromkeys(runs, Price(cost=1, requests=0))


def stop_refilling(app: Starlette) -> None:
    """However long the test takes, no caller may ask for more after that."""
    [endpoint] = [
        one.endpoint for one in app.routes if isinstance(one, Route) and one.path == "/graphql"
    ]
    assert isinstance(endpoint, Endpoint)
    endpoint.turnstile.buckets.clock = lambda: 0.0


async def test_rate_of_one_caller(programme: Programme) -> None:
    limits = Limits(member_rate_per_second=0.5, member_rate_burst=3)
    app = sample_app(member_caller(programme, "m"), limits)
    stop_refilling(app)
    async with calling(app) as client:
        responses = [await client.get("/graphql?query={text}") for _ in range(4)]

    assert [response.status_code for response in responses] == [200, 200, 200, 429]
    assert [response.headers["ratelimit"] for response in responses[:2]] == [
        '"caller";r=2;t=2',
        '"caller";r=1;t=4',
    ]
    refused = responses[3]
    assert codes(refused.json()) == ["RATE_LIMITED"]
    assert refused.headers["retry-after"] == "2"
    assert refused.headers["ratelimit-policy"] == '"caller";q=3;w=6'
    assert re.fullmatch(r'"caller";r=0;t=\d+', refused.headers["ratelimit"])


@pytest.mark.parametrize(
    ("caller_of", "burst"), [(partner, 1000), (staff, 1000), (member_caller, 100)]
)
async def test_each_kind_of_caller_has_its_rate(
    programme: Programme, caller_of: object, burst: int
) -> None:
    caller = (
        member_caller(programme, "m") if caller_of is member_caller else caller_of(programme)  # type: ignore[operator]
    )
    async with calling(sample_app(caller)) as client:
        response = await client.get("/graphql?query={text}")

    assert f"q={burst};" in response.headers["ratelimit-policy"]


async def test_failed_attempts_run_out(programme: Programme, app: Starlette) -> None:
    stop_refilling(app)
    async with calling(app, "x.y.z") as client:
        responses = [await client.post("/graphql", json={"query": "{text}"}) for _ in range(101)]

    assert [response.status_code for response in responses] == [401] * 100 + [429]
    assert codes(responses[-1].json()) == ["RATE_LIMITED"]


def test_a_bucket_refills_and_is_never_more_than_full() -> None:
    instant = 0.0
    buckets = Buckets(clock=lambda: instant)
    rate = Rate(per_second=2, burst=4)

    assert [buckets.take("a", rate).remaining for _ in range(5)] == [3, 2, 1, 0, 0]
    assert buckets.take("a", rate).retry_seconds == 1
    assert buckets.take("b", rate).retry_seconds == 0
    instant = 0.5
    assert buckets.take("a", rate).retry_seconds == 0
    assert buckets.take("a", rate).retry_seconds == 1
    instant = 1000.0
    assert [buckets.take("a", rate).remaining for _ in range(5)] == [3, 2, 1, 0, 0]


def test_the_longest_silent_caller_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.edge.rates.BUCKETS_MAX", 2)
    buckets = Buckets(clock=lambda: 0.0)
    for caller in ("a", "b", "a", "c"):
        buckets.take(caller, Rate(1, 5))

    assert list(buckets.levels) == ["a", "c"]


async def test_two_visitors_by_one_public_key_do_not_share_a_bucket(programme: Programme) -> None:
    caller = Caller(CallerKind.PUBLIC, programme.id, programme.code, "key")
    app = sample_app(caller, Limits(member_rate_burst=1, member_rate_per_second=0.01))
    statuses = []
    for address in ("10.0.0.1", "10.0.0.2", "10.0.0.1"):
        transport = httpx.ASGITransport(app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
            statuses.append((await client.get("/graphql?query={text}")).status_code)

    assert statuses == [200, 200, 429]
