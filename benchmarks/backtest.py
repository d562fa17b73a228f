"""Back-tests: bookings a second that the runner itself plays, and the memory that it takes.

The policy in force is played beside itself, beside a candidate with less of one bonus, and beside
one with other points, thresholds and expiry, over the year before `histories.NOW`. Each back-test
runs in a process of its own, on a database with so many members and on one with four times as
many. The rate is of bookings in the database, each of which counts for both sides, a second of
CPU: what one core does.

`python -m benchmarks.backtest URL CANDIDATE` plays one on a database that has been built.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from benchmarks import building, histories, place, processes
from benchmarks.building import Bar
from benchmarks.place import Place
from domain.backtests import backtests, runs
from domain.backtests.backtests import BacktestSent, BacktestStatus
from domain.kernel.callers import EVERY_ROLE, Caller, CallerKind
from domain.kernel.database import rows
from domain.kernel.idempotency import Request
from domain.kernel.ids import new_id
from domain.programmes import programmes
from ops.collecting import collect_rarely
from ops.postgres.database import connected
from ops.settings import ROOT

TARGET = 20_000
"""Bookings a second of one core that the law asks for."""

MEMBERS_MAX, TIMES = 14_400, 4
"""200 000 bookings, and how many times the smaller database has of them."""

DATABASE = "bench_backtest"
_BONUS = "when: {products: [flight], min_amount: 2000}\n    points: "
CHANGES: dict[str, Sequence[tuple[str, str]]] = {
    "in force": (),
    "a bonus": ((f"{_BONUS}500\n", f"{_BONUS}400\n"),),
    "changed": (
        ("points: 500\n", "points: 400\n"),
        ("threshold: 5000\n", "threshold: 4000\n"),
        ("expiry: {months: 12,", "expiry: {months: 9,"),
    ),
}
"""What of the document in force is replaced, by the name of the candidate that this makes."""


@dataclass(frozen=True, slots=True)
class Played:
    """One back-test: seconds of CPU of its process and of PostgreSQL, and the peak of memory."""

    candidate: str
    members: int
    bookings: int
    own_seconds: float
    postgres_seconds: float
    peak_bytes: int
    hash: str

    @property
    def own_rate(self) -> float:
        return self.bookings / max(self.own_seconds, 0.01)

    @property
    def rate(self) -> float:
        """Of process and PostgreSQL together."""
        return self.bookings / max(self.own_seconds + self.postgres_seconds, 0.01)


def run(where: Place, members: int, bar: Bar) -> Iterator[Played]:
    """Each candidate on the smaller database, then on the larger one."""
    most = min(members, MEMBERS_MAX)
    for size in (max(1, most // TIMES), most):
        template = asyncio.run(building.template(where, size, bar))
        with place.copied(where, template, DATABASE) as database:
            for candidate in CHANGES:
                with bar(f"{candidate}, {size} members", 1) as advance:
                    yield _measured(where, database, candidate)
                    advance(1)


def _measured(where: Place, database: str, candidate: str) -> Played:
    """
    Raises: RuntimeError with what it said, if it fails.
    """
    before = _postgres_seconds(where, database)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.backtest", where.serving(database), candidate],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{done.stdout[-1000:]}{done.stderr[-3000:]}")
    processes.await_endings(where.postmaster)
    taken = _postgres_seconds(where, database) - before
    return Played(**json.loads(done.stdout), candidate=candidate, postgres_seconds=taken)


def _postgres_seconds(where: Place, database: str) -> float:
    alive = processes.backends(where.postmaster, database)
    return sum(alive.values()) + processes.ended_seconds(where.postmaster)


async def play(serving: str, candidate: str) -> dict[str, object]:
    """Play one back-test to its end; what it took of this process alone."""
    async with connected(serving, pool_max=2, everywhere=False):
        programme, now = await programmes.get(histories.PROGRAMME), histories.NOW
        who = Caller(CallerKind.STAFF, programme.id, programme.code, "bench", roles=EVERY_ROLE)
        request = Request(who, f"bench-{new_id()}", now)
        started = await backtests.start(request, programme, BacktestSent(_document(candidate)))
        wanted = UUID(started.figures["backtest_id"])
        before = time.process_time()
        while not (found := await backtests.get(programme.id, wanted)).finished:
            await runs.step(programme, found, now)
        seconds = time.process_time() - before
        [counted] = await rows("SELECT count(*) AS bookings FROM booking")
    if found.status is not BacktestStatus.DONE or found.hash is None:
        raise RuntimeError(f"the back-test is {found.status}: {found.failure}")
    return {
        "members": found.members,
        "bookings": counted["bookings"],
        "own_seconds": seconds,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "hash": found.hash.hex(),
    }


def _document(candidate: str) -> str:
    text = histories.DOCUMENT.read_text(encoding="utf-8")
    for before, after in CHANGES[candidate]:
        assert before in text
        text = text.replace(before, after)
    return text


def parser() -> argparse.ArgumentParser:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("serving", help="URL of the database, as its serving role")
    asked.add_argument("candidate", choices=[*CHANGES])
    return asked


def main() -> None:
    given = parser().parse_args()
    collect_rarely()
    print(json.dumps(asyncio.run(play(given.serving, given.candidate))))


if __name__ == "__main__":
    main()
