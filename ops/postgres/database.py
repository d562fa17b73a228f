"""The database as the application meets it: connected for serving, migrated by its owner.

Two roles share it. The owner's migrations make the tables; the serving role reads and
writes rows, and may only ever add to the tables that keep history.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import asyncpg
from tortoise.context import TortoiseContext

import models
from domain.kernel.database import Unavailable
from ops.errors import DatabaseError
from ops.postgres import embedded, migrations
from ops.postgres.embedded import Urls
from ops.settings import Settings

MIGRATION_LOCK = 0x4D494C45
MIGRATION_LOCK_SECONDS = 0.2
"""How often a server asks whether another one has migrated."""

CONNECT_SECONDS = 10
POOL_MIN = 1
POOL_MAX = 10
STATEMENT_SECONDS = 30.0
QUEUE_SCHEMA = "pgqueuer"
"""The schema of the job queue's tables, which pgqueuer makes and keeps up to date itself."""

LOCK_TIMEOUT = "5s"
"""How long a statement waits for another's lock; the domain then runs its transaction again."""
IDLE_TRANSACTION_TIMEOUT = "30s"
"""How long PostgreSQL keeps the locks of a transaction that nobody is heard of any more."""


def tortoise_config(
    url: str,
    *,
    pool_min: int = POOL_MIN,
    pool_max: int = POOL_MAX,
    statement_seconds: float | None = STATEMENT_SECONDS,
) -> dict[str, Any]:
    """Tortoise's configuration for one database; `statement_seconds` none waits for ever."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    credentials = {
        "host": options.get("host") or parts.hostname,
        "port": parts.port or 5432,
        "user": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "database": unquote(parts.path.strip("/")),
        "ssl": options.get("sslmode"),
        "minsize": pool_min,
        "maxsize": pool_max,
        "timeout": CONNECT_SECONDS,
        "command_timeout": statement_seconds,
        "application_name": options.get("application_name", "milepost"),
        "server_settings": {
            "lock_timeout": LOCK_TIMEOUT,
            "idle_in_transaction_session_timeout": IDLE_TRANSACTION_TIMEOUT,
        },
    }
    return {
        "connections": {"default": {"engine": "ops.postgres.pool", "credentials": credentials}},
        "apps": {
            migrations.APP: {"models": ["models", "aerich.models"], "default_connection": "default"}
        },
        "use_tz": True,
        "timezone": "UTC",
    }


TORTOISE_ORM = tortoise_config(
    os.environ.get("MILEPOST_OWNER_DATABASE_URL", "postgresql://localhost/milepost")
)
"""What aerich's own command line reads; writing a migration file needs no connection."""


@contextmanager
def available(settings: Settings) -> Iterator[Urls]:
    """The database that the settings name, or the embedded one for as long as the block lasts.

    Raises: EmbeddedDatabaseError
    """
    if settings.database_url is None:
        with embedded.running(settings.home, settings.pg_bin) as urls:
            yield urls
    else:
        owner = settings.owner_database_url or settings.database_url
        yield Urls(serving=settings.database_url, owner=owner)


@asynccontextmanager
async def connected(
    url: str,
    *,
    pool_min: int = POOL_MIN,
    pool_max: int = POOL_MAX,
    statement_seconds: float | None = STATEMENT_SECONDS,
    everywhere: bool = True,
    reachable: bool = True,
) -> AsyncIterator[None]:
    """Models reach the database of `url` inside this block, by the connection `default`.

    `everywhere` lets tasks that did not inherit this one's context use it too, as requests
    under a server need; of one process only one block at a time may have that. A database
    that does not have to be `reachable` yet is connected to when it is first asked.

    Raises: DatabaseError
    """
    config = tortoise_config(
        url, pool_min=pool_min, pool_max=pool_max, statement_seconds=statement_seconds
    )
    async with TortoiseContext() as context:
        await context.init(config=config, _enable_global_fallback=everywhere)
        if reachable:
            with _explained(url):
                await context.db().execute_query("SELECT 1")
        yield


async def migrate(
    owner_url: str, serving_role: str, *, folder: Path = migrations.FOLDER
) -> list[str]:
    """Brings the schema up to date, grants the serving role its rights; names what it applied.

    Servers that start together wait for one another here. What was broken off is finished by
    the next run.

    Raises: DatabaseError
    """
    known = await migrations.read(folder)
    async with connection(owner_url) as owner:
        await _take_turns(owner)
        applied = []
        for migration in await migrations.pending(owner, known):
            await migrations.apply(owner, migration)
            applied.append(migration.name)
        applied += await _converge_queue(owner)
        if serving_role != role(owner_url):
            await _grant(owner, serving_role)
    return applied


