"""What the documents name exists: commands, settings, targets, links, paths and functions."""

import importlib
import re
import shlex
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer import Typer
from typer.main import get_command

from benchmarks import __main__ as bench
from benchmarks.operations import BY_NAME
from ops.command_line import COMMANDS, load
from ops.settings import PREFIX, ROOT, Settings
from tests.soak import __main__ as soak
from tests.soak import parts
from tests.support.shown import DOCUMENTS, README, section

WRITTEN_ELSEWHERE = {
    "environment": "development",
    "home": ".milepost",
    "owner_database_url": "the serving role's",
}
"""Defaults that the table says in words, by setting."""

FOLDERS = ("api", "benchmarks", "domain", "docs", "migrations", "models", "ops", "tests", "tools")
"""Folders of the repository with code, or with documents about it."""

WRITTEN_BY_RUNS = {"benchmarks/results/"}
"""Named in documents, but not committed."""


def shown_commands() -> Iterator[tuple[str, list[str]]]:
    """Every command of `python -m ops` in a block or in the running text, with its document."""
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        for found in re.finditer(r"python -m ops +([^`\n|)#]+)", text):
            words = shlex.split(found[1].replace("…", ""))
            if words:
                yield path.name, words


def test_every_command_shown_exists() -> None:
    seen = set()
    for document, words in shown_commands():
        below: dict[str, Any] = {name: load(name) for name in COMMANDS}
        command: Any = None
        while words and (command is None or hasattr(command, "commands")):
            name = words.pop(0)
            assert name in below, f"{document}: no command {name}"
            command = below[name]
            below = getattr(command, "commands", {})
        options = {option for p in command.params for option in (*p.opts, *p.secondary_opts)}
        unknown = {word for word in words if word.startswith("--")} - options - {"--help"}
        assert not unknown, f"{document}: {command.name} has no option {unknown}"
        seen.add(command.name)
    assert {"token", "bookings", "clock", "verify", "migrate", "publish", "serve"} <= seen


def _command(main: Callable[..., None]) -> Any:
    """As `typer.run` makes it."""
    app = Typer()
    app.command()(main)
    return get_command(app)


def asked_by_make() -> Iterator[tuple[str, str, list[str]]]:
    """Every target with `ARGS`, with its document; `ARGS` alone are of the target before."""
    for path in DOCUMENTS:
        target = ""
        for found in re.finditer(
            r"\bmake ([a-z]+)|\bARGS=(\"[^\"]*\"|[^\s`]+)", path.read_text("utf-8")
        ):
            target = found[1] or target
            if found[2]:
                yield path.name, target, shlex.split(found[2].strip('"'))


def test_every_argument_of_make_shown_is_understood() -> None:
    commands = {
        "bench": (_command(bench.main), {*BY_NAME, *bench.PARTS}),
        "soak": (_command(soak.soak), parts.proofs().keys()),
    }
    seen = set()
    for document, target, words in asked_by_make():
        if target in commands:
            command, names = commands[target]
            given = command.make_context(target, words).params
            assert names >= set(given["only"] or ()), f"{document}: {words}"
            seen.add(target)
    assert seen == commands.keys()


def test_every_option_of_benchmarks_shown_exists() -> None:
    """Options in the running text of the page about them."""
    text = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    options = {option for known in _command(bench.main).params for option in known.opts}
    shown = {
        name for span in re.findall(r"`(--[^`]+)`", text) for name in re.findall(r"--\w+", span)
    }
    assert shown <= options


def test_every_module_of_benchmarks_shown_understands_its_arguments() -> None:
    """A module with arguments has a `parser`; two of them are given only names of files."""
    for path in DOCUMENTS:
        for found in re.finditer(
            r"python -m (benchmarks[.\w]*)([^`\n)]*)", path.read_text("utf-8")
        ):
            module, words = importlib.import_module(found[1]), shlex.split(found[2])
            if hasattr(module, "parser"):
                module.parser().parse_args(words)
            else:
                assert not any(word.startswith("-") for word in words), f"{path.name}: {found[0]}"


def test_the_table_of_commands_is_complete() -> None:
    listed = re.findall(r"^\| (`[^|]+`) \|", section("The command line"), re.MULTILINE)
    shown = {name for cell in listed for name in re.findall(r"`([^`]+)`", cell)}
    assert shown == {path for name in COMMANDS for path in _paths(name, load(name))}


def _paths(name: str, command: Any) -> Iterator[str]:
    """The command itself, or those of a group."""
    below = getattr(command, "commands", None)
    yield from (f"{name} {one}" for one in below) if below else [name]


def test_the_table_of_settings_is_complete() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", section("Settings"), re.MULTILINE)
    shown = {name: default.strip("`") for name, default in rows}
    assert shown.keys() == {PREFIX + name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        default = shown[PREFIX + name.upper()]
        if name in WRITTEN_ELSEWHERE:
            assert default.startswith(WRITTEN_ELSEWHERE[name])
        elif field.default is None:
            assert default == "–"
        else:
            assert default == str(field.default).lower()


def test_every_make_target_shown_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):.*##", makefile, re.MULTILINE))
    shown = {
        target
        for path in DOCUMENTS
        for target in re.findall(r"(?:^|`)make ([a-z]+)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert shown <= targets
    assert targets <= set(
        re.findall(r"`make ([a-z]+)", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    )


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_paths_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    missing = [link for link in links if not (path.parent / link).exists()]
    named = re.findall(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]*)`", text)
    missing += [name for name in named if not _leads_somewhere(name)]
    modules = re.findall(r"`([\w/-]+\.py)`", text)
    missing += [
        name for name in modules if not any(f"/{one}".endswith(f"/{name}") for one in _sources())
    ]
    assert missing == []


@cache
def _sources() -> list[str]:
    return [str(path.relative_to(ROOT)) for one in FOLDERS for path in (ROOT / one).rglob("*.py")]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_to_headings_lead_to_one(path: Path) -> None:
    """Headings are named in links as GitHub names them."""
    links = re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", path.read_text(encoding="utf-8"))
    assert [
        f"{to}#{heading}"
        for to, heading in links
        if heading not in _headings(path.parent / to if to else path)
    ] == []


def _headings(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def _leads_somewhere(name: str) -> bool:
    """A path from the root, or a function behind the path of its module."""
    return (
        name in WRITTEN_BY_RUNS
        or (ROOT / name).exists()
        or (ROOT / name).with_suffix(".py").exists()
    )


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_named_are_there(path: Path) -> None:
    """`ledger.write` is in a module `ledger` of any room of `domain/`; a path says where."""
    text, missing = path.read_text(encoding="utf-8"), []
    for module, name in re.findall(r"`([a-z_]+(?:/[a-z_]+)*)\.([A-Za-z_]+)`", text):
        found = [f"{module}.py"] if "/" in module else _rooms_with(module)
        if name == "py" or not found or (ROOT / f"{module}.{name}").exists():
            continue
        modules = [
            one.removesuffix(".py").replace("/", ".") for one in found if (ROOT / one).exists()
        ]
        if modules and not any(hasattr(importlib.import_module(one), name) for one in modules):
            missing.append(f"{module}.{name}")
    assert missing == []


def _rooms_with(module: str) -> list[str]:
    found = [] if module.startswith("__") else (ROOT / "domain").glob(f"*/{module}.py")
    return [str(path.relative_to(ROOT)) for path in found]


def test_the_readme_is_read_in_one_sitting() -> None:
    """What only some readers need has a page in `docs/`."""
    text = README.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    assert len(text.encode()) <= 25_000
