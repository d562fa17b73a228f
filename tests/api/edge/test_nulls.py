"""Null in a variable that has a default, where null is not taken."""

import pytest

from tests.support.callers import fresh_key, open_stage

pytestmark = pytest.mark.usefixtures("database")

KINDS = {"x": "Boolean = true", "no": "Boolean = false", "grain": "Grain = MONTH"}
PERIOD = '{from: "2026-01-01", through: "2026-01-31"}'
KPIS = f"kpis(period: {PERIOD}, grain: §$grain)"


def whole(selections: str) -> str:
    """A query with the variables that stand in it."""
    used = [f"${name}: {kind}" for name, kind in KINDS.items() if f"${name}" in selections]
    return f"query({', '.join(used)}) {selections}"


REFUSED = [
    ("{ programme @include(if: §$x) { name } }", "Boolean!"),
    ("{ programme { name @include(if: §$x) } }", "Boolean!"),
    ("{ programme { tiers { code ... @skip(if: §$x) { name } } } }", "Boolean!"),
    ("{ programme { ...P @skip(if: §$x) } } fragment P on Programme { name }", "Boolean!"),
    (
        "{ programme { ...P } } fragment P on Programme { ... { tiers { name @skip(if: §$x) } } }",
        "Boolean!",
    ),
    ("{ programme { name @skip(if: $no) @include(if: §$x) } }", "Boolean!"),
    ("{ " + KPIS + " { __typename } }", "Grain!"),
]
"""Operations with a mark before the variable, and the type that is needed there."""

LEFT_OUT = [
    "{ viewer { kind } " + KPIS + " @include(if: $no) { __typename } }",
    "{ viewer { kind ... @skip(if: true) { kind @include(if: $x) } } }",
    "{ viewer { kind ...V @include(if: $no) } } fragment V on Viewer { kind @skip(if: $x) }",
    "{ viewer { kind name: kind @skip(if: true) @include(if: $x) } }",
]


async def test_null_is_refused_before_anything_runs() -> None:
    client = (await open_stage()).staff()
    for marked, kind in REFUSED:
        before, after = whole(marked).split("§")
        answer = await client.ask(before + after, x=None, grain=None)
        [name] = [one for one in ("x", "grain") if after.startswith(f"${one}")]
        said = f"Expected value of non-null type '{kind}' not to be None."
        assert answer == {
            "errors": [
                {
                    "message": f"Variable '${name}' has invalid value: {said}",
                    "locations": [{"line": 1, "column": len(before) + 1}],
                    "extensions": {"code": "BAD_USER_INPUT", "variablePath": [name]},
                }
            ]
        }, marked


async def test_null_by_default_is_refused_as_null_that_is_sent() -> None:
    client = (await open_stage()).staff()
    asked = whole("{ " + KPIS.replace("§", "") + " { __typename } }")
    answer = await client.ask(asked.replace("= MONTH", "= null"))
    [error] = answer["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "variablePath": ["grain"]}
    assert "data" not in answer


async def test_null_in_what_is_left_out_is_no_fault() -> None:
    client = (await open_stage()).staff()
    for query in LEFT_OUT:
        data = await client.read(whole(query.replace("§", "")), x=None, grain=None)
        assert data == {"viewer": {"kind": "STAFF"}}, query


async def test_a_mutation_with_such_a_null_is_not_done() -> None:
    client = (await open_stage()).staff()
    enrol = """mutation($x: Boolean = true, $key: String!) {
        enrolMember(input: {idempotencyKey: $key, reference: "wang"}) {
            member { name @include(if: $x) } } }"""
    [error] = (await client.ask(enrol, x=None, key=fresh_key()))["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "variablePath": ["x"]}
    assert await client.read('{ member(by: {reference: "wang"}) { id } }') == {"member": None}

    answer = """mutation($x: Boolean = true) {
        answerFeedback(input: {idempotencyKey: "a", feedback: "b", close: $x}) { replayed } }"""
    [error] = (await client.ask(answer, x=None))["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "variablePath": ["x"]}