async def _take_turns(owner: asyncpg.Connection) -> None:
    """Asks again and again rather than waits: an index that is built CONCURRENTLY waits for
    every statement that runs, so for one that waits here for the index as well.
    """
    while True:
        if await owner.fetchval("SELECT pg_try_advisory_lock($1)", MIGRATION_LOCK):
            return
        await asyncio.sleep(MIGRATION_LOCK_SECONDS)


async def _converge_queue(owner: asyncpg.Connection) -> list[str]:
    # imported here, because commands that do not migrate should not wait for it
    from ops.worker import queue  # noqa: PLC0415

    return await queue.converge(owner)


async def pending_migrations(url: str) -> list[str]:
    """The migrations of this checkout that the database has not had.

    Raises: DatabaseError
    """
    async with connection(url) as reader:
        found = await migrations.pending(reader, await migrations.read())
    return [migration.name for migration in found]


async def unguarded_tables(serving_url: str) -> list[str]:
    """The tables of history that the serving role could rewrite; none, if all is well.

    Raises: DatabaseError
    """
    async with connection(serving_url) as reader:
        rows = await reader.fetch(
            "SELECT tablename FROM pg_tables"
            " WHERE schemaname = current_schema() AND tablename = ANY($1::text[])"
            " AND has_table_privilege(format('%I.%I', schemaname, tablename),"
            " 'UPDATE, DELETE, TRUNCATE') ORDER BY tablename",
            sorted(models.INSERT_ONLY_TABLES),
        )
    return [row["tablename"] for row in rows]


@asynccontextmanager
async def connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    """One plain connection, for what is not the application's work.

    Raises: DatabaseError
    """
    with _explained(url):
        opened = await asyncpg.connect(
            url, timeout=CONNECT_SECONDS, server_settings={"application_name": "milepost-ops"}
        )
    try:
        yield opened
    finally:
        await opened.close()


def role(url: str) -> str:
    """The role that a database URL names."""
    return unquote(urlsplit(url).username or "")


async def _grant(owner: asyncpg.Connection, serving_role: str) -> None:
    """Gives the serving role exactly its rights, whatever it had before."""
    if not await owner.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", serving_role):
        raise DatabaseError(f"the serving role {serving_role!r} does not exist: create it first")
    grantee = _quoted(serving_role)
    rows = await owner.fetch(
        "SELECT schemaname, tablename FROM pg_tables"
        " WHERE schemaname IN (current_schema(), $1) AND pg_has_role(tableowner, 'MEMBER')"
        " ORDER BY schemaname, tablename",
        QUEUE_SCHEMA,
    )
    async with owner.transaction():
        for schema in sorted({_quoted(row["schemaname"]) for row in rows}):
            await owner.execute(f"GRANT USAGE ON SCHEMA {schema} TO {grantee}")
            await owner.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {grantee}")
        for row in rows:
            name = f"{_quoted(row['schemaname'])}.{_quoted(row['tablename'])}"
            await owner.execute(f"REVOKE ALL ON {name} FROM {grantee}")
            await owner.execute(f"GRANT {_rights(row['tablename'])} ON {name} TO {grantee}")


def _rights(table: str) -> str:
    if table == "aerich":
        return "SELECT"
    if table in models.INSERT_ONLY_TABLES:
        return "SELECT, INSERT"
    return "SELECT, INSERT, UPDATE, DELETE"


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


@contextmanager
def _explained(url: str) -> Iterator[None]:
    """Turns the many ways in which a connection fails into one line without the password."""
    parts = urlsplit(url)
    where = f"{parts.hostname or 'localhost'}:{parts.port or 5432}{parts.path} as {role(url)}"
    try:
        yield
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, Unavailable) as error:
        cause = error.__cause__ if isinstance(error, Unavailable) else error
        if isinstance(cause, TimeoutError):
            raise DatabaseError(f"PostgreSQL at {where} did not answer in time") from None
        if isinstance(cause, ConnectionError) and not isinstance(cause, ConnectionRefusedError):
            # said by the system, or by asyncpg in words about its insides
            raise DatabaseError(f"PostgreSQL at {where} closed the connection at once") from None
        reason = str(cause).strip().splitlines() or [type(cause).__name__]
        raise DatabaseError(f"cannot use PostgreSQL at {where}: {reason[0]}") from None
