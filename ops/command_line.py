"""All commands of `python -m ops`, by their names."""

import os
from typing import Annotated

import typer

from ops.commands import (
    background,
    backtesting,
    code_imports,
    commands,
    contacts,
    demo,
    imports,
    linting,
    partners,
    programmes,
    referrals,
    rewards,
    rights,
    segments,
    statement,
    sweep,
    verify,
    versions,
)
from ops.errors import DEBUG

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
app.command()(rights.rights)
app.command()(sweep.sweep)
app.command()(statement.statement)
app.command()(programmes.clock)
for command in (versions.rollback, versions.diff, versions.guide):
    programmes.app.command()(command)
app.command()(backtesting.backtest)
programmes.app.command(name="lint")(linting.lint)
app.add_typer(programmes.app)
app.add_typer(rewards.app)
app.add_typer(partners.app)
app.add_typer(contacts.app)
app.add_typer(segments.app)
app.add_typer(referrals.app)
app.add_typer(background.app)
imports.app.command(name="codes")(code_imports.import_codes)
app.add_typer(imports.app)


@app.callback()
def options(
    debug: Annotated[bool, typer.Option(help="Show where an error came from.")] = False,
) -> None:
    if debug:
        os.environ[DEBUG] = "1"
