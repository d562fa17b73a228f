"""A run: both contenders on one copy of the database, counted first, then measured in turns."""

import asyncio
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from uuid import UUID

import orjson

from benchmarks import processes, rounds, samples
from benchmarks.operations import Operation
from benchmarks.place import HOME, Place
from benchmarks.rounds import Contender, Result, Ring
from benchmarks.samples import Samples
from domain.proof import invariants, verification
from domain.proof.evidence import Catalogue
from ops.commands.keys import development_key
from ops.postgres.connections import connection
from ops.postgres.database import connected
from tests.support import wire
from tests.support.wire import Count

MILEPOST, LIMIT = "Milepost", "limit"
CONTENDERS = (MILEPOST, LIMIT)
CHECKED = 300
"""At most so many of the members that were written to are verified after all writes: those whose
ids have the smallest MD5 sums.
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for: which operations, how many rounds of how many seconds."""

    operations: Sequence[Operation]
    rounds: int
    seconds: float
    connections: int
    workers: int = 1
    """Processes of each contender."""


Tell = Callable[[str], None]
"""Called with what begins now, one step of the plan."""


def steps(plan: Plan) -> int:
    """How often `Tell` is called."""
    return len(plan.operations) * (1 + plan.rounds * len(CONTENDERS)) + 1


def run(
    where: Place, database: str, drawn: Samples, plan: Plan, tell: Tell
) -> tuple[dict[str, dict[str, Result]], list[str]]:
    """Results by operation and contender, and what does not hold of what was written.

    Raises: rounds.Unlike, load.AnswerError, RuntimeError
    """
    found = {
        operation.name: {name: Result() for name in CONTENDERS} for operation in plan.operations
    }
    serving = where.serving(database)
    with counted_lines(serving, len(CONTENDERS)) as lines:
        urls = [line.url for line in lines]
        with contenders(urls, drawn.partner) as behind_lines:
            for operation in plan.operations:
                tell(f"{operation.title}: statements")
                rounds.compare(operation, drawn, behind_lines)
                for contender, line in zip(behind_lines, lines, strict=True):
                    counted = rounds.count(operation, drawn, contender, line)
                    found[operation.name][contender.name].statements = counted
    ring = Ring(where.postmaster, database, plan.connections, plan.seconds)
    with contenders([serving] * len(CONTENDERS), drawn.partner, plan.workers) as asked:
        for operation in plan.operations:
            for contender in asked:
                rounds.warm(operation, drawn, contender, ring)
            for number in range(plan.rounds):
                for contender in asked:
                    tell(f"{operation.title}: {contender.name}, round {number + 1}")
                    requests = samples.requests(drawn, operation, contender.message)
                    measured = rounds.measure(requests, contender, ring)
                    found[operation.name][contender.name].rounds.append(measured)
    tell("verifying what was written")
    return found, asyncio.run(verify_written(serving))


@contextmanager
def served(url: str, name: str = MILEPOST, workers: int = 1) -> Iterator[Contender]:
    """Milepost by so many processes."""
    port = processes.free_port()
    arguments = ["ops", "serve", "--port", str(port), "--no-migrate", "--no-worker"]
    arguments += ["--workers", str(workers)]
    variables = {"MILEPOST_DATABASE_URL": url}
    with processes.served(arguments, port, HOME, variables) as own:
        yield Contender(name, own.pid, own.port, samples.to_milepost(own.port))


@contextmanager
def contenders(urls: Sequence[str], partner: str, workers: int = 1) -> Iterator[list[Contender]]:
    """Both servers, each on its URL of the database."""
    milepost, limit = urls
    key = orjson.dumps(development_key(HOME).as_dict(private=False)).decode()
    with ExitStack() as stack:
        own = stack.enter_context(served(milepost, workers=workers))
        other_port = processes.free_port()
        given = {
            "LIMIT_DATABASE_URL": limit,
            "LIMIT_PARTNER_KEY": partner,
            "LIMIT_SIGNING_KEY": key,
        }
        arguments = ["benchmarks.limit", str(other_port), str(workers)]
        other = stack.enter_context(processes.served(arguments, other_port, HOME, given))
        yield [own, Contender(LIMIT, other.pid, other.port, samples.to_limit(other.port))]


@contextmanager
def counted_lines(url: str, number: int) -> Iterator[list[Count]]:
    """So many lines to a database on which statements are counted, in a thread of their own."""
    ready, opened = threading.Event(), list[Count]()
    loop = asyncio.new_event_loop()
    ended = asyncio.Event()

    async def keep() -> None:
        async with wire.counted(url) as first, wire.counted(url) as second:
            opened.extend([first, second][:number])
            ready.set()
            await ended.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(keep(),), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield opened
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)


async def verify_written(serving: str) -> list[str]:
    """What verification says against `CHECKED` members that this run wrote to."""
    async with connection(serving) as reader:
        found = await reader.fetch(
            "SELECT member_id FROM (SELECT DISTINCT member_id FROM outbox_event) AS e "
            "ORDER BY md5(member_id::text) LIMIT $1",
            CHECKED,
        )
    faults = []
    async with connected(serving, pool_max=2, everywhere=False):
        known = Catalogue({}, {})
        for row in found:
            member_id = row["member_id"]
            loaded = await verification.read(_before(member_id), member_id)
            known = await verification.read_catalogue(known, loaded)
            for member in loaded:
                faults += [str(fault) for fault in invariants.check(member, known)]
    return faults


def _before(member_id: UUID) -> UUID:
    """The id before this one."""
    return UUID(int=member_id.int - 1)


def load_average() -> str:
    return " ".join(f"{one:.1f}" for one in os.getloadavg())
