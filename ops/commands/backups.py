"""`backup` and `restore`: of the embedded database; of another one its own tools make them."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from domain.upkeep import records
from ops.commands import instants
from ops.commands.administration import run
from ops.console import console, counted, notes, read_settings
from ops.errors import OperationError
from ops.postgres import backups, database, embedded
from ops.postgres.embedded import Urls

KEPT_DAYS = 35
KEPT_DAYS_MAX = 36_500
UTC_ZONE = ZoneInfo("UTC")


def backup(
    keep_days: Annotated[
        int,
        typer.Option(
            min=1,
            max=KEPT_DAYS_MAX,
            help="Days after which a backup is removed; the last one stays.",
        ),
    ] = KEPT_DAYS,
    done: Annotated[
        bool, typer.Option("--done", help="Only record that your own tool has made one.")
    ] = False,
) -> None:
    """Back up the embedded database while it serves, and archive every change from now on."""
    settings, began_at = read_settings(), datetime.now(UTC)
    if not settings.embedded and not done:
        raise OperationError(
            "MILEPOST_DATABASE_URL names a PostgreSQL of yours: back it up by its own tool, such "
            "as pgBackRest, Barman or your provider's, and let it call this with --done"
        )
    with database.available(settings) as urls:
        if not done:
            with embedded.using(settings.home, settings.pg_bin) as shared:
                made = asyncio.run(backups.make(shared))
                removed = backups.forget(shared.place, began_at - timedelta(days=keep_days))
            console.print(str(made.place), markup=False)
            if removed:
                notes.print(f"{counted(removed, 'older backup')} removed")
        run(_record(urls, began_at))


def restore(
    at: Annotated[
        str | None,
        typer.Option(help="Instant, such as 2026-11-27T14:30+08:00; UTC without an offset."),
    ] = None,
) -> None:
    """Restore the embedded database to an instant, or to the end of the archive.

    Nothing may use it meanwhile. The previous database is moved aside, not removed.
    """
    settings = read_settings()
    if not settings.embedded:
        raise OperationError(
            "MILEPOST_DATABASE_URL names a PostgreSQL of yours: restore it by the tool that backs "
            "it up, then run migrate, erasures if MILEPOST_ERASURES is set, and verify"
        )
    instant = None if at is None else instants.parse(at, UTC_ZONE)
    if instant is not None and instant > datetime.now(UTC):
        raise OperationError(f"{at} is in the future")
    done = backups.restore(settings.home, settings.pg_bin, instant)
    notes.print(f"restored from {done.backup.place.name}", markup=False)
    console.print(f"last transaction: {done.last_at or 'none after the backup'}", markup=False)
    if done.put_aside:
        notes.print(f"the previous database is in {done.put_aside}", markup=False)
    notes.print(
        "next: migrate, erasures if MILEPOST_ERASURES is set, verify, and backup, because the "
        "restored database begins a new timeline"
    )


async def _record(urls: Urls, began_at: datetime) -> None:
    if pending := await database.pending_migrations(urls.serving):
        notes.print(
            f"the database lacks {counted(len(pending), 'migration')}: the backup is not recorded"
        )
        return
    async with database.connected(urls.serving, pool_max=1):
        await records.record_backup(began_at, datetime.now(UTC))
