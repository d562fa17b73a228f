"""The database as the application meets it: connected for serving, migrated by its owner.

Two roles share it. The owner's migrations make the tables; the serving role reads and
writes rows, and may only ever add to the tables that keep history.
"""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from tortoise.context import TortoiseContext

import models
from ops.postgres import embedded, migrations
from ops.postgres.connections import CONNECT_SECONDS, connection, explained
from ops.postgres.embedded import Urls
from ops.postgres.pool import Client
from ops.postgres.replica import Replica
from ops.settings import Settings

POOL_MIN = 1
POOL_MAX = 10
STATEMENT_SECONDS = 30.0

STATEMENTS_KEPT = 500
"""Prepared statements that a connection keeps. A server has a few hundred; if one more is used than
are kept, each is prepared again at every use.
"""

LOCK_SECONDS = 3
"""Seconds that a statement waits for another's lock; a write then answers CONCURRENT_REQUEST."""
IDLE_TRANSACTION_TIMEOUT = "30s"
"""Time that PostgreSQL keeps the locks of a transaction whose client is silent."""

LIMITS = {
    "lock_timeout": f"{LOCK_SECONDS}s",
    "idle_in_transaction_session_timeout": IDLE_TRANSACTION_TIMEOUT,
}
"""Settings of each connection of the application, or of its role if there is a pooler."""


@dataclass(frozen=True, slots=True)
class Standby:
    """A streaming standby of the database, and the most seconds that an answer waits for it."""

    url: str
    lag_seconds: float


@dataclass(frozen=True, slots=True)
class Pooler:
    """A pooler of transactions between: a connection is another one after each of them."""

    prepares: bool
    """Whether it keeps prepared statements, as PgBouncer does from 1.21 on."""


def tortoise_config(
    url: str,
    *,
    pool_min: int = POOL_MIN,
    pool_max: int = POOL_MAX,
    statement_seconds: float | None = STATEMENT_SECONDS,
    pooler: Pooler | None = None,
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
        "statement_cache_size": 0 if pooler and not pooler.prepares else STATEMENTS_KEPT,
        "application_name": options.get("application_name", "milepost"),
        # a pooler refuses what it cannot keep for one client: there the role has them
        "server_settings": {} if pooler else dict(LIMITS),
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
"""Settings for aerich's own command line; writing a migration file needs no connection."""


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
    pooler: Pooler | None = None,
    standby: Standby | None = None,
) -> AsyncIterator[None]:
    """Models reach the database of `url` inside this block, by the connection `default`.

    `everywhere` lets tasks that did not inherit this one's context use it too, as requests
    under a server need; of one process only one block at a time may have that. A database
    that does not have to be `reachable` yet is connected to when it is first asked.

    Raises: DatabaseError
    """
    config = tortoise_config(
        url,
        pool_min=pool_min,
        pool_max=pool_max,
        statement_seconds=statement_seconds,
        pooler=pooler,
    )
    async with TortoiseContext() as context:
        await context.init(config=config, _enable_global_fallback=everywhere)
        if reachable:
            with explained(url):
                await context.db().execute_query("SELECT 1")
        if standby is None:
            yield
            return
        options = tortoise_config(
            standby.url, pool_min=pool_min, pool_max=pool_max, statement_seconds=statement_seconds
        )
        other = Client(
            **options["connections"]["default"]["credentials"], connection_name="standby"
        )
        primary = cast(Client, context.db())
        primary.replica = Replica(primary, other, standby.lag_seconds)
        try:
            yield
        finally:
            await other.close()


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
