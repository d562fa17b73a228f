"""The house rules that a reader of imports and syntax can check."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

MAY_IMPORT = {
    "models": {"models"},
    "domain": {"domain", "models"},
    "api": {"api", "domain"},
    "ops": {"ops", "api", "domain", "models"},
}
"""api → domain → models, ops → all; nobody imports the tests."""

OWN = {"api", "domain", "models", "ops", "tests", "migrations", "benchmarks"}

CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "monotonic"),
}
"""Readings of a clock: in domain/ an instant is an argument."""

SQL_CLOCK = re.compile(
    r"\b(now\(\)|current_(timestamp|date|time)\b|clock_timestamp)", re.IGNORECASE
)


def files_of(layer: str) -> list[Path]:
    return sorted((ROOT / layer).rglob("*.py"))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(path: Path) -> Iterator[str]:
    """The full name of every module imported, wherever in the file."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield node.module or ""


def tops(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported(path)}


def where(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', '?')}"


@pytest.mark.parametrize("layer", sorted(MAY_IMPORT))
def test_layers_import_only_what_lies_below_them(layer: str) -> None:
    assert files_of(layer), f"{layer}/ is empty"
    wrong = {
        str(path.relative_to(ROOT)): sorted(strange)
        for path in files_of(layer)
        if (strange := (tops(path) & OWN) - MAY_IMPORT[layer])
    }
    assert wrong == {}


def test_only_the_wiring_of_the_api_knows_the_orm() -> None:
    knowing = {path.name for path in files_of("api") if "tortoise" in tops(path)}
    assert knowing <= {"app.py"}


def test_the_domain_knows_no_web_framework() -> None:
    wrong = {path.name for path in files_of("domain") if tops(path) & {"strawberry", "starlette"}}
    assert wrong == set()


def test_models_need_nothing_but_the_orm_and_the_standard_library() -> None:
    known = {"tortoise", "models", *sys.stdlib_module_names}
    wrong = {path.name: tops(path) - known for path in files_of("models") if tops(path) - known}
    assert wrong == {}


@pytest.mark.parametrize("layer", ["domain", "models"])
def test_nobody_reads_a_clock_below_the_edge(layer: str) -> None:
    readings = [
        where(path, node)
        for path in files_of(layer)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name | ast.Attribute)
        and (ast.unparse(node.value).rpartition(".")[2], node.attr) in CLOCKS
    ]
    assert readings == []


def test_no_statement_reads_the_clock_of_the_database() -> None:
    readings = [
        where(path, node)
        for path in files_of("domain")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and SQL_CLOCK.search(node.value)
    ]
    assert readings == []


@pytest.mark.parametrize("layer", ["domain", "models"])
def test_there_are_no_floats(layer: str) -> None:
    found = [
        where(path, node)
        for path in files_of(layer)
        for node in ast.walk(parsed(path))
        if _makes_float(node) or any(_names_float(annotation) for annotation in _annotations(node))
    ]
    assert found == []


def test_member_rows_are_never_saved_whole() -> None:
    wrong = [
        where(path, node)
        for path in files_of("domain")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute)
        and node.attr in ("save", "update_or_create", "get_or_create")
    ]
    assert wrong == []


def _makes_float(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "float"
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


def _annotations(node: ast.AST) -> list[ast.expr | None]:
    if isinstance(node, ast.AnnAssign | ast.arg):
        return [node.annotation]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return [node.returns]
    return []


def _names_float(annotation: ast.expr | None) -> bool:
    return annotation is not None and any(
        isinstance(node, ast.Name) and node.id == "float" for node in ast.walk(annotation)
    )
