"""Memory: what a process holds after every minute of an hour in which it is asked for all there is.

Each minute, the hot operations are asked for in turns, for a while each; then the server's
resident memory is read, with that of the processes that it started. Caches fill in the first
minutes, so that the minutes after these are compared: the last of them by the first.
"""

import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks import load, place, processes, running, samples
from benchmarks.building import Bar
from benchmarks.operations import OPERATIONS
from benchmarks.place import HOME, Place
from benchmarks.rounds import Contender

DATABASE = "bench_memory"
MINUTE = 60.0
ASKED_SECONDS = 1.0
"""For how long each operation is asked for in a minute."""

CONNECTIONS = 8
WARM_PART = 6
"""One part in so many of the minutes is left for caches to fill; as many are compared."""
MOST = 1.05


@dataclass(slots=True)
class Held:
    """Megabytes after each minute, and the requests that were answered until then."""

    minutes: int
    megabytes: list[float] = field(default_factory=list)
    requests: int = 0

    @property
    def part(self) -> int:
        return max(1, self.minutes // WARM_PART)

    @property
    def early(self) -> float:
        return statistics.median(self.megabytes[self.part : 2 * self.part] or self.megabytes)

    @property
    def late(self) -> float:
        return statistics.median(self.megabytes[-self.part :])

    @property
    def ratio(self) -> float:
        return self.late / self.early


def run(where: Place, template: str, bar: Bar, minutes: int) -> Held:
    """
    Raises: load.AnswerError, RuntimeError
    """
    held = Held(minutes)
    with place.copied(where, template, DATABASE) as database:
        serving = where.serving(database)
        drawn = asyncio.run(samples.take(serving, HOME))
        with (
            running.served(serving) as contender,
            bar(f"{minutes} minutes of requests", minutes) as advance,
        ):
            asked = [samples.requests(drawn, one, contender.message) for one in OPERATIONS]
            for _ in range(minutes):
                ends = time.monotonic() + MINUTE
                held.requests += _ask(contender, asked)
                time.sleep(max(0.0, ends - time.monotonic()))
                held.megabytes.append(processes.family_bytes(contender.pid) / 1e6)
                advance(1)
    return held


def _ask(contender: Contender, asked: Sequence[Iterator[bytes]]) -> int:
    """Each operation for a while; how many requests were answered."""
    return sum(
        load.run(contender.port, requests, CONNECTIONS, ASKED_SECONDS).requests
        for requests in asked
    )
