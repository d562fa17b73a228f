"""The upgrade of a database: its migrations, the queue's tables, the serving role's rights."""

import asyncio
from pathlib import Path

import asyncpg

from domain.members.members import PARTS_INDEX
from ops.errors import DatabaseError
from ops.postgres import migrations, rights, texts
from ops.postgres.connections import connection, role
from ops.worker import queue
from ops.worker.queue import QUEUE_SCHEMA

EXTENSIONS_SCHEMA = "extensions"
"""The schema of extensions, separate from our own tables."""

MIGRATION_LOCK = 0x4D494C45
MIGRATION_LOCK_SECONDS = 0.2
"""Seconds between a server's checks whether another one has migrated."""


async def migrate(
    owner_url: str,
    serving_role: str,
    *,
    folder: Path = migrations.FOLDER,
    starting: bool = False,
) -> list[str]:
    """Brings the schema up to date, grants the serving role its rights; returns the names of the
    steps applied.

    Servers that start together wait for one another here. An interrupted run is finished by the
    next one. A server that is only `starting` searches texts of previous releases only if the
    schema was not up to date: each table is read for it.

    Raises: DatabaseError
    """
    known = await migrations.read(folder)
    async with connection(owner_url) as owner:
        await _take_turns(owner)
        applied = []
        for migration in await migrations.pending(owner, known):
            await migrations.apply(owner, migration)
            applied.append(migration.name)
        applied += await queue.converge(owner)
        if applied or not starting:
            applied += await texts.keep_apart(owner)
        applied += await _index_parts(owner)
        if serving_role != role(owner_url):
            await _grant(owner, serving_role)
    return applied


async def _index_parts(owner: asyncpg.Connection) -> list[str]:
    """Lets members be found by any part of their names, where PostgreSQL has pg_trgm and the
    owner may use it; names the index if it was built. An interrupted one is built again.
    """
    wanted = await owner.fetchval(
        "SELECT to_regclass('member') IS NOT NULL AND NOT EXISTS ("
        "SELECT FROM pg_index WHERE indexrelid = to_regclass($1) AND indisvalid)",
        PARTS_INDEX,
    )
    schema = await _trigrams(owner) if wanted else None
    if schema is None:
        return []
    await owner.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {PARTS_INDEX}")
    await owner.execute(
        f"CREATE INDEX CONCURRENTLY {PARTS_INDEX} ON member USING gin ("
        f"lower(reference) {schema}.gin_trgm_ops, lower(name) {schema}.gin_trgm_ops)"
    )
    return [PARTS_INDEX]


async def _trigrams(owner: asyncpg.Connection) -> str | None:
    """The schema of pg_trgm, which is created if it can be; None without."""
    if not await owner.fetchval("SELECT true FROM pg_available_extensions WHERE name = 'pg_trgm'"):
        return None
    try:
        async with owner.transaction():
            await owner.execute(f"CREATE SCHEMA IF NOT EXISTS {EXTENSIONS_SCHEMA}")
            await owner.execute(
                f"CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA {EXTENSIONS_SCHEMA}"
            )
    except asyncpg.InsufficientPrivilegeError:
        # an administrator may have created it before
        pass
    schema: str | None = await owner.fetchval(
        "SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n "
        "ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm'"
    )
    return schema


async def _take_turns(owner: asyncpg.Connection) -> None:
    """Asks again and again rather than waits: an index that is built CONCURRENTLY waits for
    every statement that runs, so for one that waits here for the index as well.
    """
    while True:
        if await owner.fetchval("SELECT pg_try_advisory_lock($1)", MIGRATION_LOCK):
            return
        await asyncio.sleep(MIGRATION_LOCK_SECONDS)


async def _grant(owner: asyncpg.Connection, serving_role: str) -> None:
    """Gives the serving role exactly its rights, whatever it had before."""
    if not await owner.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", serving_role):
        raise DatabaseError(f"the serving role {serving_role!r} does not exist: create it first")
    grantee = _quoted(serving_role)
    rows = await owner.fetch(
        "SELECT schemaname, tablename, array(SELECT attname::text FROM pg_attribute"
        " WHERE attrelid = format('%I.%I', schemaname, tablename)::regclass AND attnum > 0"
        " AND NOT attisdropped) AS columns FROM pg_tables"
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
            queued = row["schemaname"] == QUEUE_SCHEMA
            granted = rights.ALL if queued else rights.of(row["tablename"], row["columns"])
            await owner.execute(f"GRANT {granted} ON {name} TO {grantee}")


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'
