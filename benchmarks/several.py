"""Several processes: what two that answer on one port do, beside one, on as many cores.

Both are Milepost on one database and take turns; what is compared are requests a second of the
clock, and beside them CPU time, which more processes do not spare.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks import place, rounds, running, samples
from benchmarks.building import Bar
from benchmarks.operations import BY_NAME, Operation
from benchmarks.place import HOME, Place
from benchmarks.rounds import Result, Ring
from benchmarks.running import Plan

WORKERS = 2
MEASURED: Sequence[Operation] = (BY_NAME["dashboard"], BY_NAME["quote"], BY_NAME["earn"])
DATABASE = "bench_several"


@dataclass(slots=True)
class Several:
    """One operation of one process, and of `WORKERS`."""

    title: str
    one: Result = field(default_factory=Result)
    many: Result = field(default_factory=Result)

    @property
    def ratio(self) -> float:
        return self.many.median("per_second") / self.one.median("per_second")


def run(where: Place, template: str, bar: Bar, plan: Plan) -> list[Several]:
    """
    Raises: load.AnswerError, RuntimeError
    """
    with place.copied(where, template, DATABASE) as database:
        serving = where.serving(database)
        drawn = asyncio.run(samples.take(serving, HOME))
        ring = Ring(where.postmaster, database, plan.connections, plan.seconds)
        with (
            running.served(serving, "one") as one,
            running.served(serving, "many", WORKERS) as many,
            bar(f"{WORKERS} processes", len(MEASURED) * plan.rounds) as advance,
        ):
            found = []
            for operation in MEASURED:
                row = Several(operation.title)
                for contender in (one, many):
                    rounds.warm(operation, drawn, contender, ring)
                for _ in range(plan.rounds):
                    for contender, result in ((one, row.one), (many, row.many)):
                        asked = samples.requests(drawn, operation, contender.message)
                        result.rounds.append(rounds.measure(asked, contender, ring))
                    advance(1)
                found.append(row)
    return found
