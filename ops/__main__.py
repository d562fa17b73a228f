"""The command line: `python -m ops COMMAND`.

An error is one line on standard error and exit code 1; --debug shows where it came from.
"""

import os
import signal
import sys
from types import FrameType
from typing import Annotated

import typer

from ops.commands import (
    background,
    code_imports,
    commands,
    demo,
    imports,
    partners,
    programmes,
    rewards,
    statement,
    sweep,
    verify,
)
from ops.errors import OperationError
from ops.settings import DEBUG

app = typer.Typer(
    name="ops",
    help="Run and administer Milepost.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(commands.serve)
app.command()(commands.worker)
app.command()(commands.migrate)
app.command()(commands.token)
app.command()(commands.schema)
app.command()(demo.demo)
app.command()(verify.verify)
app.command()(sweep.sweep)
app.command()(statement.statement)
app.command()(programmes.clock)
app.add_typer(programmes.app)
app.add_typer(rewards.app)
app.add_typer(partners.app)
app.add_typer(background.app)
imports.app.command(name="codes")(code_imports.import_codes)
app.add_typer(imports.app)


@app.callback()
def options(
    debug: Annotated[bool, typer.Option(help="Show where an error came from.")] = False,
) -> None:
    if debug:
        os.environ[DEBUG] = "1"


def main() -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        # nohup asks for a hang-up to be ignored
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)
    try:
        app()
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        print(f"error: {_one_line(error)}", file=sys.stderr)
        sys.exit(1)


def _leave(number: int, _: FrameType | None) -> None:
    # raised rather than died of, so that what was started is stopped on the way out
    sys.exit(128 + number)


def _one_line(error: Exception) -> str:
    said = (str(error).strip().splitlines() or [""])[0]
    if isinstance(error, OperationError):
        return said
    name = type(error).__name__
    return f"{name}: {said} (--debug shows where)" if said else f"{name} (--debug shows where)"


if __name__ == "__main__":
    main()
