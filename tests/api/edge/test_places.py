"""Where a fault is: of a literal its line and column, of a variable the path to it as well."""

from typing import Any

import pytest

from tests.support.callers import Client, open_stage

pytestmark = pytest.mark.usefixtures("database")

LINES = "query($i: QuoteEarningInput!) {\n quoteEarning(input: $i) { points } }"
BY = 'query(\n $by: MemberBy!) { reward(code: "x", for: $by) { code } }'
PAGE = "query($n: Int!) { members(\n first: $n) { totalCount } }"
LINE = {"product": "hotel", "amount": "1"}

LINES_OF = "{ quoteEarning(input: {lines: [%s]%s}) { points } }"
HOTEL = '{product: "hotel", amount: %s, %s}'

LITERALS = [
    LINES_OF % (HOTEL % ('§"ten"', ""), ""),
    LINES_OF % (HOTEL % ('"1"', 'travelFrom: §"June"'), ""),
    LINES_OF % (HOTEL % ('"1"', 'attributes: §{a: "' + "x" * 5000 + '"}'), ""),
    LINES_OF % ("", "offsetPoints: §1.5"),
    LINES_OF % ("", 'bookedAt: §"now"'),
    LINES_OF.replace("[", "§[") % ('{product: "a", amount: "1"},' * 201, ""),
    '{ programme { name(locale: §"klingon") } }',
    'query($at: DateTime = §"now") { member(by: {id: "x"}) { balance(asOf: $at) { held } } }',
    '{ reward(code: "x", for: §{}) { code } }',
    '{ reward(code: §"\\u0000") { code } }',
    "{ members(first: §101) { totalCount } }",
    "{ members(first: §-1) { totalCount } }",
    "{ nodes(ids: §[" + '"x",' * 101 + "]) { id } }",
]
"""Documents with a mark before the literal at fault."""

VARIABLES: list[tuple[str, dict[str, Any], list[str], tuple[int, int]]] = [
    (LINES, {}, ["i"], (1, 7)),
    (
        LINES,
        {"i": {"lines": [LINE, {**LINE, "amount": "ten"}]}},
        ["i", "lines", "1", "amount"],
        (1, 7),
    ),
    (LINES, {"i": {"lines": [LINE, {**LINE, "colour": 1}]}}, ["i", "lines", "1"], (1, 7)),
    (
        LINES,
        {"i": {"lines": [{**LINE, "attributes": [1] * 5000}]}},
        ["i", "lines", "0", "attributes"],
        (1, 7),
    ),
    (LINES, {"i": {"lines": [LINE] * 201}}, ["i", "lines"], (1, 7)),
    (LINES, {"i": {"lines": [], "member": {}}}, ["i", "member"], (1, 7)),
    (BY, {"by": {}}, ["by"], (2, 2)),
    (BY, {"by": {"id": None}}, ["by"], (2, 2)),
    (BY, {"by": {"id": "x", "reference": "y"}}, ["by"], (2, 2)),
    (PAGE, {"n": 101}, ["n"], (2, 9)),
    (PAGE, {"n": -1}, ["n"], (2, 9)),
    (PAGE, {"n": "x"}, ["n"], (1, 7)),
]


@pytest.fixture
async def client() -> Client:
    return (await open_stage()).staff()


async def test_a_fault_in_a_literal_has_its_line_and_column(client: Client) -> None:
    for marked in LITERALS:
        before, after = marked.replace(" ", "\n ", 2).split("§")
        [error] = (await client.ask(before + after))["errors"]
        lines = before.split("\n")
        place = {"line": len(lines), "column": len(lines[-1]) + 1}
        assert error["locations"] == [place], marked
        assert "variablePath" not in error["extensions"]


async def test_a_fault_in_a_variable_has_the_path_to_it(client: Client) -> None:
    for document, variables, path, (line, column) in VARIABLES:
        [error] = (await client.ask(document, **variables))["errors"]
        assert error["extensions"]["variablePath"] == path, variables
        assert error["locations"] == [{"line": line, "column": column}], document


async def test_a_nul_in_the_variables_has_the_path_to_it(client: Client) -> None:
    for variables, path in (
        ({"code": "a\0"}, ["code"]),
        (
            {"i": {"lines": [LINE, {"attributes": {"a": ["b", "\0"]}}]}},
            ["i", "lines", "1", "attributes", "a", "1"],
        ),
        ({"i": {"a\0": 1}}, ["i"]),
    ):
        [error] = (await client.ask("{ programme { code } }", **variables))["errors"]
        assert error["extensions"] == {"code": "BAD_USER_INPUT", "variablePath": path}
