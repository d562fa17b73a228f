"""`rollup`: figures and the journal of settled days, computed again."""

from typing import Annotated

import typer

from domain.finance import recording
from domain.insight import rollups
from domain.insight.rollups import DayInProgress
from domain.programmes import programmes
from ops.commands.administration import administer
from ops.console import counted, notes, read_settings
from ops.errors import OperationError


def rollup(
    of: Annotated[str, typer.Option("--programme", help="Code of the programme.")],
    rebuild: Annotated[
        bool,
        typer.Option(
            "--rebuild",
            help="Compute and replace all of them, except the journal of closed months.",
        ),
    ] = False,
) -> None:
    """Compute the figures and the journal of all settled days again, with the same results."""
    if not rebuild:
        raise OperationError(
            "the worker keeps the figures up to date: --rebuild computes them again"
        )

    async def work() -> int:
        found = await programmes.get(of)
        members = sum([batch.members async for batch in rollups.rebuild(found)])
        async for _ in recording.rebuild(found):
            pass
        return members

    try:
        members = administer(read_settings(), work)
    except DayInProgress:
        raise OperationError("a day is being settled: run this again") from None
    notes.print(f"figures of {counted(members, 'member')} of {of} were computed again")
