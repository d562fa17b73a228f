"""`rights`: rights that the serving role has and should not have."""

import asyncio

import typer

from ops.console import console, notes, read_settings
from ops.postgres import database
from ops.postgres.connections import role
from ops.postgres.rights import excess


def rights() -> None:
    """Check that the serving role may do no more than it needs; the exit code is 1 if it may."""
    with database.available(read_settings()) as urls:
        found = asyncio.run(excess(urls.serving))
    for sentence in found:
        console.print(f"{role(urls.serving)}: {sentence}", markup=False)
    if found:
        raise typer.Exit(1)
    notes.print(f"{role(urls.serving)} may do what serving needs, and no more")
