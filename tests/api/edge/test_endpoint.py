"""GraphQL over HTTP: methods, media types, statuses, and a JSON body for every refusal."""

import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import structlog
from starlette.applications import Starlette

from api.edge.limits import Limits
from domain.programmes.programmes import Programme
from tests.support.factories import member_caller
from tests.support.sample import ask, calling, codes, sample_app

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (JSON, JSON),
        (GRAPHQL_JSON, GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}, {JSON};q=0.9", GRAPHQL_JSON),
        ("*/*", JSON),
        ("application/*", JSON),
    ],
)
async def test_answers_in_the_media_type_asked_for(
    sample: httpx.AsyncClient, accept: str, answered: str
) -> None:
    response = await sample.post(
        "/graphql", json={"query": '{ text(value: "旅") }'}, headers={"Accept": accept}
    )

    assert response.status_code == 200
    assert response.headers["content-type"] == f"{answered}; charset=utf-8"
    assert response.json()["data"] == {"text": "旅"}
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($v: Points!) { points(value: $v) }", "BAD_USER_INPUT"),
    ],
)
@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), (GRAPHQL_JSON, 400)])
async def test_a_request_that_never_ran_has_no_data(
    sample: httpx.AsyncClient, query: str, code: str, accept: str, status: int
) -> None:
    response = await sample.post("/graphql", json={"query": query}, headers={"Accept": accept})

    assert response.status_code == status
    assert codes(response.json()) == [code]
    assert "data" not in response.json()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
async def test_other_methods_are_refused(sample: httpx.AsyncClient, method: str) -> None:
    response = await sample.request(method, "/graphql")

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


async def test_get_asks_and_never_changes(sample: httpx.AsyncClient) -> None:
    asked = await sample.get("/graphql", params={"query": "{ text }"})
    changed = await sample.get(
        "/graphql", params={"query": "mutation { spend(points: 1) { left } }"}
    )

    assert asked.json()["data"] == {"text": None}
    assert changed.status_code == 405
    assert changed.headers["allow"] == "POST"
    assert codes(changed.json()) == ["METHOD_NOT_ALLOWED"]


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Content-Type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"Content-Type": f"{JSON}; charset=gbk"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"Content-Type": JSON, "Accept": "image/png"}, 406, "NOT_ACCEPTABLE"),
        ({}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
async def test_foreign_media_types_are_refused(
    sample: httpx.AsyncClient, headers: dict[str, str], status: int, code: str
) -> None:
    response = await sample.post("/graphql", content=b'{"query":"{ text }"}', headers=headers)

    assert response.status_code == status
    assert codes(response.json()) == [code]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "null",
        "7",
        '"{ text }"',
        "{}",
        '{"query": null}',
        '{"query": ""}',
        '{"query": 7}',
        '{"query": "{ text }", "variables": 7}',
        '{"query": "{ text }", "variables": "{}"}',
        '{"query": "{ text }", "extensions": []}',
        '{"query": "{ text }", "operationName": 7}',
        '{"query": "query A { text }", "operationName": "B"}',
        '{"query": "query A { text } query B { text }"}',
        '{"query": "fragment F on SampleQuery { text }"}',
        '[{"query": "{ text }"}]',
    ],
)
async def test_what_is_no_single_operation_is_a_bad_request(
    sample: httpx.AsyncClient, body: str
) -> None:
    response = await sample.post("/graphql", content=body, headers={"Content-Type": JSON})

    assert response.status_code == 400
    assert codes(response.json()) == ["BAD_REQUEST"]


async def test_the_named_one_of_two_operations_runs(sample: httpx.AsyncClient) -> None:
    query = 'query A { text(value: "a") } query B { text(value: "b") }'

    response = await sample.post("/graphql", json={"query": query, "operationName": "B"})

    assert response.json()["data"] == {"text": "b"}


async def test_a_body_over_the_limit_is_not_read(programme: Programme) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 100
            yield b" " * 100

    app = sample_app(member_caller(programme, "m"), Limits(body_bytes_max=1000))
    async with calling(app) as client:
        announced = await client.post("/graphql", json={"query": "{ text }" + " " * 1000})
        streamed = await client.post("/graphql", content=endless(), headers={"Content-Type": JSON})

    for response in (announced, streamed):
        assert response.status_code == 413
        assert codes(response.json()) == ["BODY_TOO_LARGE"]
    assert read <= 1200


