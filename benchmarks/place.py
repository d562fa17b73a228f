"""Where benchmarks run: a PostgreSQL of their own, a kept template, and a copy that a run uses up.

The template is named by its size and by a digest of what it was made from, so that it is built
anew after a change of the schema, of the builder, or of the code that makes hashes and seals.
"""

import asyncio
import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops.errors import OperationError
from ops.postgres import cluster, embedded
from ops.postgres.cluster import Cluster
from ops.postgres.connections import connection, role
from ops.settings import ROOT
from ops.upgrade import migrate

HOME = ROOT / ".milepost" / "benchmarks"
RESULTS = ROOT / "benchmarks" / "results"
MADE_FROM = (
    "migrations/models/*.py",
    "benchmarks/histories.py",
    "benchmarks/cloning.py",
    "benchmarks/building.py",
    "domain/programmes/documents/ota.yaml",
    "domain/programmes/documents/rewards/ota.yaml",
    "domain/ledger/digest.py",
    "domain/accounts/seals.py",
    "domain/proof/chain_checks.py",
    "domain/proof/first_seals.py",
    "domain/kernel/audit*.py",
    "domain/kernel/canonical.py",
    "domain/kernel/commitments.py",
    "domain/kernel/merkle.py",
    "domain/kernel/seal*.py",
    "domain/kernel/secrecy.py",
)
"""Schema, builder, policy, and the code of hashes and seals. The rest of `domain/` plays the
histories too, but it changes often, and what it writes seldom: after such a change the template
has to be dropped by hand.
"""

SETTINGS = {
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "autovacuum": "off",
}
"""What a server of this size is given; autovacuum would take its turns at random."""


@dataclass(frozen=True, slots=True)
class Place:
    """A running cluster, by the roles and databases that are asked for."""

    cluster: Cluster

    def administrator(self, database: str = "postgres") -> str:
        return cluster.url(self.cluster, cluster.SUPERUSER, database)

    def owner(self, database: str) -> str:
        return cluster.url(self.cluster, cluster.OWNER_ROLE, database)

    def serving(self, database: str) -> str:
        return cluster.url(self.cluster, cluster.SERVING_ROLE, database)

    @property
    def postmaster(self) -> int:
        """The process whose children are the backends."""
        return int((self.cluster.data / "postmaster.pid").read_text().split()[0])


@contextmanager
def opened() -> Iterator[Place]:
    """The cluster runs inside this block, with `SETTINGS`, for this process alone.

    Raises: OperationError while another run has it.
    """
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperationError(f"another run measures on {HOME}: wait for its end") from None
        with embedded.using(HOME) as shared:
            _configure(shared)
        with embedded.using(HOME) as shared:
            yield Place(shared)


def _configure(shared: Cluster) -> None:
    """Appended once; it holds from the next start on."""
    configuration = shared.data / "postgresql.conf"
    mark = "# benchmarks"
    text = configuration.read_text()
    if mark not in text:
        lines = [mark, *(f"{name} = '{value}'" for name, value in SETTINGS.items())]
        configuration.write_text(text + "\n" + "\n".join(lines) + "\n")


def template_name(members: int, root: Path = ROOT) -> str:
    """`bench_100000_1f2e3d4c`: its size, and a digest of the names and contents of `MADE_FROM`."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in MADE_FROM for path in root.glob(pattern)}):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root)} {content}\n".encode())
    return f"bench_{members}_{digest.hexdigest()[:8]}"


async def exists(place: Place, name: str) -> bool:
    async with connection(place.administrator()) as opened:
        found = await opened.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name)
    return found is not None


async def create(place: Place, name: str) -> None:
    """An empty, migrated database of this name in place of any before."""
    await drop(place, name)
    async with connection(place.administrator()) as opened:
        await opened.execute(f'CREATE DATABASE "{name}" OWNER "{cluster.OWNER_ROLE}"')
    await migrate(place.owner(name), role(place.serving(name)))


async def drop(place: Place, name: str) -> None:
    async with connection(place.administrator()) as opened:
        await opened.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def keep_as(place: Place, made: str, name: str) -> None:
    """What was made is the template `name` from here on; older ones of its size go."""
    size = name.rpartition("_")[0]
    async with connection(place.administrator()) as opened:
        older = await opened.fetch(
            "SELECT datname FROM pg_database WHERE datname LIKE $1 || '\\_%'", size
        )
        for found in older:
            await opened.execute(f'DROP DATABASE "{found["datname"]}" WITH (FORCE)')
        await opened.execute(f'ALTER DATABASE "{made}" RENAME TO "{name}"')


@contextmanager
def copied(place: Place, template: str, name: str) -> Iterator[str]:
    """A database of this name as the template is, for as long as the block lasts; its name."""
    asyncio.run(_copy(place, template, name))
    try:
        yield name
    finally:
        asyncio.run(drop(place, name))


@contextmanager
def empty(place: Place, name: str) -> Iterator[str]:
    """An empty, migrated database of this name, for as long as the block lasts; its name."""
    asyncio.run(create(place, name))
    try:
        yield name
    finally:
        asyncio.run(drop(place, name))


async def _copy(place: Place, template: str, name: str) -> None:
    await drop(place, name)
    async with connection(place.administrator()) as opened:
        await opened.execute(
            f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy '
            f'OWNER "{cluster.OWNER_ROLE}"'
        )
