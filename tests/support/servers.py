"""A real PostgreSQL for a run of tests: one server, one migrated template, clones of it.

MILEPOST_TEST_DATABASE_URL names another server to use: the URL of a role there that may create
databases and roles. With MILEPOST_TEST_AS_IT_IS the database of that URL is used as it is, which is
needed for one that is spread over machines: nothing is cloned, and all rows are removed after each
module of tests.
"""

import asyncio
import fcntl
import json
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import quote, urlsplit

from ops.postgres import cluster, embedded, shards
from ops.postgres.connections import connection, role
from ops.upgrade import migrate
from ops.worker.queue import QUEUE_SCHEMA

RUN_HOME = "MILEPOST_TEST_HOME"
"""The variable that names the folder of a run to its workers and processes."""
GIVEN_URL = "MILEPOST_TEST_DATABASE_URL"
AS_IT_IS = "MILEPOST_TEST_AS_IT_IS"
SECRET_KEY = bytes(range(32))
"""The key under which tests, and the processes that they start, encrypt personal values."""
DESCRIBED = "server.json"
FILLED = "filled"

MEMORY = Path("/dev/shm")
MEMORY_BYTES_MIN = 4 * 2**30
"""What must be free for a run of tests: for their data, and for the write-ahead log."""

SKIPPED = {"fresh_database": "needs a database of its own, which is cloned"}
"""Fixtures that do not exist where the database is used as it is, and why; tests that ask for one
are skipped.
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A server's URLs for three roles, which make databases, own them, and serve from them; without
    a template, the one database is used as it is.
    """

    administrator: str
    owner: str
    serving: str
    template: str


@dataclass(frozen=True, slots=True)
class Database:
    """One migrated database: its URLs for its owner and for the serving role."""

    owner: str
    serving: str


def is_as_it_is() -> bool:
    """Whether the given database is used as it is, without clones."""
    return bool(os.environ.get(AS_IT_IS))


@asynccontextmanager
async def shared(home: Path) -> AsyncIterator[Server]:
    """The server of a run; the first process to come makes its template."""
    with _running(home) as administrator:
        described = home / DESCRIBED
        with (home / "server.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not described.exists():
                made = await _prepare(home, administrator)
                described.write_text(json.dumps(asdict(made)))
        yield Server(**json.loads(described.read_text()))


def memory() -> Path | None:
    """The folder that lies in memory; None if too little is free, or programs may not run there.

    A database is 750 files. On a disk, making and removing them takes ten times the processor time.
    """
    if not MEMORY.is_dir():
        return None
    found = os.statvfs(MEMORY)
    kibibytes = re.search(r"^MemAvailable: +(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)
    free = min(found.f_bavail * found.f_frsize, int(kibibytes[1]) * 1024 if kibibytes else 0)
    return MEMORY if free >= MEMORY_BYTES_MIN and not found.f_flag & os.ST_NOEXEC else None


def open_home(within: Path | None = None) -> Path:
    """A new folder for one run, by default in the system's temporary folder."""
    home = Path(tempfile.mkdtemp(prefix="milepost-tests-", dir=within))
    # under root the database runs as another user, who needs access to this folder
    home.chmod(0o711)
    return home


def close_home(home: Path) -> None:
    """Stop what still runs in a run's folder, and remove what it left."""
    described = home / DESCRIBED
    if described.exists() and GIVEN_URL in os.environ:
        asyncio.run(_remove(Server(**json.loads(described.read_text()))))
    if (home / "database" / "data").exists():
        # stops a server that a killed worker left running
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
        owner, serving = administrator, as_role(administrator, name, secrets.token_hex(16))
        async with connection(administrator) as opened:
            password = urlsplit(serving).password
            await opened.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
    else:
        with embedded.running(home) as urls:
            owner, serving = urls.owner, urls.serving
        await _forget_after_crash(administrator)
    if is_as_it_is():
        async with connection(owner) as opened:
            where = await opened.fetchval("SELECT quote_ident(current_database())")
            await opened.execute(f"GRANT CONNECT ON DATABASE {where} TO {name}")
        await migrate(owner, name)
        async with connection(owner) as opened:
            # on a cluster, settings of a connection do not reach the workers
            if unset := await shards.limit_locks(opened, serving):
                raise RuntimeError(f"the owner of the tests' role may not run: {unset}")
            if await opened.fetchval("SELECT EXISTS (SELECT FROM programme)"):
                raise RuntimeError("this database has programmes, which the tests would remove")
        return Server(administrator, owner, serving, template="")
    made = Server(administrator, owner, serving, template=name)
    async with connection(administrator) as opened:
        await opened.execute(f'CREATE DATABASE {name} OWNER "{role(owner)}"')
    await migrate(_at(owner, name), role(serving))
    return made


async def _forget_after_crash(administrator: str) -> None:
    """Turn off waiting for the disk, since nobody needs these data after a crash."""
    async with connection(administrator) as opened:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            await opened.execute(f"ALTER SYSTEM SET {setting} = off")
        await opened.execute("SELECT pg_reload_conf()")


async def _remove(server: Server) -> None:
    async with connection(server.administrator) as opened:
        if server.template:
            await opened.execute(f"DROP DATABASE IF EXISTS {_filled(server)} WITH (FORCE)")
            await opened.execute(f"DROP DATABASE {server.template} WITH (FORCE)")
        else:
            await opened.execute(f'DROP OWNED BY "{role(server.serving)}"')
        await opened.execute(f'DROP ROLE "{role(server.serving)}"')


async def empty() -> None:
    """Remove all rows of the database that is used as it is, as its owner."""
    async with connection(os.environ[GIVEN_URL]) as owner:
        tables = await owner.fetch(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name "
            "FROM pg_tables WHERE schemaname IN (current_schema(), $1) AND tablename <> 'aerich'",
            QUEUE_SCHEMA,
        )
        await owner.execute(f"TRUNCATE {', '.join(table['name'] for table in tables)}")


@asynccontextmanager
async def clone(server: Server) -> AsyncIterator[Database]:
    """A new, migrated and empty database for the duration of the block; where the given database
    is used as it is, that one, emptied.
    """
    if not server.template:
        await empty()
        yield Database(server.owner, server.serving)
        return
    name = f"milepost_test_{secrets.token_hex(8)}"
    made = await _copy(server, name)
    try:
        yield made
    finally:
        async with connection(server.administrator) as opened:
            await opened.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def filled(server: Server, home: Path, fill: Callable[[Database], Awaitable[None]]) -> Server:
    """The server with another template: a clone that the first process to come fills, for all
    workers; `home` is the folder of the run.
    """
    with (home / "filled.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / FILLED).exists():
            async with connection(server.administrator) as opened:
                await opened.execute(f"DROP DATABASE IF EXISTS {_filled(server)} WITH (FORCE)")
            await fill(await _copy(server, _filled(server)))
            (home / FILLED).touch()
    return replace(server, template=_filled(server))


def _filled(server: Server) -> str:
    return f"{server.template}_filled"


async def _copy(server: Server, name: str) -> Database:
    async with connection(server.administrator) as opened:
        await opened.execute(
            f"CREATE DATABASE {name} TEMPLATE {server.template} STRATEGY file_copy "
            f'OWNER "{role(server.owner)}"'
        )
    return Database(_at(server.owner, name), _at(server.serving, name))


def _at(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def as_role(url: str, name: str, password: str) -> str:
    """The same database for another role."""
    parts = urlsplit(url)
    address = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{quote(name)}:{quote(password)}@{address}").geturl()
