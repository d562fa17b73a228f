"""Rounds of one operation, the contenders taking turns, and what each came to."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from benchmarks import load, processes, samples
from benchmarks.operations import Operation
from benchmarks.samples import Message, Samples
from tests.support.wire import Count

WARM_SECONDS = 1.0
ANY_SECONDS = 600.0
COUNTED_WARM, COUNTED = 30, 40
COMPARED = 25
"""Requests that both contenders have to answer alike before a read is measured."""


class Unlike(Exception):
    """Contenders that do not say the same: what each said."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A server that is measured, and how it is asked."""

    name: str
    pid: int
    port: int
    message: Message


@dataclass(frozen=True, slots=True)
class Round:
    """Requests a second, seconds of the median and of the slowest in a hundred, and CPU
    milliseconds a request of the server and of PostgreSQL.
    """

    per_second: float
    median: float
    p99: float
    server_ms: float
    postgres_ms: float
    client: float
    """Part of the time that the client itself was busy."""


@dataclass(frozen=True, slots=True)
class Statements:
    """A request's statements, of which so many begin or end transactions, and its round trips."""

    statements: float
    bounds: float
    round_trips: float


@dataclass(slots=True)
class Result:
    """One operation of one contender."""

    rounds: list[Round] = field(default_factory=list)
    statements: Statements | None = None

    def median(self, name: str) -> float:
        found: float = statistics.median(getattr(one, name) for one in self.rounds)
        return found

    @property
    def cpu_ms(self) -> float:
        return self.median("server_ms") + self.median("postgres_ms")


@dataclass(frozen=True, slots=True)
class Ring:
    """Where the contenders meet: the server of their database, by its process and name."""

    postmaster: int
    database: str
    connections: int
    seconds: float


def compare(operation: Operation, drawn: Samples, contenders: Sequence[Contender]) -> None:
    """Raises: Unlike where contenders answer the same read differently."""
    if operation.writes:
        return
    for _ in range(COMPARED):
        token, variables = drawn.asked(operation)
        answers = []
        for one in contenders:
            message = one.message(operation, token, variables)
            answer = load.run(one.port, iter([message]), 1, 0).last
            answers.append(orjson.loads(load.body(answer))["data"])
        said = [canonical(answer) for answer in answers]
        if len(set(said)) > 1:
            raise Unlike(f"{operation.name}:\n" + "\n".join(said))


def canonical(answer: object) -> str:
    """One text for one answer: its values as they are written, names in alphabetical order.

    Unlike ==, it tells 1 from 1.0 and from true.
    """
    return orjson.dumps(answer, option=orjson.OPT_SORT_KEYS).decode()


def count(operation: Operation, drawn: Samples, contender: Contender, line: Count) -> Statements:
    """Statements of a request, once everything that is remembered is; one at a time.

    The median of single requests: now and then one does some work for others.
    """
    taken = []
    for message in _some(operation, drawn.of_one(), contender, COUNTED_WARM + COUNTED):
        line.clear()
        load.run(contender.port, iter([message]), 1, 0)
        taken.append((line.statements, line.bounds, line.round_trips))
    columns = zip(*taken[COUNTED_WARM:], strict=True)
    return Statements(*(statistics.median(column) for column in columns))


def _some(operation: Operation, drawn: Samples, contender: Contender, most: int) -> Iterator[bytes]:
    requests = samples.requests(drawn, operation, contender.message)
    for _, message in zip(range(most), requests, strict=False):
        yield message


def warm(operation: Operation, drawn: Samples, contender: Contender, ring: Ring) -> None:
    """Each reader once, so that its token is known, and then as it is measured."""
    first = (contender.message(operation, *asked) for asked in drawn.readers(operation))
    load.run(contender.port, first, ring.connections, ANY_SECONDS)
    requests = samples.requests(drawn, operation, contender.message)
    load.run(contender.port, requests, ring.connections, WARM_SECONDS)


def measure(requests: Iterator[bytes], contender: Contender, ring: Ring) -> Round:
    """One round.

    Raises: load.AnswerError; RuntimeError if nothing is left to ask for
    """
    before = processes.backends(ring.postmaster, ring.database)
    server = processes.family_seconds(contender.pid)
    done = load.run(contender.port, requests, ring.connections, ring.seconds)
    server = processes.family_seconds(contender.pid) - server
    postgres = processes.taken(before, processes.backends(ring.postmaster, ring.database))
    ordered = sorted(done.latencies)
    if not ordered:
        raise RuntimeError("nothing is left to ask for; take more --members or --seconds 1")
    return Round(
        per_second=done.requests / done.seconds,
        median=ordered[len(ordered) // 2],
        p99=ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
        server_ms=1000 * server / done.requests,
        postgres_ms=1000 * postgres / done.requests,
        client=done.client_cpu_seconds / done.seconds,
    )


Results = Mapping[str, Mapping[str, Result]]
"""By operation and contender."""
