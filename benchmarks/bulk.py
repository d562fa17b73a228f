"""What is not a request: imports, the sweep, verification, starting; and policies alone.

Each takes a part of the work that is enough for a rate. Rates are per second of CPU, of the
process and PostgreSQL's backends together: what one core does, whatever runs beside it.
"""

import asyncio
import csv
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random

from benchmarks import histories, processes, sending
from benchmarks.evaluation import measure as evaluation
from benchmarks.place import Place
from domain.accounts import sweeps
from domain.kernel import cache
from domain.programmes import programmes
from domain.proof import verification
from ops.postgres.database import connected
from ops.settings import ROOT
from ops.worker.worker import CONNECTIONS

ROWS, ROWS_A_MEMBER = 8_000, 8
"""Enough for the start of the command, more than a second, to be a small part."""
SWEPT, VERIFIED = 2_000, 20_000
STARTS = 3


@dataclass(frozen=True, slots=True)
class Rate:
    """Units a second of CPU, and a second of the clock."""

    per_cpu_second: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Started:
    """Seconds of the clock until it was ready, and of CPU."""

    seconds: float
    cpu: float


@dataclass(slots=True)
class Meter:
    """Seconds of CPU and of the clock that a block took."""

    cpu: float = 0.0
    seconds: float = 0.0

    def rate(self, units: int) -> Rate:
        return Rate(units / max(self.cpu, 0.01), units / max(self.seconds, 0.001))


@dataclass(frozen=True, slots=True)
class Bulk:
    """One measure: what it is called, its target and unit, and what was found; none where not."""

    title: str
    unit: str
    target: float
    found: float | None
    note: str = ""
    less_is_better: bool = False

    @property
    def holds(self) -> bool | None:
        if self.found is None:
            return None
        return self.found <= self.target if self.less_is_better else self.found >= self.target


Tell = Callable[[str], None]
STEPS = 8


def run(where: Place, database: str, home: Path, tell: Tell, faults: list[str]) -> Iterator[Bulk]:
    """All of them, on a database that is used up; the faults that `verify` finds are added."""
    serving = where.serving(database)
    for title, target, as_history in (
        ("import of bookings, now", 2_000, False),
        ("import of bookings, as history", 4_000, True),
    ):
        tell(title)
        rate = imported(where, database, home, as_history=as_history)
        yield _rated(title, "rows", target, rate)
    tell("expiry sweep")
    yield _rated("expiry sweep", "lots", 3_000, _metered(where, database, _swept(serving)))
    tell("verification")
    rate = _metered(where, database, _verified(serving, faults))
    yield _rated("`verify`", "entries", 30_000, rate)
    tell("sending")
    title = "events, numbered and sent to three endpoints"
    yield _rated(title, "events", 500, _sent(where, database))
    tell("start of a server")
    variables = {
        "MILEPOST_DATABASE_URL": serving,
        "MILEPOST_OWNER_DATABASE_URL": where.owner(database),
    }
    yield _timed("`serve` to ready, migrated", 2.0, partial(_start, variables, home))
    tell("start of the command line")
    yield _timed("`ops --help`", 0.3, _help)
    tell("policies alone")
    yield Bulk("policy evaluation alone (`ota`)", "bookings/s", 20_000, evaluation.per_second())


def _rated(title: str, unit: str, target: float, rate: Rate) -> Bulk:
    note = f"{rate.per_second:,.0f} a second of the clock"
    return Bulk(title, f"{unit}/s", target, rate.per_cpu_second, note)


def imported(where: Place, database: str, home: Path, *, as_history: bool) -> Rate:
    """A file of bookings of new members, by the command itself."""
    file = home / "bookings.csv"
    _write(file, as_history=as_history)
    options = ["--enrol", *(["--history"] if as_history else [])]
    arguments = ["import", "bookings", str(file), "--programme", histories.PROGRAMME, *options]
    with metering(where, database) as meter:
        command([*arguments], home, where.serving(database))
    return meter.rate(ROWS)


def _write(file: Path, *, as_history: bool) -> None:
    draw, kind = Random(int(as_history)), "history" if as_history else "now"
    with file.open("w", newline="") as text:
        rows = csv.writer(text)
        rows.writerow(("member", "reference", "booked_at", "product", "amount"))
        for number in range(ROWS):
            days = ROWS_A_MEMBER - number % ROWS_A_MEMBER
            at = histories.NOW - timedelta(days=20 * days, minutes=draw.randrange(600))
            member = f"{kind}-{number // ROWS_A_MEMBER}"
            product = draw.choice(histories.PRODUCTS)
            amount = f"{draw.randrange(50, 900)}.{draw.randrange(100):02d}"
            rows.writerow((member, f"{kind}-{number}", at.isoformat(), product, amount))