async def test_too_slow_an_operation_is_stopped(programme: Programme) -> None:
    app = sample_app(member_caller(programme, "m"), Limits(request_seconds_max=0.1))
    async with calling(app) as client:
        response = await client.post("/graphql", json={"query": "{ sleep }"})

    assert response.status_code == 504
    assert codes(response.json()) == ["TIMEOUT"]


async def test_a_bug_is_masked_and_logged_without_anybodys_data(
    sample: httpx.AsyncClient,
) -> None:
    with structlog.testing.capture_logs() as logs:
        response = await sample.post(
            "/graphql", json={"query": "{ bug text }"}, headers={"X-Request-Id": "req-12345678"}
        )

    answer = response.json()
    assert response.status_code == 200
    assert response.headers["x-request-id"] == "req-12345678"
    assert answer["data"] == {"bug": None, "text": None}
    assert codes(answer) == ["INTERNAL"]
    assert answer["errors"][0]["path"] == ["bug"]
    assert answer["errors"][0]["extensions"]["requestId"] == "req-12345678"
    assert "alice" not in response.text
    assert [entry["event"] for entry in logs] == ["bug", "request"]
    assert isinstance(logs[0]["exc_info"], LookupError)


async def test_a_value_that_its_scalar_refuses_is_a_bug(sample: httpx.AsyncClient) -> None:
    answer = await ask(sample, "{ wrongPoints }")

    assert codes(answer) == ["INTERNAL"]


@pytest.mark.parametrize("given", ["short", "no spaces here", "x" * 65, "bad\tone12345"])
async def test_an_odd_request_id_is_replaced(sample: httpx.AsyncClient, given: str) -> None:
    response = await sample.get("/graphql?query={text}", headers={"X-Request-Id": given})

    assert response.headers["x-request-id"] != given
    assert len(response.headers["x-request-id"]) == 32


async def test_the_log_of_a_request_has_its_fields_and_not_its_variables(
    app: Starlette, sign: Any
) -> None:
    query = "query($x: Boolean = true) { viewer @include(if: $x) { kind } }"
    with structlog.testing.capture_logs() as logs:
        async with calling(app, sign(sub="alice@example.org")) as client:
            await client.post("/graphql", json={"query": query, "variables": {"x": True}})

    line = next(entry for entry in logs if entry["event"] == "request")
    assert line["fields"] == ["Query.viewer"]
    assert line["caller"] == "member"
    assert line["status"] == 200
    assert "alice" not in json.dumps(logs, default=str)


async def test_a_persisted_document_runs_by_its_hash(sample: httpx.AsyncClient) -> None:
    query = '{ text(value: "kept") }'
    digest = hashlib.sha256(query.encode()).hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest}}

    unknown = await sample.post("/graphql", json={"extensions": extensions})
    wrong = await sample.post("/graphql", json={"query": "{ text }", "extensions": extensions})
    taught = await sample.post("/graphql", json={"query": query, "extensions": extensions})
    recalled = await sample.get("/graphql", params={"extensions": json.dumps(extensions)})

    assert codes(unknown.json()) == ["PERSISTED_QUERY_NOT_FOUND"]
    assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert codes(wrong.json()) == ["BAD_REQUEST"]
    assert taught.json()["data"] == recalled.json()["data"] == {"text": "kept"}


async def test_a_problem_is_data_in_the_readers_language(sample: httpx.AsyncClient) -> None:
    query = """mutation { spend(points: 120) { left replayed errors {
        __typename code message path ... on InsufficientPoints { available required } } } }"""

    answer = await sample.post(
        "/graphql", json={"query": query}, headers={"Accept-Language": "fr, zh-TW;q=0.9, en;q=0.5"}
    )

    assert answer.json()["data"]["spend"] == {
        "left": None,
        "replayed": False,
        "errors": [
            {
                "__typename": "InsufficientPoints",
                "code": "INSUFFICIENT_POINTS",
                "message": "需要 120 积分，可用 100 积分。",
                "path": ["points"],
                "available": 100,
                "required": 120,
            }
        ],
    }


async def test_a_browser_gets_the_page(sample: httpx.AsyncClient) -> None:
    page = await sample.get("/graphql", headers={"Accept": "text/html,*/*;q=0.8"})

    assert page.text == "the page"


async def test_health(stranger: httpx.AsyncClient) -> None:
    alive, ready = await stranger.get("/healthz"), await stranger.get("/readyz")

    assert (alive.status_code, ready.status_code) == (200, 200)
