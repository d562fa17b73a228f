"""The size of a document and of what is sent with it, refused before anything is validated."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from _pytest.mark import ParameterSet
from graphql import (
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    OperationDefinitionNode,
    get_introspection_query,
    parse,
)

from api.edge import expansion, gate, measure, sent
from api.edge.expansion import Size
from api.edge.limits import Limits
from api.kit.request_errors import RequestError
from api.schema import build_schema
from domain.checkout.booking_lines import LINES_MAX
from domain.kernel.callers import Caller, CallerKind
from domain.programmes.programmes import Programme
from tests.support.factories import member_caller, partner
from tests.support.sample import ask, calling, codes, edge_app, sample_app, sample_schema

SECONDS = 5.0
"""Generous: what is refused or validated here takes some ten milliseconds, but a process that has
run thousands of tests may look for cycles among all their objects meanwhile.
"""


def size(text: str) -> Size:
    return expansion.size(measure.parts(parse(text)), gate.SPREADS_MAX)


def chain(fragments: int) -> str:
    links = " ".join(
        f"fragment F{n} on SampleQuery {{ text ...F{n + 1} }}" for n in range(fragments - 1)
    )
    return f"{{ ...F0 }} {links} fragment F{fragments - 1} on SampleQuery {{ text }}"


def inline(times: int, fields: str) -> str:
    return "{ " + f"... {{ {fields} }} " * times + "}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ a b { c } }", Size(fields=3)),
        ("{ a x: a }", Size(fields=2, aliases=1)),
        ("{ a a }", Size(fields=2, aliases=1, repeats=1)),
        ("{ ... { a } }", Size(fields=1, spreads=1)),
        ("{ ...F ...F } fragment F on T { x: a b }", Size(4, 2, 2, repeats=2)),
        ("{ p { ...F } q { ...F } } fragment F on T { x: a }", Size(4, 2, 2)),
        ("{ a } fragment F on T { b x: c }", Size(fields=3, aliases=1)),
        ("{ a } query Q { a }", Size(fields=2)),
        ("{ p { a b } ... { p { a b c } } }", Size(fields=7, spreads=1, repeats=3)),
        ("{ ...F } fragment F on T { a ...F }", Size(fields=1, spreads=2)),
        ("{ ...Missing }", Size(spreads=1)),
    ],
)
def test_a_fragment_counts_where_it_is_spread(text: str, expected: Size) -> None:
    assert size(text) == expected


def test_spreads_are_more_work_than_fields() -> None:
    assert Size(fields=10, aliases=3, spreads=5, repeats=2).work == 10 + 4 * 5 + 2


def test_the_size_of_fragments_that_multiply_is_found_in_one_walk() -> None:
    doubling = " ".join(f"fragment F{n} on T {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40))
    began = time.process_time()

    with pytest.raises(RequestError, match="at most 100"):
        size(f"{{ ...F0 }} {doubling} fragment F40 on T {{ a }}")

    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize(
    ("within", "beyond", "refusal"),
    [
        (chain(gate.FRAGMENTS_MAX), chain(gate.FRAGMENTS_MAX + 1), "51 fragments"),
        (inline(gate.SPREADS_MAX, ""), inline(gate.SPREADS_MAX + 1, ""), "101 fragments spread"),
        (
            inline(20, "text rows { edges { cursor } }"),
            inline(gate.REPEATS_MAX // 4 + 2, "text rows { edges { cursor } }"),
            "204 fields in a place",
        ),
        ("{ text " + "x: text " * 30 + "}", "{ text " + "x: text " * 31 + "}", "31 aliases"),
    ],
    ids=["fragments", "spreads", "repeats", "aliases"],
)
async def test_a_document_that_is_too_large(
    sample: httpx.AsyncClient, within: str, beyond: str, refusal: str
) -> None:
    # a selection of nothing is no GraphQL: an inline fragment says at least its type's name
    within, beyond = (text.replace("{  }", "{ __typename }") for text in (within, beyond))

    assert "data" in await ask(sample, within)
    answer = await ask(sample, beyond)

    assert codes(answer) == ["TOO_COSTLY"]
    assert refusal in answer["errors"][0]["message"]


async def test_too_many_fields(sample: httpx.AsyncClient) -> None:
    fields = " ".join(f"f{n}" for n in range(100))
    places = " ".join(f"p{n} {{ ...F }}" for n in range(20))
    query = f"{{ {places} }} fragment F on SampleRow {{ {fields} }}"

    assert size(query).fields == 2020 > gate.FIELDS_MAX
    assert codes(await ask(sample, query)) == ["TOO_COSTLY"]


async def test_too_many_levels_through_fragments(sample: httpx.AsyncClient) -> None:
    deep = "a { " * 30
    closing = " }" * 30
    parts = " ".join(f"fragment F{n} on T {{ {deep}...F{n + 1}{closing} }}" for n in range(4))
    query = f"{{ ...F0 }} {parts} fragment F4 on T {{ a }}"

    assert codes(await ask(sample, query)) == ["TOO_DEEP"]


async def test_a_fragment_in_itself_is_left_to_validation(sample: httpx.AsyncClient) -> None:
    query = "{ ...F } fragment F on SampleQuery { text ...G } fragment G on SampleQuery { ...F }"

    assert set(codes(await ask(sample, query))) == {"GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize(
    "query",
    [
        chain(gate.FRAGMENTS_MAX),
        inline(gate.SPREADS_MAX, "text"),
        inline(13, " ".join(f"f{n}" for n in range(15))),
        "{ " + " ".join(f"...F{n}" for n in range(50)) + " } "
        + " ".join(f"fragment F{n} on SampleQuery {{ text }}" for n in range(50)),
        "{ " + "rows { edges { node { number } } } " * 30 + "}",
        get_introspection_query(),
    ],
    ids=["chain", "inline", "wide", "spread", "fields", "introspection"],
)  # fmt: skip
def test_what_is_let_through_is_validated_quickly(query: str) -> None:
    schema = sample_schema(Limits())
    prepared = schema.gate.prepare(query)
    began = time.process_time()

    schema.gate.validate(schema._schema, prepared)

    assert time.process_time() - began < SECONDS


async def test_hundreds_of_chained_fragments_are_refused_before_they_are_validated(
    programme: Programme,
) -> None:
    app = sample_app(partner(programme))
    document_gate = app.routes[0].app.gate  # type: ignore[attr-defined]
    began = time.process_time()
    async with calling(app) as client:
        for number in range(20):
            assert codes(await ask(client, chain(116) + f" #{number}")) == ["TOO_COSTLY"]
        assert codes(await ask(client, chain(116) + " #0")) == ["TOO_COSTLY"]

    assert time.process_time() - began < 20 * SECONDS / 4
    assert len(document_gate.known) == 20


async def test_documents_that_fail_are_remembered(programme: Programme) -> None:
    app = sample_app(member_caller(programme, "m"))
    document_gate = app.routes[0].app.gate  # type: ignore[attr-defined]
    refused = {"{ text": "GRAPHQL_PARSE_FAILED", "{ nothing }": "GRAPHQL_VALIDATION_FAILED"}
    async with calling(app) as client:
        for query, code in refused.items():
            first = await ask(client, query)
            kept = document_gate.known[query]
            assert codes(first) == [code]
            assert await ask(client, query) == first
            assert document_gate.known[query] is kept

    schema = app.routes[0].app.schema._schema  # type: ignore[attr-defined]
    prepared = document_gate.prepare("{ nothing }")
    assert document_gate.validate(schema, prepared) is prepared.errors


async def test_what_a_caller_may_not_do_is_not_validated_for_it(programme: Programme) -> None:
    app = edge_app(member_caller(programme, "m"))
    query = "{ overdueLines { nothing } }"
    async with calling(app) as client:
        assert codes(await ask(client, query)) == ["FORBIDDEN"]

    assert app.routes[0].app.gate.prepare(query).errors is None  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("query", "variables", "cost"),
    [
        ("{ nodes(ids: [1, 2]) { number } }", {}, 1 + 2),
        ("query($i: [ID!]!) { nodes(ids: $i) { number } }", {"i": ["x"] * 7}, 1 + 7),
        ("query($i: [ID!]!) { nodes(ids: $i) { number } }", {"i": "x"}, 1),
        ("query($i: [ID!]! = [1, 2, 3]) { nodes(ids: $i) { number } }", {}, 1 + 3),
        ("query($i: ID!) { nodes(ids: [$i, $i]) { number } }", {"i": "x"}, 1 + 2),
        (
            "query($i: [ID!]!) { nodes(ids: $i) { number } two: nodes(ids: $i) { number } }",
            {"i": ["x"] * 7},
            2 * (1 + 7),
        ),
        ("query($v: JSON!) { json(value: $v) }", {"v": [1] * 300}, 0),
    ],
)
async def test_items_of_lists_cost(
    sample: httpx.AsyncClient, query: str, variables: dict[str, object], cost: int
) -> None:
    answer = await ask(sample, query, **variables)

    assert "errors" not in answer
    assert answer["extensions"]["cost"]["requested"] == cost


def lists() -> Iterator[ParameterSet]:
    """The type of every argument that is a list or holds one, and a value with one item too many
    in it; how many these are.
    """
    schema = build_schema(Limits(), production=False)._schema
    for kind in schema.type_map.values():
        for field in getattr(kind, "fields", {}).values():
            for name, argument in getattr(field, "args", {}).items():
                if not kind.name.startswith("__") and (found := too_long(argument.type)):
                    yield pytest.param(str(argument.type), *found, id=f"{kind.name}.{name}")


def too_long(kind: object) -> tuple[object, int] | None:
    """A value whose first list has one item too many, and how many; none where the type holds no
    list.
    """
    if isinstance(kind, GraphQLNonNull):
        return too_long(kind.of_type)
    if isinstance(kind, GraphQLList):
        most = sent.BATCH_ITEMS_MAX if sent.is_batch(kind) else sent.LIST_ITEMS_MAX
        return ["x"] * (most + 1), most + 1
    if isinstance(kind, GraphQLInputObjectType):
        found = {name: too_long(member.type) for name, member in kind.fields.items()}
        values = {name: one[0] for name, one in found.items() if one}
        count = max((one[1] for one in found.values() if one), default=0)
        return (values, count) if values else None
    return None


@pytest.mark.parametrize(("kind", "value", "count"), [*lists()])
def test_every_list_that_is_sent_has_a_bound(kind: str, value: object, count: int) -> None:
    schema = build_schema(Limits(), production=False)._schema
    document = parse(f"query($v: {kind}) {{ viewer {{ kind }} }}")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)

    with pytest.raises(RequestError, match=f"{count} items in one list"):
        sent.in_variables(schema, operation, {"v": value})


HOTEL = {"product": "hotel", "amount": "1"}
BOOKINGS = [{"lines": [HOTEL] * count} for count in (1, 17, 2)]
ANSWER = "{ results { errors { code } } }"


@pytest.mark.parametrize(
    ("text", "value", "price"),
    [
        ("($v: [EarnForBookingInput!]!) { earnForBookings(input: {bookings: $v}) A }", BOOKINGS, 6),
        ("($v: EarnForBookingsInput!) { earnForBookings(input: $v) A }", {"bookings": BOOKINGS}, 6),
        (
            "($v: EarnForBookingInput!) { earnForBookings(input: {bookings: [$v, {}, {}]}) A }",
            BOOKINGS[1],
            6,
        ),
        (
            """($v: [EarnForBookingInput!]!) { a: earnForBookings(input: {bookings: $v}) A
                b: earnForBookings(input: {bookings: $v}) A }""",
            BOOKINGS,
            13,
        ),
        ("($v: EarnForBookingInput!) { earnForBookings(input: {bookings: $v}) A }", BOOKINGS[1], 2),
        ("($v: [EarnForBookingInput!]!) { earnForBookings(input: {bookings: $v}) A }", [], 1),
    ],
)
def test_a_list_of_requests_is_charged_for_each(text: str, value: Any, price: int) -> None:
    """However it is sent, it costs as the dearest of them, here 17 lines, and counts as all."""
    schema = build_schema(Limits(), production=False)
    text = f"mutation {text.replace(' A', f' {ANSWER}')}"
    prepared = schema.gate.prepare(text)
    operation = prepared.found.operations[None]

    items = sent.in_variables(schema._schema, operation, {"v": value})
    found = schema.gate.price(schema._schema, prepared, (None, (), items))

    of_one = 10 + (17 if value else 0) + 2
    assert found == (of_one * text.count("ForBookings("), price)


def test_a_list_a_little_too_long_is_answered_by_its_own_rule() -> None:
    assert sent.LIST_ITEMS_MAX > LINES_MAX


async def test_a_list_in_a_document_has_the_same_bound(sample: httpx.AsyncClient) -> None:
    ids = ", ".join(["1"] * (sent.LIST_ITEMS_MAX + 1))

    answer = await ask(sample, f"{{ nodes(ids: [{ids}]) {{ number }} }}")

    assert codes(answer) == ["TOO_COSTLY"]
    assert "201 items in one list" in answer["errors"][0]["message"]


async def test_thirty_quotes_of_thousands_of_lines_never_run(programme: Programme) -> None:
    caller = Caller(CallerKind.PUBLIC, programme.id, programme.code, "key")
    quotes = " ".join(f"a{n}: quoteEarning(input: $input) {{ points }}" for n in range(30))
    query = f"query($input: QuoteEarningInput!) {{ {quotes} }}"
    line = {"product": "flight", "amount": "100"}
    async with calling(edge_app(caller)) as client:
        began = time.process_time()
        for count in (23_000, LINES_MAX):
            answer = await ask(client, query, input={"lines": [line] * count})
            assert codes(answer) == ["TOO_COSTLY"]

        assert time.process_time() - began < SECONDS
        within = await ask(client, query, input={"lines": [line] * 30})
        assert within["extensions"]["cost"]["requested"] == 30 * (1 + 30)


async def test_a_list_of_thousands_of_kinds_is_not_coerced(programme: Programme) -> None:
    query = """query($kinds: [EntryKind!]) {
        me { ledger(kinds: $kinds) { totalCount } } }"""
    async with calling(edge_app(member_caller(programme, "m"))) as client:
        began = time.process_time()
        answer = await ask(client, query, kinds=["EARN"] * 19_000)

        assert time.process_time() - began < SECONDS
    assert codes(answer) == ["TOO_COSTLY"]


async def test_too_many_values_in_variables(sample: httpx.AsyncClient) -> None:
    query = "query($v: JSON!) { json(value: $v) }"

    answers = [await ask(sample, query, v=[0] * count) for count in (1500, 60_000)]

    assert answers[0]["data"]["json"] == [0] * 1500
    assert codes(answers[1]) == ["TOO_COSTLY"]
    assert "too many values" in answers[1]["errors"][0]["message"]


class Untouched(list[str]):
    """A list that nobody goes through."""

    def __iter__(self) -> Any:
        raise AssertionError("this list was gone through")


def test_values_are_counted_before_they_are_gone_through() -> None:
    """A refusal must not take longer than reading the body did."""
    with pytest.raises(RequestError, match="too many values"):
        sent.check_values({"kinds": Untouched(["EARN"] * sent.VALUES_MAX)})
