"""`make bench`: builds the database, measures, and writes what it found to `benchmarks/results`."""

import asyncio
import itertools
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
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

from benchmarks import (
    backtest,
    building,
    bulk,
    chart,
    counters,
    growth,
    memory,
    place,
    profile,
    running,
    samples,
    several,
    tables,
)
from benchmarks.load import AnswerError
from benchmarks.operations import BY_NAME, OPERATIONS, Operation
from benchmarks.place import HOME, RESULTS, Place
from benchmarks.profile import Profile
from benchmarks.rounds import Result, Unlike
from benchmarks.running import Plan
from benchmarks.tables import Found, Setting
from ops import progress
from ops.console import console, notes
from ops.errors import OperationError
from ops.postgres.connections import connection
from ops.settings import ROOT

MEMBERS, ENTRIES, MINUTES = 100_000, 1_000_000, 60
WORK = "bench_work"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be measured."""

    plan: Plan
    parts: Collection[str]
    members: int
    entries: int
    minutes: int
    profiled: bool


def _measure(where: Place, template: str, wanted: Wanted, found: Found) -> None:
    plan = wanted.plan
    if wanted.profiled:
        found.profiles += _profiles(where, template, plan)
        return
    if plan.operations:
        results, faults = _requests(where, template, plan)
        found.shown += tables.rows(plan.operations, results)
        found.faults += faults
    for part, measure in PARTS.items():
        if part in wanted.parts:
            measure(where, template, wanted, found)


def _in_bulk(where: Place, template: str, _: Wanted, found: Found) -> None:
    for one in _bulk(where, template, found.faults):
        found.bulk.append(one)


def _counters(where: Place, _: str, wanted: Wanted, found: Found) -> None:
    turns = wanted.plan.rounds, wanted.plan.seconds
    drawn, faults = counters.run(where, progress.bar, turns)
    found.drawn += drawn
    found.faults += faults


def _several(where: Place, template: str, wanted: Wanted, found: Found) -> None:
    found.several += several.run(where, template, progress.bar, wanted.plan)


def _backtest(where: Place, _: str, wanted: Wanted, found: Found) -> None:
    for played in backtest.run(where, wanted.members, progress.bar):
        found.played.append(played)


def _growth(where: Place, _: str, wanted: Wanted, found: Found) -> None:
    turns = wanted.plan.rounds, wanted.plan.seconds
    found.grown += growth.run(where, wanted.members, wanted.entries, progress.bar, turns)


def _memory(where: Place, template: str, wanted: Wanted, found: Found) -> None:
    found.held.append(memory.run(where, template, progress.bar, wanted.minutes))


PARTS: Mapping[str, Callable[[Place, str, Wanted, Found], None]] = {
    "bulk": _in_bulk,
    "counters": _counters,
    "several": _several,
    "backtest": _backtest,
    "growth": _growth,
    "memory": _memory,
}
"""What is measured beside the operations: of these `bulk` unless `--only` leaves it out."""


def main(
    only: Annotated[
        list[str] | None,
        typer.Option(help=f"What to measure: names of operations, {', '.join(PARTS)}."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All operations, and all that is beside them.")
    ] = False,
    members: Annotated[int, typer.Option(help="Members; each has 20 entries or so.")] = MEMBERS,
    rounds: Annotated[int, typer.Option(help="Rounds of each contender.")] = 3,
    seconds: Annotated[float, typer.Option(help="Seconds of a round.")] = 5.0,
    connections: Annotated[int, typer.Option(help="Connections that ask at once.")] = 16,
    workers: Annotated[int, typer.Option(help="Processes of each contender.")] = 1,
    entries: Annotated[int, typer.Option(help="Entries of the long ledger of `growth`.")] = ENTRIES,
    minutes: Annotated[int, typer.Option(help="Minutes of requests of `memory`.")] = MINUTES,
    profiled: Annotated[
        bool, typer.Option("--profile", help="Show where Milepost's time goes, beside nobody.")
    ] = False,
) -> None:
    """Measure Milepost beside a hand-written application on one database."""
    # ended like Ctrl-C, so that every server and the copy of the database go
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen, parts = _chosen(only, everything)
    plan = Plan(chosen, rounds, seconds, connections, workers)
    wanted = Wanted(plan, parts, members, entries, minutes, profiled)
    found, before = Found(), running.load_average()
    with place.opened() as where:
        template = asyncio.run(building.template(where, members, progress.bar))
        try:
            _measure(where, template, wanted, found)
        finally:
            # what was measured is shown, whatever broke off what comes after it
            _show(_setting(where, template, wanted, before), found)
    if found.faults:
        raise RuntimeError("what was written does not hold:\n" + "\n".join(found.faults[:20]))


def _chosen(only: list[str] | None, everything: bool) -> tuple[list[Operation], Collection[str]]:
    if everything:
        return list(OPERATIONS), PARTS.keys()
    if not only:
        return list(OPERATIONS), ("bulk",)
    unknown = [name for name in only if name not in (*BY_NAME, *PARTS)]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is none of {', '.join((*BY_NAME, *PARTS))}")
    return [BY_NAME[name] for name in BY_NAME if name in only], only


def _requests(
    where: Place, template: str, plan: Plan
) -> tuple[dict[str, dict[str, Result]], list[str]]:
    notes.print("copying the database …")
    with place.copied(where, template, WORK) as database:
        drawn = asyncio.run(samples.take(where.serving(database), HOME))
        with _telling(running.steps(plan)) as tell:
            return running.run(where, database, drawn, plan, tell)


def _profiles(where: Place, template: str, plan: Plan) -> Iterator[Profile]:
    notes.print("copying the database …")
    with place.copied(where, template, WORK) as database:
        drawn = asyncio.run(samples.take(where.serving(database), HOME))
        with _telling(len(plan.operations)) as tell:
            yield from profile.run(where, database, drawn, plan, tell)


def _bulk(where: Place, template: str, faults: list[str]) -> Iterator[bulk.Bulk]:
    notes.print("copying the database …")
    with place.copied(where, template, WORK) as database:
        asyncio.run(samples.set_clock(where.serving(database)))
        with _telling(bulk.STEPS) as tell:
            yield from bulk.run(where, database, HOME, tell, faults)


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


def _setting(where: Place, template: str, wanted: Wanted, before: str) -> Setting:
    plan = wanted.plan

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
        members=wanted.members,
        entries=entries,
        rounds=plan.rounds,
        seconds=plan.seconds,
        connections=plan.connections,
        load=f"{before}; {running.load_average()}",
        postgresql=version.split()[0],
        revision=_revision(),
        workers=plan.workers,
    )


def _revision() -> str:
    asked = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


def _show(setting: Setting, found: Found) -> None:
    """On the terminal, and in files."""
    RESULTS.mkdir(exist_ok=True)
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    table = RESULTS / f"{name}.md"
    table.write_text(tables.markdown(setting, found), encoding="utf-8")
    notes.print(f"written: {table}")
    if found.shown:
        picture = RESULTS / f"{name}.svg"
        picture.write_text(chart.svg(setting, found.shown), encoding="utf-8")
        notes.print(f"written: {picture}")
    for one in found.tables():
        console.print(one)
    console.print(str(setting), style="dim")


if __name__ == "__main__":
    try:
        typer.run(main)
    except (OperationError, Unlike, AnswerError, RuntimeError) as error:
        notes.print(f"error: {error}", markup=False)
        sys.exit(1)
