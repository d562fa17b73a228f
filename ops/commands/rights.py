"""`rights`: rights that the serving role has and should not have."""

import asyncio

import typer

from ops.console import console, notes, read_settings
from ops.postgres import database
from ops.postgres.connections import role
from ops.postgres.rights import excess


def rights() -> None:
    """Check the serving role for rights that it does not need; the exit code is 1 if it has any."""
    with database.available(read_settings()) as urls:
        found = asyncio.run(excess(urls.serving))
    for sentence in found:
        console.print(f"{role(urls.serving)}: {sentence}", markup=False)
    if found:
        raise typer.Exit(1)
    notes.print(f"{role(urls.serving)} has the rights that serving needs, and no others")
