"""Where the time of a request goes in Milepost's process: samples of it, put into parts and rooms.

A sample belongs to the innermost of its functions that a part names, so that what a library does
belongs to whoever called it, where the library has no part of its own.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import orjson
from rich.table import Table

from benchmarks import load, processes, rounds, samples
from benchmarks.operations import Operation
from benchmarks.place import HOME, Place
from benchmarks.rounds import Contender, Ring
from benchmarks.running import MILEPOST, Plan, Tell
from benchmarks.samples import Samples
from benchmarks.sampling import BEGIN, END

WRITTEN_SECONDS = 30
SHOWN = 12
"""Rooms and functions that are shown of an operation."""

SERVER = "server and loop"
PARTS: Mapping[str, Sequence[str]] = {
    SERVER: ("uvicorn/", "ops/", "benchmarks/sampling.py"),
    "transport and log": ("starlette/", "structlog/", "cross_web/", "strawberry/", "api/edge/"),
    "caller, token and rate": (
        "api/edge/auth.py",
        "api/edge/tokens.py",
        "api/edge/turnstile.py",
        "api/edge/rates.py",
        "domain/kernel/revocations.py",
        "domain/members/identity.py",
        "domain/partners/",
    ),
    "document: look-up, permission, price": (
        "api/edge/gate.py",
        "api/edge/admission.py",
        "api/edge/measure.py",
        "api/edge/sent.py",
        "api/edge/documents.py",
        "api/edge/execution.py",
        "api/kit/permissions.py",
    ),
    "graphql-core and plans": ("graphql/", "strawberry/types/", "api/kit/", "api/schema.py"),
    "arguments": (
        "graphql/execution/values.py",
        "graphql/utilities/",
        "api/kit/arguments.py",
        "api/kit/inputs.py",
    ),
    "statement: pool and driver": (
        "asyncpg/",
        "tortoise/",
        "ops/postgres/",
        "domain/kernel/database.py",
        "domain/kernel/queries.py",
        "domain/kernel/writes.py",
    ),
    "rows to objects": ("domain/", "models/", "api/kit/connections.py", "api/kit/relay.py"),
    "objects of the answer": ("api/",),
    "wording": ("api/wording/", "babel/"),
    "judging": (
        "domain/earning/",
        "domain/programmes/",
        "domain/checkout/",
        "domain/bookings/",
        "domain/experiments/",
        "domain/tiers/",
    ),
    "hashes and seals": (
        "domain/kernel/canonical.py",
        "domain/kernel/sealing.py",
        "domain/kernel/sealed_rows.py",
        "domain/ledger/digest.py",
        "domain/accounts/seals.py",
    ),
    "encoding": ("api/edge/endpoint.py:encode_json",),
    "cycles of objects": ("benchmarks/sampling.py:collected",),
}
"""Beginnings of functions' names; of several that fit the longest counts."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Functions, the innermost first, and how often the process was found in them."""

    stack: Sequence[str]
    count: int


@dataclass(frozen=True, slots=True)
class Profile:
    """One operation: CPU milliseconds of a request, and what they were found to go to."""

    operation: Operation
    cpu_ms: float
    samples: Sequence[Sample]

    @property
    def taken(self) -> int:
        return sum(sample.count for sample in self.samples)

    def by(self, name: Callable[[Sequence[str]], str]) -> list[tuple[str, float]]:
        """Shares of what `name` calls the stacks, the largest first."""
        found = Counter[str]()
        for sample in self.samples:
            found[name(sample.stack)] += sample.count
        return [(called, count / self.taken) for called, count in found.most_common()]


def part_of(stack: Sequence[str]) -> str:
    return next(filter(None, map(_part, stack)), SERVER)


@cache
def _part(function: str) -> str | None:
    fitting = [
        (len(prefix), part)
        for part, prefixes in PARTS.items()
        for prefix in prefixes
        if function.startswith(prefix)
    ]
    return max(fitting)[1] if fitting else None


def room_of(stack: Sequence[str]) -> str:
    """The folder of ours, or the package, of the innermost function that a part names."""
    own = next(filter(_part, stack), SERVER)
    folders = own.partition(":")[0].split("/")
    ours = folders[0] in ("api", "domain", "ops") and len(folders) > 2
    return "/".join(folders[:2]) if ours else folders[0]


def function_of(stack: Sequence[str]) -> str:
    return next(filter(_part, stack), SERVER)


def run(where: Place, database: str, drawn: Samples, plan: Plan, tell: Tell) -> Iterator[Profile]:
    """A profile of each operation, by a server of its own."""
    ring = Ring(where.postmaster, database, plan.connections, plan.rounds * plan.seconds)
    for operation in plan.operations:
        tell(f"{operation.title}: profile")
        with _sampled(where.serving(database)) as (contender, written):
            rounds.warm(operation, drawn, contender, ring)
            yield _profile(operation, drawn, contender, ring, written)


@contextmanager
def _sampled(url: str) -> Iterator[tuple[Contender, Path]]:
    """Milepost by one process that writes its samples to a file."""
    port, written = processes.free_port(), HOME / "samples.json"
    written.unlink(missing_ok=True)
    arguments = ["benchmarks.sampling", str(written), "serve", "--port", str(port)]
    arguments += ["--no-migrate", "--no-worker"]
    with processes.served(arguments, port, HOME, {"MILEPOST_DATABASE_URL": url}) as own:
        yield Contender(MILEPOST, own.pid, own.port, samples.to_milepost(own.port)), written


def _profile(
    operation: Operation, drawn: Samples, contender: Contender, ring: Ring, written: Path
) -> Profile:
    requests = samples.requests(drawn, operation, contender.message)
    os.kill(contender.pid, BEGIN)
    cpu = processes.cpu_seconds(contender.pid)
    done = load.run(contender.port, requests, ring.connections, ring.seconds)
    cpu = processes.cpu_seconds(contender.pid) - cpu
    os.kill(contender.pid, END)
    deadline = time.monotonic() + WRITTEN_SECONDS
    while not written.exists():
        if time.monotonic() > deadline:
            raise RuntimeError("the server has written no samples")
        time.sleep(0.01)
    found = [Sample(one["stack"], one["count"]) for one in orjson.loads(written.read_bytes())]
    return Profile(operation, 1000 * cpu / done.requests, found)


def cells(profile: Profile) -> list[tuple[str, ...]]:
    """Part, share and milliseconds, in the order of `PARTS`, so that two runs can be compared."""
    shares = dict(profile.by(part_of))
    return [_cells(profile, part, shares[part]) for part in PARTS if part in shares]


def _cells(profile: Profile, name: str, share: float) -> tuple[str, ...]:
    return name, f"{share:.1%}", f"{share * profile.cpu_ms:.3f}"


HEAD = ("part", "share", "ms a request")


def title(profile: Profile) -> str:
    return f"{profile.operation.title}: {profile.cpu_ms:.2f} ms of CPU, {profile.taken:,} samples"


def table(profile: Profile) -> Table:
    made = Table(*HEAD, title=title(profile))
    for row in cells(profile):
        made.add_row(*row)
    return made


def largest(profile: Profile) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """The rooms and the functions that most is found in, each with what it has called of Python's
    own.
    """
    for head, name in (("room", room_of), ("function", function_of)):
        yield head, [_cells(profile, called, share) for called, share in profile.by(name)[:SHOWN]]
