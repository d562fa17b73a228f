"""The house rules that a reader of imports and syntax can check."""

import ast
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.sources import ROOMS, ROOT, files_of, imported, nodes_of, parsed, tops, where

MAY_IMPORT = {
    "models": {"models"},
    "domain": {"domain", "models"},
    "api": {"api", "domain"},
    "ops": {"ops", "api", "domain", "models"},
}
"""api → domain → models, ops → all; nobody imports the tests."""

ROOM_DOCSTRING_LINES_MAX = 10
MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
PARAMETERS_MAX = 8

LONGER_MODULES: set[str] = set()
"""Modules over the limit; the list only shrinks, and holds five at the most."""

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
        for node in nodes_of(path)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name | ast.Attribute)
        and (ast.unparse(node.value).rpartition(".")[2], node.attr) in CLOCKS
    ]
    assert readings == []


def test_no_statement_reads_the_clock_of_the_database() -> None:
    readings = [
        where(path, node)
        for path in files_of("domain")
        for node in nodes_of(path)
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
        for node in nodes_of(path)
        if _makes_float(node) or any(_names_float(annotation) for annotation in _annotations(node))
    ]
    assert found == []


def test_member_rows_are_never_saved_whole() -> None:
    wrong = [
        where(path, node)
        for path in files_of("domain")
        for node in nodes_of(path)
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


def test_every_module_of_the_domain_stands_in_a_room() -> None:
    rooms = {path.name for path in (ROOT / "domain").iterdir() if path.is_dir()} - {"__pycache__"}
    assert rooms == set(ROOMS)
    assert [path.name for path in (ROOT / "domain").glob("*.py")] == ["__init__.py"]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_and_nothing_else(room: str) -> None:
    module = parsed(ROOT / "domain" / room / "__init__.py")
    said = ast.get_docstring(module)
    assert said is not None
    assert len(module.body) == 1
    assert len(said.splitlines()) <= ROOM_DOCSTRING_LINES_MAX


def against_the_order(room: str, names: Iterable[str]) -> list[str]:
    """Those of the imported modules that stand in a room after this one, or in no room."""
    allowed = ROOMS[: ROOMS.index(room) + 1]
    below = [name for name in names if name == "domain" or name.startswith("domain.")]
    return [name for name in below if ".".join(name.split(".")[1:2]) not in allowed]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_rooms_before_it(room: str) -> None:
    wrong = {
        str(path.relative_to(ROOT)): strange
        for path in files_of(f"domain/{room}")
        if (strange := against_the_order(room, imported(path)))
    }
    assert wrong == {}


def test_an_import_against_the_order_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(
        "from domain.kernel import ids\n"
        "def late():\n"
        "    from domain.earning.awards import Award\n"
        "import domain.proof.chain_checks\n",
        encoding="utf-8",
    )
    assert sorted(against_the_order("ledger", imported(planted))) == [
        "domain.earning.awards",
        "domain.proof.chain_checks",
    ]
    assert against_the_order("proof", imported(planted)) == []


def test_modules_are_short() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for layer in (*MAY_IMPORT, "tests", "benchmarks")
        for path in files_of(layer)
        if "node_modules" not in path.parts
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MODULE_LINES_MAX
    }
    assert set(long) == LONGER_MODULES, long
    assert len(LONGER_MODULES) <= 5


def test_functions_are_short_and_take_few_parameters() -> None:
    wrong = [
        where(path, node)
        for layer in MAY_IMPORT
        for path in files_of(layer)
        if "node_modules" not in path.parts
        for node in nodes_of(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES_MAX
        or len([*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]) > PARAMETERS_MAX
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("module", "function"), [("opening", "lock"), ("ledger", "add"), ("outbox", "add")]
)
def test_an_account_is_locked_and_written_in_one_place(module: str, function: str) -> None:
    """Everything else opens the account: `accounts.opened`."""
    calling = {
        str(path.relative_to(ROOT))
        for path in files_of("domain")
        for node in nodes_of(path)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == f"{module}.{function}"
    }
    assert calling == {"domain/accounts/accounts.py"}


def modules_used() -> dict[str, set[str]]:
    """The modules of this project that each one imports, wherever in the file."""
    files = [path for layer in MAY_IMPORT for path in files_of(layer)]
    known = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files}
    used: dict[str, set[str]] = {}
    for path in files:
        names = used.setdefault(".".join(path.relative_to(ROOT).with_suffix("").parts), set())
        for node in nodes_of(path):
            if isinstance(node, ast.ImportFrom):
                inner = {f"{node.module}.{alias.name}" for alias in node.names} & known
                names |= inner or {str(node.module)} & known
    return used


def test_contradictions_of_documents_are_found_in_their_trees() -> None:
    """A validator of a model is not asked where another value of that model is wrong."""
    validators = {"model_validator", "field_validator"}
    asked = [
        where(path, node)
        for path in files_of("domain")
        for node in nodes_of(path)
        if isinstance(node, ast.Name) and node.id in validators
    ]
    assert asked == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    used = modules_used()
    while free := [name for name, names in used.items() if not names & used.keys()]:
        used = {name: names for name, names in used.items() if name not in free}
    assert sorted(used) == []


@pytest.mark.parametrize("layer", ["domain", "ops"])
def test_tables_are_named_as_such(layer: str) -> None:
    """`models.Booking`, so that a table is not taken for the value of the same name."""
    wrong = [
        where(path, node)
        for path in files_of(layer)
        for node in nodes_of(path)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "models"
    ]
    assert wrong == []
