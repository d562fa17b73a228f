"""`make bench`: builds the database, measures, and writes what it found to `benchmarks/results`."""

import asyncio
import itertools
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from benchmarks import building, bulk, chart, counters, growth, place, running, samples, tables
from benchmarks.counters import Drawn
from benchmarks.growth import Grown
from benchmarks.load import AnswerError
from benchmarks.operations import BY_NAME, OPERATIONS, Operation
from benchmarks.place import HOME, RESULTS, Place
from benchmarks.rounds import Result, Unlike
from benchmarks.running import Plan
from benchmarks.tables import Setting
from ops import progress
from ops.console import console, notes
from ops.errors import OperationError
from ops.postgres.connections import connection
from ops.settings import ROOT

MEMBERS = 100_000
WORK = "bench_work"


def main(
    only: Annotated[
        list[str] | None, typer.Option(help="Operations to measure: names, `bulk` or `none`.")
    ] = None,
    members: Annotated[int, typer.Option(help="Members; each has 20 entries or so.")] = MEMBERS,
    rounds: Annotated[int, typer.Option(help="Rounds of each contender.")] = 3,
    seconds: Annotated[float, typer.Option(help="Seconds of a round.")] = 5.0,
    connections: Annotated[int, typer.Option(help="Connections that ask at once.")] = 16,
    grow: Annotated[
        bool, typer.Option("--growth", help="Measure growth too: by --members, --entries.")
    ] = False,
    entries: Annotated[int, typer.Option(help="Entries of the long ledger.")] = 1_000_000,
    count: Annotated[
        bool, typer.Option("--counters", help="Measure a budget and a stock under 50 clients.")
    ] = False,
) -> None:
    """Measure Milepost beside a hand-written application on one database."""
    # ended like Ctrl-C, so that every server and the copy of the database go
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen, with_bulk = _chosen(only)
    plan = Plan(chosen, rounds, seconds, connections)
    before = running.load_average()
    with place.opened() as where:
        template = asyncio.run(building.template(where, members, progress.bar))
        found = _requests(where, template, plan) if chosen else {}
        measured = _bulk(where, template) if with_bulk else []
        grown = growth.run(where, members, entries, progress.bar, (rounds, seconds)) if grow else []
        drawn = counters.run(where, template, progress.bar, (rounds, seconds)) if count else []
        setting = _setting(where, template, plan, members, before)
    shown = tables.rows(chosen, found)
    _write(setting, shown, measured, grown, drawn)
    if shown:
        console.print(tables.table(shown))
    if measured:
        console.print(tables.bulk_table(measured))
    if grown:
        console.print(tables.growth_table(grown))
    if drawn:
        console.print(tables.counters_table(drawn))
    console.print(str(setting), style="dim")


def _chosen(only: list[str] | None) -> tuple[list[Operation], bool]:
    if not only:
        return list(OPERATIONS), True
    unknown = [name for name in only if name not in (*BY_NAME, "bulk", "none")]
    if unknown:
        known = ", ".join((*BY_NAME, "bulk", "none"))
        raise typer.BadParameter(f"{unknown[0]!r} is none of {known}")
    return [BY_NAME[name] for name in BY_NAME if name in only], "bulk" in only


def _requests(where: Place, template: str, plan: Plan) -> dict[str, dict[str, Result]]:
    notes.print("copying the database …")
    with place.copied(where, template, WORK) as database:
        drawn = asyncio.run(samples.take(where.serving(database), HOME))
        with _telling(running.steps(plan)) as tell:
            return running.run(where, database, drawn, plan, tell)


def _bulk(where: Place, template: str) -> list[bulk.Bulk]:
    notes.print("copying the database …")
    with place.copied(where, template, WORK) as database:
        asyncio.run(samples.set_clock(where.serving(database)))
        with _telling(bulk.STEPS) as tell:
            return bulk.run(where, database, HOME, tell)


@contextmanager
def _telling(steps: int) -> Iterator[Callable[[str], None]]:
    """A bar that says what is being done; each call ends the step before."""
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=notes) as shown:
        task, done = shown.add_task("", total=steps), itertools.count()
        yield lambda what: shown.update(task, completed=next(done), description=what)
        shown.update(task, completed=steps, description="done")


def _setting(where: Place, template: str, plan: Plan, members: int, before: str) -> Setting:
    async def read() -> tuple[int, str]:
        async with connection(where.owner(template)) as reader:
            return (
                await reader.fetchval(
                    "SELECT reltuples::bigint FROM pg_class WHERE relname = 'ledger_entry'"
                ),
                await reader.fetchval("SHOW server_version"),
            )

    entries, version = asyncio.run(read())
    return Setting(
        members=members,
        entries=entries,
        rounds=plan.rounds,
        seconds=plan.seconds,
        connections=plan.connections,
        load=f"{before}; {running.load_average()}",
        postgresql=version.split()[0],
        revision=_revision(),
    )


def _revision() -> str:
    asked = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


def _write(
    setting: Setting,
    shown: list[tables.Row],
    measured: list[bulk.Bulk],
    grown: list[Grown],
    drawn: list[Drawn],
) -> None:
    RESULTS.mkdir(exist_ok=True)
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    table = RESULTS / f"{name}.md"
    text = tables.markdown(setting, shown, measured, grown, drawn)
    table.write_text(text, encoding="utf-8")
    notes.print(f"written: {table}")
    if shown:
        picture = RESULTS / f"{name}.svg"
        picture.write_text(chart.svg(setting, shown), encoding="utf-8")
        notes.print(f"written: {picture}")


if __name__ == "__main__":
    try:
        typer.run(main)
    except (OperationError, Unlike, AnswerError, RuntimeError) as error:
        notes.print(f"error: {error}", markup=False)
        sys.exit(1)
