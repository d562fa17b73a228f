"""`shard`: a live database spread over several machines by Citus."""

import asyncio
import time
from typing import Annotated

import typer
from rich.table import Table

from ops import progress
from ops.console import console, counted, notes, read_settings
from ops.errors import OperationError
from ops.postgres import database, shards
from ops.postgres.connections import connection
from ops.postgres.embedded import Urls


def shard(
    plan: Annotated[
        bool, typer.Option("--plan", help="Only print the steps done and to do.")
    ] = False,
) -> None:
    """Spread the database over the machines of a Citus cluster by member; run again, it continues
    where it was stopped.
    """
    with database.available(read_settings()) as urls:
        asyncio.run(_print(urls) if plan else _shard(urls))


async def _print(urls: Urls) -> None:
    async with connection(urls.owner) as owner:
        distributions = await shards.plan(owner)
        there = await owner.fetchval("SELECT to_regclass('citus_tables')") is not None
        known = await shards.done(owner) if there else {}
    table = Table("Table", "Place", "State", box=None)
    for one in distributions:
        table.add_row(one.table, str(one), "done" if one.table in known else "to do")
    console.print(table)
    for one in distributions:
        console.print(f"{one.statement};", markup=False)
    if not there:
        notes.print("the extension citus is not installed yet")


async def _shard(urls: Urls) -> None:
    if pending := await database.pending_migrations(urls.serving):
        raise OperationError(
            f"the database lacks {counted(len(pending), 'migration')}: run `python -m ops migrate`"
        )
    async with connection(urls.owner) as owner:
        await shards.check(owner)
        distributions = await shards.left(owner, await shards.plan(owner))
        with progress.bar("placing tables", len(distributions)) as advance:
            for one in distributions:
                began = time.monotonic()
                # waits for writers of the table, and later writers wait for this
                await owner.execute(one.statement)
                console.print(f"{one.table} {one}: {time.monotonic() - began:.1f} s", markup=False)
                advance(1)
        said = await shards.limit_locks(owner, urls.serving)
    if said is not None:
        notes.print(f"an administrator has to run: {said}", markup=False)
    notes.print(f"{counted(len(distributions), 'table')} placed; nothing is left to do")
