"""No code knows which programme it serves: nothing names a code of the documents that ship."""

import ast
import re
from collections.abc import Iterable, Iterator, Set
from functools import cache
from typing import Any

import pytest
import yaml

from tests.support.factories import SHIPPED
from tests.support.sources import ROOT, nodes_of

LANGUAGE = {
    "birthday": "a field of members, and the day of a calendar grant",
    "birthday_month": "a key of `when`",
    "booking": "a table, a fact, and a step of a mission",
    "guide": "a policy in words, and the command that prints it",
    "member": "whoever has an account; a period of limits, and a root of conditions",
    "review": "what becomes of overdue points, and an operation on referrals",
    "share": "a share of the price that points pay",
    "transfer": "a table, and a kind of entry",
}
"""Codes of documents that are words of the product, too, and what they mean there."""


def codes(node: Any) -> Iterator[str]:
    """Every code that a document declares, its programme and its products."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("code", "programme") and isinstance(value, str):
                yield value
            elif key == "products" and isinstance(value, list):
                yield from (one for one in value if isinstance(one, str))
            yield from codes(value)
    elif isinstance(node, list):
        for value in node:
            yield from codes(value)


@cache
def shipped() -> frozenset[str]:
    return frozenset(
        code
        for path in SHIPPED.rglob("*.yaml")
        for code in codes(yaml.safe_load(path.read_text(encoding="utf-8")))
    )


def named(nodes: Iterable[ast.AST], known: Set[str]) -> set[str]:
    """Of these codes those that are a string of the source, or in quotes within one, as in SQL."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {node.value, *re.findall(r"'(\w+)'", node.value)}
    return found & known


def test_it_would_be_found() -> None:
    known = shipped()
    assert {"ota", "genius", "gold", "hotel", "flight_over_2000", "airline_miles"} <= known
    source = """tier == "gold" or f"SELECT {a} WHERE product = 'hotel'" or "no gold" """
    assert named(ast.walk(ast.parse(source)), known) == {"gold", "hotel"}


@pytest.mark.parametrize("package", ["api", "domain", "models", "ops"])
def test_nothing_names_a_code_of_a_shipped_document(package: str) -> None:
    known = shipped() - LANGUAGE.keys()
    found = {
        str(path.relative_to(ROOT)): codes_of
        for path in sorted((ROOT / package).rglob("*.py"))
        if (codes_of := named(nodes_of(path), known))
    }
    assert found == {}


def test_only_what_documents_name_is_excepted() -> None:
    assert shipped() >= LANGUAGE.keys()
