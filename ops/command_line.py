"""All commands of `python -m ops` by name, each imported only when it is used.

Importing all of them takes seconds, so the list in the help is made from their source files.
"""

import ast
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from ops.errors import DEBUG
from ops.interrupts import ending_at_once

FOLDER = Path(__file__).parent / "commands"
APP = "app"


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """What a command runs: a function of a module in `commands/`, or the `app` of a group. `others`
    are further commands of the group by name, each as its module and function.
    """

    module: str
    name: str = APP
    others: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def load(self) -> Any:
        """Import the command and return it as typer runs it."""
        if self.name != APP:
            alone = typer.Typer(add_completion=False)
            alone.command()(_find(self.module, self.name))
            return get_command(alone)
        group = _find(self.module, self.name)
        for name, (module, function) in self.others.items():
            group.command(name=name)(_find(module, function))
        return get_group(group)

    def help(self) -> str:
        """The help: the first paragraph of the function's docstring, or of the group's help."""
        tree = ast.parse((FOLDER / f"{self.module}.py").read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name == self.name:
                return _first_paragraph(ast.get_docstring(node) or "")
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == self.name:
                return _first_paragraph(_said(node.value, "help"))
        raise ValueError(f"{self.module} has no {self.name}")


def _find(module: str, name: str) -> Any:
    with ending_at_once():
        return getattr(import_module(f"ops.commands.{module}"), name)


def _said(call: ast.expr, name: str) -> str:
    """The text of this keyword argument in a call."""
    given = call.keywords if isinstance(call, ast.Call) else []
    return str(ast.literal_eval(next(one.value for one in given if one.arg == name)))


def _first_paragraph(text: str) -> str:
    return " ".join(text.partition("\n\n")[0].split())


COMMANDS: Mapping[str, EntryPoint] = {
    "serve": EntryPoint("commands", "serve"),
    "worker": EntryPoint("commands", "worker"),
    "migrate": EntryPoint("commands", "migrate"),
    "token": EntryPoint("commands", "token"),
    "schema": EntryPoint("commands", "schema"),
    "event-schema": EntryPoint("event_schema", "event_schema"),
    "manifest": EntryPoint("manifests", "manifest"),
    "demo": EntryPoint("demo", "demo"),
    "verify": EntryPoint("verify", "verify"),
    "seal": EntryPoint("seal", "seal"),
    "backup": EntryPoint("backups", "backup"),
    "restore": EntryPoint("backups", "restore"),
    "erasures": EntryPoint("erasures", "apply"),
    "rights": EntryPoint("rights", "rights"),
    "shard": EntryPoint("sharding", "shard"),
    "sweep": EntryPoint("sweep", "sweep"),
    "statement": EntryPoint("statement", "statement"),
    "clock": EntryPoint("programmes", "clock"),
    "backtest": EntryPoint("backtesting", "backtest"),
    "programme": EntryPoint(
        "programmes",
        others={
            "rollback": ("versions", "rollback"),
            "diff": ("versions", "diff"),
            "guide": ("versions", "guide"),
            "lint": ("linting", "lint"),
        },
    ),
    "rewards": EntryPoint("rewards"),
    "partner": EntryPoint("partners"),
    "books": EntryPoint("books"),
    "roots": EntryPoint("root_lines"),
    "rollup": EntryPoint("rollup", "rollup"),
    "report": EntryPoint("reporting", "report"),
    "contacts": EntryPoint("contacts"),
    "segment": EntryPoint("segments"),
    "referral": EntryPoint("referrals"),
    "jobs": EntryPoint("background"),
    "import": EntryPoint("imports", others={"codes": ("code_imports", "import_codes")}),
}


@cache
def load(name: str) -> Any:
    """The command of this name, loaded only once."""
    command = COMMANDS[name].load()
    command.name = name
    return command


class Commands(TyperGroup):
    """The group of all commands; each is imported only when it is run, and none for the help."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = {name: TyperCommand(name) for name in COMMANDS}
        self.listing = False

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        return self.commands[cmd_name] if self.listing else load(cmd_name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        for name, entry_point in COMMANDS.items():
            self.commands[name].help = entry_point.help()
        self.listing = True
        super().format_help(ctx, formatter)
        self.listing = False


app = typer.Typer(
    cls=Commands,
    name="ops",
    help="Run and administer Milepost.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def options(
    debug: Annotated[bool, typer.Option(help="Show where an error came from.")] = False,
) -> None:
    if debug:
        os.environ[DEBUG] = "1"
