"""A real PostgreSQL for a run of tests: one server, one migrated template, clones of it.

MILEPOST_TEST_DATABASE_URL uses another server than one of its own: the URL of a role there
that may create databases and roles.
"""

import asyncio
import fcntl
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from ops.postgres import cluster, embedded
from ops.postgres.connections import connection, role
from ops.upgrade import migrate

GIVEN_URL = "MILEPOST_TEST_DATABASE_URL"
DESCRIBED = "server.json"


@dataclass(frozen=True, slots=True)
class Server:
    """A server by three roles: who makes databases, who owns them, who serves from them."""

    administrator: str
    owner: str
    serving: str
    template: str


@dataclass(frozen=True, slots=True)
class Database:
    """One migrated database, as its owner and as the serving role reach it."""

    owner: str
    serving: str


@asynccontextmanager
async def shared(home: Path) -> AsyncIterator[Server]:
    """The server of a run, its template made by the process that comes first."""
    with _running(home) as administrator:
        described = home / DESCRIBED
        with (home / "server.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not described.exists():
                made = await _prepare(home, administrator)
                described.write_text(json.dumps(asdict(made)))
        yield Server(**json.loads(described.read_text()))


def open_home() -> Path:
    """A folder for one run."""
    home = Path(tempfile.mkdtemp(prefix="milepost-tests-"))
    # under root the database runs as another user, who has to get here
    home.chmod(0o711)
    return home


def close_home(home: Path) -> None:
    """Stop what still runs in a run's folder, and remove what it left."""
    described = home / DESCRIBED
    if described.exists() and GIVEN_URL in os.environ:
        asyncio.run(_remove(Server(**json.loads(described.read_text()))))
    if (home / "database" / "data").exists():
        # waits for a server that a killed worker left
        with embedded.using(home):
            pass
    shutil.rmtree(home)


@contextmanager
def _running(home: Path) -> Iterator[str]:
    given = os.environ.get(GIVEN_URL)
    if given:
        yield given
        return
    with embedded.using(home) as shared_cluster:
        yield cluster.url(shared_cluster, cluster.SUPERUSER, "postgres")


async def _prepare(home: Path, administrator: str) -> Server:
    name = f"milepost_test_{secrets.token_hex(4)}"
    if GIVEN_URL in os.environ:
        owner, serving = administrator, _as_role(administrator, name, secrets.token_hex(16))
        async with connection(administrator) as opened:
            password = urlsplit(serving).password
            await opened.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
    else:
        with embedded.running(home) as urls:
            owner, serving = urls.owner, urls.serving
        await _forget_after_crash(administrator)
    made = Server(administrator, owner, serving, template=name)
    async with connection(administrator) as opened:
        await opened.execute(f'CREATE DATABASE {name} OWNER "{role(owner)}"')
    await migrate(_at(owner, name), role(serving))
    return made


async def _forget_after_crash(administrator: str) -> None:
    """Nothing waits for the disk: what a crash of this server would lose is nobody's."""
    async with connection(administrator) as opened:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            await opened.execute(f"ALTER SYSTEM SET {setting} = off")
        await opened.execute("SELECT pg_reload_conf()")


async def _remove(server: Server) -> None:
    async with connection(server.administrator) as opened:
        await opened.execute(f"DROP DATABASE {server.template} WITH (FORCE)")
        await opened.execute(f'DROP ROLE "{role(server.serving)}"')


@asynccontextmanager
async def clone(server: Server) -> AsyncIterator[Database]:
    """A database of one's own, empty but migrated, for as long as the block lasts."""
    name = f"milepost_test_{secrets.token_hex(8)}"
    async with connection(server.administrator) as opened:
        await opened.execute(
            f"CREATE DATABASE {name} TEMPLATE {server.template} STRATEGY file_copy "
            f'OWNER "{role(server.owner)}"'
        )
    try:
        yield Database(_at(server.owner, name), _at(server.serving, name))
    finally:
        async with connection(server.administrator) as opened:
            await opened.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _at(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _as_role(url: str, name: str, password: str) -> str:
    parts = urlsplit(url)
    address = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{quote(name)}:{quote(password)}@{address}").geturl()
