"""A real PostgreSQL for the tests, started by the test run and stopped with it.

One server serves all workers. The real migrations make one template database; each worker
has a clone of it, and so has each test that asks for a fresh one.
MILEPOST_TEST_DATABASE_URL uses another server instead: the URL of a role there that may
create databases and roles.
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

import asyncpg
import pytest

from ops import cluster, embedded
from ops.database import connected, connection, migrate, role

RUN_HOME = "MILEPOST_TEST_HOME"
GIVEN_URL = "MILEPOST_TEST_DATABASE_URL"


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


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    home = Path(tempfile.mkdtemp(prefix="milepost-tests-"))
    # under root the database runs as another user, who has to get here
    home.chmod(0o711)
    os.environ[RUN_HOME] = str(home)


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or RUN_HOME not in os.environ:
        return
    home = Path(os.environ.pop(RUN_HOME))
    described = home / "server.json"
    if described.exists() and GIVEN_URL in os.environ:
        asyncio.run(_remove(Server(**json.loads(described.read_text()))))
    if (home / "database" / "data").exists():
        # waits for a server that a killed worker left
        with embedded.using(home):
            pass
    shutil.rmtree(home)


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[Server]:
    """The server of this run, its template made by the worker that comes first."""
    home = Path(os.environ[RUN_HOME])
    with _running(home) as administrator:
        described = home / "server.json"
        with (home / "server.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not described.exists():
                made = await _prepare(home, administrator)
                described.write_text(json.dumps(asdict(made)))
        yield Server(**json.loads(described.read_text()))


@pytest.fixture(scope="session")
async def database(server: Server) -> AsyncIterator[Database]:
    """This worker's own database, which the models reach as the serving role."""
    async with _clone(server) as clone, connected(clone.serving, pool_max=50):
        yield clone


@pytest.fixture
async def fresh_database(server: Server) -> AsyncIterator[Database]:
    """A database of the test's own, empty but migrated; nothing is connected to it."""
    async with _clone(server) as clone:
        yield clone


@pytest.fixture
async def owner_connection(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """This worker's database as its owner sees it, past the serving role's rights."""
    async with connection(database.owner) as opened:
        yield opened


@contextmanager
def _running(home: Path) -> Iterator[str]:
    given = os.environ.get(GIVEN_URL)
    if given:
        yield given
        return
    with embedded.using(home) as running:
        yield cluster.url(running, cluster.SUPERUSER, "postgres")


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
    made = Server(administrator, owner, serving, template=name)
    async with connection(administrator) as opened:
        await opened.execute(f'CREATE DATABASE {name} OWNER "{role(owner)}"')
    await migrate(_at(owner, name), role(serving))
    return made


async def _remove(server: Server) -> None:
    async with connection(server.administrator) as opened:
        await opened.execute(f"DROP DATABASE {server.template} WITH (FORCE)")
        await opened.execute(f'DROP ROLE "{role(server.serving)}"')


@asynccontextmanager
async def _clone(server: Server) -> AsyncIterator[Database]:
    name = f"milepost_test_{secrets.token_hex(8)}"
    async with connection(server.administrator) as opened:
        await opened.execute(
            f'CREATE DATABASE {name} TEMPLATE {server.template} OWNER "{role(server.owner)}"'
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
