"""The list of commands: what it says of each, and what it need not import for that."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from ops.command_line import COMMANDS, load
from ops.commands.manifests import manifest
from ops.errors import OperationError
from ops.settings import ROOT

HEAVY = ("api", "domain", "models", "tortoise", "asyncpg", "strawberry", "graphql", "pydantic")
LISTED = f"""
import sys
from ops.__main__ import main
sys.argv = ["ops", "--help"]
try:
    main()
finally:
    print([name for name in {HEAVY} if name in sys.modules])
"""


def test_the_list_of_commands_imports_none_of_them() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LISTED], capture_output=True, text=True, cwd=ROOT, check=True
    )
    *listed, imported = done.stdout.splitlines()
    assert imported == "[]"
    shown = "\n".join(listed)
    assert [name for name in COMMANDS if f" {name} " not in shown] == []
    assert "Print the GraphQL schema." in shown
    assert "Publish and show policy documents." in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_command_says_of_itself(name: str) -> None:
    whole = " ".join((load(name).help or "").split())
    assert COMMANDS[name].help()
    assert whole.startswith(COMMANDS[name].help())


@pytest.mark.parametrize(
    ("names", "given"),
    [
        (("backup",), ["--keep-days", "99999999999"]),
        (("programme", "rollback"), ["ota", "99999999999999999999"]),
    ],
    ids=["days", "version"],
)
def test_a_number_beyond_all_measure_is_refused_before_anything_is_done(
    names: tuple[str, ...], given: list[str]
) -> None:
    command = load(names[0])
    for name in names[1:]:
        assert isinstance(command, TyperGroup)
        command = command.commands[name]
    with pytest.raises(typer.BadParameter):
        command.make_context(names[-1], given)


def test_a_file_of_operations_is_text(tmp_path: Path) -> None:
    file = tmp_path / "operations.graphql"
    with pytest.raises(OperationError, match="No such file"):
        manifest(file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(OperationError, match="not UTF-8 text"):
        manifest(file)
