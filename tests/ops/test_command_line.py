"""The list of commands: what it says of each, and what it need not import for that."""

import subprocess
import sys

import pytest

from ops.command_line import COMMANDS, load
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