def command(arguments: list[str], home: Path, serving: str) -> None:
    """Run a command on the database.

    Raises: RuntimeError with what it said, if it fails.
    """
    environment = {
        **{name: value for name, value in os.environ.items() if name[:9] != "MILEPOST_"},
        "PYTHONPATH": str(ROOT),
        "MILEPOST_HOME": str(home),
        "MILEPOST_DATABASE_URL": serving,
    }
    done = subprocess.run(
        [sys.executable, "-m", "ops", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{arguments}: {done.stdout[-1000:]}{done.stderr[-3000:]}")


@contextmanager
def metering(where: Place, database: str) -> Iterator[Meter]:
    """CPU of this process, of its children that end meanwhile, and of PostgreSQL's server.

    Backends end with their connections: their time is then their server's.
    """
    meter, started = Meter(), time.monotonic()
    before, own = _postgres_seconds(where, database), sum(os.times()[:4])
    try:
        yield meter
    finally:
        meter.seconds = time.monotonic() - started
        processes.await_endings(where.postmaster)
        own = sum(os.times()[:4]) - own
        meter.cpu = own + _postgres_seconds(where, database) - before


def _postgres_seconds(where: Place, database: str) -> float:
    alive = processes.backends(where.postmaster, database)
    return sum(alive.values()) + processes.ended_seconds(where.postmaster)


def _metered(where: Place, database: str, work: Callable[[], Awaitable[int]]) -> Rate:
    async def run() -> Rate:
        with metering(where, database) as meter:
            units = await work()
        return meter.rate(units)

    return asyncio.run(run())


def _swept(serving: str) -> Callable[[], Awaitable[int]]:
    """Expiries within a month, nearly each of one lot, of the first members that have any."""
    until = histories.NOW + timedelta(days=30)

    async def work() -> int:
        async with connected(serving, pool_max=2, everywhere=False):
            programme, members, entries = await programmes.get(histories.PROGRAMME), 0, 0
            async for swept in sweeps.sweep(programme, until):
                members, entries = members + 1, entries + swept.entries
                if members == SWEPT:
                    break
        return entries

    return work


def _verified(serving: str, faults: list[str]) -> Callable[[], Awaitable[int]]:
    async def work() -> int:
        entries = 0
        async with connected(serving, pool_max=2, everywhere=False):
            async for batch in verification.batches():
                faults.extend(map(str, batch.faults))
                entries += batch.entries
                if entries >= VERIFIED:
                    break
        return entries

    return work


def _sent(where: Place, database: str) -> Rate:
    """One worker's work, without that of the endpoints."""

    async def run(urls: Sequence[str]) -> Rate:
        serving = where.serving(database)
        async with connected(serving, pool_max=CONNECTIONS, everywhere=False):
            outgoing = await sending.furnish(histories.PROGRAMME, urls)
        with metering(where, database) as meter:
            opened = connected(serving, pool_max=CONNECTIONS, everywhere=False)
            async with opened, cache.listening(serving):
                units = await sending.send(outgoing)
        return meter.rate(units)

    with sending.listening() as urls, sending.unread():
        return asyncio.run(run(urls))


def _timed(title: str, target: float, start: Callable[[], Started]) -> Bulk:
    """The median of a few starts, with the CPU time that one took."""
    found = sorted((start() for _ in range(STARTS)), key=lambda one: one.seconds)
    middle = found[len(found) // 2]
    note = f"{middle.cpu:.2f} s of CPU"
    return Bulk(title, "s", target, middle.seconds, note, less_is_better=True)


def _start(variables: Mapping[str, str], home: Path) -> Started:
    port = processes.free_port()
    arguments = ["ops", "serve", "--port", str(port), "--no-worker"]
    with processes.served(arguments, port, home, variables) as served:
        return Started(served.seconds, processes.cpu_seconds(served.pid))


def _help() -> Started:
    before, started = sum(os.times()[2:4]), time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "ops", "--help"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return Started(time.monotonic() - started, sum(os.times()[2:4]) - before)
