"""`sweep`: what time alone has changed, written down; for a schedule of the operator's own."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from domain import programmes, sweeps
from ops import progress
from ops.administration import administer
from ops.console import notes, read_settings


def sweep(programme: Annotated[str, typer.Option(help="Code of the programme.")]) -> None:
    """Write expiries, maturings, dead holds and quotes of members that nobody asked for meanwhile.

    Nothing waits for it: every read and write applies what is due by itself. It can be
    stopped and run again at any time.
    """

    async def work() -> tuple[int, int]:
        found = await programmes.get(programme)
        now = found.now(datetime.now(UTC))
        members = entries = 0
        with progress.bar("sweeping", await sweeps.count_due(found, now)) as advance:
            async for swept in sweeps.sweep(found, now):
                members += 1
                entries += swept.entries
                advance(1)
        return members, entries

    members, entries = administer(read_settings(), work)
    notes.print(f"wrote {entries} entries of {members} members")
