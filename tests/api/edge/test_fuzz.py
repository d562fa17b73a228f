"""Whatever a client sends, from inputs that nearly work to nonsense: it is never a bug.

Inputs are made from the schema, so that a new operation is tried without a line here.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.edge.limits import Limits
from api.kit.request_errors import RequestErrorCode
from api.schema import build_schema
from tests.support.callers import Client, fresh_key, input_type, mutation_text
from tests.support.mutations import INPUTS
from tests.support.queries import QUERIES
from tests.support.things import Things, furnished

pytestmark = pytest.mark.usefixtures("database")

BOUNDED = settings(
    max_examples=settings().max_examples * 2 // 5,
    database=None,
    suppress_health_check=list(HealthCheck),
)
"""Fewer examples than of a pure rule: each is a request, of one of 130 operations."""

SCHEMA: GraphQLSchema = build_schema(Limits(), production=False)._schema

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
NASTY = st.sampled_from(
    [
        "",
        " ",
        "\n",
        "\x01\x1b\x7f",
        "x" * 129,
        "x" * 255,
        "键" * 1001,
        "🏨👨‍👩‍👧‍👦" * 20,
        "\u202e\u200d\ufeff\uffff",
        "'; DROP TABLE member; --",
        '" OR 1=1',
        "%s %(x)s $1 {0} {value} {} \\",
        "null",
        "NaN",
        "Infinity",
        "-0",
        "1e5",
        "../../etc/passwd",
        "<script>",
        "a: &a [*a]",
        "a@b@c.example",
        "+999999999999999999999",
    ]
)
INSTANTS = st.one_of(
    st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
    st.sampled_from(
        [
            "2126-03-15T10:29:00+08:00",
            "2126-03-01T00:00:00Z",
            "2125-03-14T00:00:00Z",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999Z",
            "9999-12-31T23:59:59-14:00",
            "0001-01-01T00:00:00+14:00",
        ]
    ),
)
DAYS = st.one_of(
    st.dates().map(str), st.sampled_from(["0001-01-01", "9999-12-31", "2126-03-15", "2024-02-29"])
)
AMOUNTS = st.one_of(
    st.decimals("0", "100000", places=2).map(str),
    st.sampled_from(
        ["0", "-0", "-1", "0.001", "9" * 18, "1.123456789", "99999999999.99", "100000000000"]
    ),
)
WHOLE = st.one_of(
    st.integers(-(2**53), 2**53),
    st.sampled_from([0, 1, -1, 100, 101, 4000, 2**31 - 1, 2**31, -(2**31), 2**53, 2**53 + 1]),
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXT, NASTY)
JSON = st.recursive(
    LEAVES.filter(lambda leaf: leaf not in (float("inf"), float("-inf"))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT | NASTY, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={
            "score": st.one_of(WHOLE, st.floats(allow_nan=False, allow_infinity=False), NASTY),
            "amount": st.one_of(WHOLE, AMOUNTS, st.floats(0, 1e30)),
            "hot_route": st.booleans(),
            "city": TEXT,
        },
    ),
    JSON,
)

SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "ID": TEXT | NASTY,
    "String": TEXT | NASTY,
    "Boolean": st.booleans(),
    "Int": WHOLE,
    "Points": WHOLE,
    "Decimal": AMOUNTS,
    "DateTime": INSTANTS,
    "Date": DAYS,
    "Locale": st.sampled_from(["zh-CN", "en", "fr", "zz-ZZ", ""]),
    "CurrencyCode": st.sampled_from(["CNY", "USD", "JPY", "cny"]),
    "JSON": OBJECTS,
}
WRONG: st.SearchStrategy[Any] = st.sampled_from(
    [None, 7, 1.5, True, "x", [], {}, [[]], {"a": 1}, 2**70]
)


def likely(name: str, things: Things) -> list[Any]:
    """What works for a field of this name."""
    known: dict[str, list[Any]] = {
        "id": things.ids(),
        "ids": things.ids(),
        "redemption": [things.redemption_id],
        "reference": [things.reference, things.booking],
        "email": [things.email],
        "phone": [things.phone],
        "referralCode": [things.referral_code],
        "reward": [things.reward],
        "code": [things.reward],
        "after": [things.ledger_cursor],
        "product": ["flight", "hotel"],
        "paymentMethod": ["card", "partner_card"],
        "type": ["share", "quiz", "partner_spend", "verification", "browse"],
        "tier": ["gold"],
        "keyId": [things.key_id],
        "first": [1, 5],
        "quantity": [1],
        "points": [100],
        "document": [INPUTS["publishPolicy"](things)["document"]],
        "idempotencyKey": ["same-key"],
    }
    return known.get(name, [])


_made: dict[tuple[str, str], st.SearchStrategy[Any]] = {}
"""Strategies cost more than examples: each is made once."""


def value(name: str, kind: GraphQLInputType, things: Things) -> st.SearchStrategy[Any]:
    """Mostly what nearly works; now and then what does not even have the type."""
    if (name, str(kind)) not in _made:
        if isinstance(kind, GraphQLNonNull):
            usual = [_value(name, kind.of_type, things)]
        else:
            usual = [_value(name, kind, things), st.none()]
        _made[name, str(kind)] = st.integers(0, 15).flatmap(
            lambda dice: WRONG if dice == 15 else usual[dice % len(usual) if dice > 11 else 0]
        )
    return _made[name, str(kind)]


def _value(name: str, kind: Any, things: Things) -> st.SearchStrategy[Any]:
    if isinstance(kind, GraphQLList):
        return st.lists(value(name, kind.of_type, things), max_size=3)
    if isinstance(kind, GraphQLEnumType):
        return st.sampled_from([*kind.values, "NO_SUCH_VALUE"])
    if isinstance(kind, GraphQLInputObjectType):
        return whole(kind, things)
    usual = likely(name, things)
    odd = SCALARS[kind.name]
    return st.one_of(st.sampled_from(usual), st.sampled_from(usual), odd) if usual else odd


def whole(kind: GraphQLInputObjectType, things: Things) -> st.SearchStrategy[dict[str, Any]]:
    fields = {name: value(name, field.type, things) for name, field in kind.fields.items()}
    if kind.is_one_of:
        one = [st.fixed_dictionaries({name: found}) for name, found in fields.items()]
        return st.one_of(*one, st.fixed_dictionaries({}, optional=fields))
    required = {
        name: fields[name]
        for name, field in kind.fields.items()
        if isinstance(field.type, GraphQLNonNull) or name == "member"
    }
    optional = {name: found for name, found in fields.items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional)


def selection(kind: GraphQLOutputType, depth: int) -> str:
    """Every leaf, and every object without arguments that must be given, `depth` levels down."""
    named = get_named_type(kind)
    if not isinstance(named, GraphQLObjectType):
        return "" if is_leaf_type(named) else "{ __typename }"
    parts = []
    for name, field in named.fields.items():
        inner = get_named_type(field.type)
        if is_leaf_type(inner):
            parts.append(name)
        elif depth > 1 and not inner.name.endswith("Connection"):
            parts.append(f"{name} {selection(field.type, depth - 1)}")
    return "{ " + (" ".join(parts) or "__typename") + " }"


_shared: list[tuple[Things, list[Client]]] = []


async def things_and_callers() -> tuple[Things, list[Client]]:
    """One programme and its callers for all examples: what was done before is part of what they
    meet.
    """
    if not _shared:
        things = await furnished()
        stage = things.stage
        callers = [stage.member(), stage.staff(), await stage.partner(), stage.member("stranger")]
        _shared.append((things, callers))
    return _shared[0]


def check(answer: Any, sent: Any) -> None:
    """No bug, and a code that clients know on everything that is refused."""
    for error in answer.get("errors", []):
        code = error["extensions"]["code"]
        assert code != "INTERNAL", (error, sent)
        assert code in set(RequestErrorCode), error
        assert error["message"]
    for payload in (answer.get("data") or {}).values():
        for problem in (payload or {}).get("errors", []) if isinstance(payload, dict) else []:
            assert problem.get("message", "not asked for"), (problem, sent)


@pytest.mark.parametrize("mutation", sorted(INPUTS))
@BOUNDED
@given(data=st.data())
async def test_no_input_of_a_mutation_is_a_bug(mutation: str, data: st.DataObject) -> None:
    things, callers = await things_and_callers()
    kind = SCHEMA.type_map[input_type(mutation)]
    assert isinstance(kind, GraphQLInputObjectType)
    client = data.draw(st.sampled_from(callers)).reading(data.draw(st.sampled_from(["en", "zh"])))
    sent = data.draw(value("input", GraphQLNonNull(kind), things))
    if isinstance(sent, dict) and data.draw(st.integers(0, 4)):
        sent["idempotencyKey"] = fresh_key()

    answer = await client.ask(mutation_text(mutation, "__typename"), input=sent)

    check(answer, sent)


@pytest.mark.parametrize("query", sorted(QUERIES))
@BOUNDED
@given(data=st.data())
async def test_no_argument_of_a_query_is_a_bug(query: str, data: st.DataObject) -> None:
    things, callers = await things_and_callers()
    root = SCHEMA.query_type
    assert root is not None
    field = root.fields[query]
    client = data.draw(st.sampled_from(callers[:3]))
    given = {name: value(name, argument.type, things) for name, argument in field.args.items()}
    required = {
        name: found
        for name, found in given.items()
        if isinstance(field.args[name].type, GraphQLNonNull)
    }
    optional = {name: found for name, found in given.items() if name not in required}
    variables = data.draw(st.fixed_dictionaries(required, optional=optional))
    declared = ", ".join(f"${name}: {argument.type}" for name, argument in field.args.items())
    passed = ", ".join(f"{name}: ${name}" for name in field.args)
    head = f"query({declared})" if declared else "query"
    call = f"{query}({passed})" if passed else query

    answer = await client.ask(f"{head} {{ {call} {selection(field.type, 4)} }}", **variables)

    check(answer, variables)


@BOUNDED
@given(data=st.data())
async def test_no_argument_of_a_members_lists_is_a_bug(data: st.DataObject) -> None:
    things, [client, *_] = await things_and_callers()
    member = SCHEMA.type_map["Member"]
    assert isinstance(member, GraphQLObjectType)
    name = data.draw(st.sampled_from(["balance", "ledger", "bookings", "redemptions"]))
    field = member.fields[name]
    variables = {
        argument: data.draw(value(argument, definition.type, things))
        for argument, definition in field.args.items()
    }
    declared = ", ".join(f"${arg}: {field.args[arg].type}" for arg in variables)
    passed = ", ".join(f"{arg}: ${arg}" for arg in variables)
    inner = "{ available }" if name == "balance" else "{ totalCount edges { cursor } }"

    answer = await client.ask(
        f"query({declared}) {{ me {{ {name}({passed}) {inner} }} }}", **variables
    )

    check(answer, variables)
