"""The rights of the serving role: those granted, and surplus ones.

It reads, adds rows, and changes and removes those named in `models/rights.py`, in one database. An
administrator may have given it more, on purpose or by PostgreSQL's defaults for everybody.
"""

from collections.abc import Collection

import asyncpg

import models
from ops.postgres.connections import connection

TOOLS = ("aerich",)
ALL = "SELECT, INSERT, UPDATE, DELETE"


def of(table: str, columns: Collection[str]) -> str:
    """The rights of the serving role on a table with these columns, in the words of GRANT."""
    if table in TOOLS:
        return "SELECT"
    granted = ["SELECT", "INSERT"]
    changed = models.CHANGED_COLUMNS.get(table)
    if changed == models.EVERY_COLUMN:
        granted.append("UPDATE")
    elif there := [column for column in changed or () if column in columns]:
        granted.append(f"UPDATE ({', '.join(there)})")
    if table in models.REMOVED_TABLES:
        granted.append("DELETE")
    return ", ".join(granted)


async def excess(serving_url: str, *, databases: bool = True) -> list[str]:
    """Surplus rights of the serving role, a sentence each with the remedy; empty if there are none.
    Without `databases` PostgreSQL's defaults for everybody are left out.

    Raises: DatabaseError
    """
    async with connection(serving_url) as serving:
        if await serving.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
            return [
                (
                    "it is a superuser, whom no right stops: name a role that is none by "
                    "MILEPOST_DATABASE_URL"
                )
            ]
        return [
            *await _of_the_role(serving),
            *await _of_the_tables(serving),
            *(await _of_the_databases(serving) if databases else ()),
        ]


async def _of_the_role(serving: asyncpg.Connection) -> list[str]:
    role = await serving.fetchval("SELECT quote_ident(current_user)")
    attributes = await serving.fetchrow(
        'SELECT rolcreaterole AS "CREATEROLE", rolcreatedb AS "CREATEDB", '
        'rolreplication AS "REPLICATION", rolbypassrls AS "BYPASSRLS" '
        "FROM pg_roles WHERE rolname = current_user"
    )
    groups = await serving.fetch(
        "SELECT quote_ident(r.rolname) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid "
        "WHERE m.member = (SELECT oid FROM pg_roles WHERE rolname = current_user) ORDER BY 1"
    )
    found = [
        f"it has {name}: ALTER ROLE {role} NO{name}" for name, has in attributes.items() if has
    ]
    return found + [f"it is a member of {row[0]}: REVOKE {row[0]} FROM {role}" for row in groups]


async def _of_the_tables(serving: asyncpg.Connection) -> list[str]:
    tables = await serving.fetch(
        "SELECT c.oid, c.relname::text AS name, quote_ident(c.relname) AS quoted, "
        "c.relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user) AS owned, "
        "has_table_privilege(c.oid, 'DELETE') AS removes, "
        "has_table_privilege(c.oid, 'TRUNCATE, TRIGGER, REFERENCES') AS alters, "
        "array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid "
        "AND a.attnum > 0 AND NOT a.attisdropped "
        "AND has_column_privilege(c.oid, a.attnum, 'UPDATE') ORDER BY a.attname) AS changes "
        "FROM pg_class c WHERE c.relkind IN ('r', 'p') "
        "AND c.relnamespace = current_schema()::regnamespace ORDER BY c.relname"
    )
    if any(row["owned"] for row in tables):
        return [
            (
                "it owns tables, so nothing guards their history: serve with a role other than the "
                "owner, and run `python -m ops migrate`"
            )
        ]
    could = {
        "change more columns than needed of": [row["name"] for row in tables if _changes_more(row)],
        "remove rows of": [
            row["name"]
            for row in tables
            if row["removes"] and row["name"] not in models.REMOVED_TABLES
        ],
        "truncate, refer to or add triggers to": [row["name"] for row in tables if row["alters"]],
    }
    return [
        f"it may {verb} {', '.join(names)}: run `python -m ops migrate` as the owner, and revoke "
        "what PUBLIC was given"
        for verb, names in could.items()
        if names
    ]


def _changes_more(table: asyncpg.Record) -> bool:
    wanted = models.CHANGED_COLUMNS.get(table["name"])
    return wanted != models.EVERY_COLUMN and not set(table["changes"]) <= set(wanted or ())


async def _of_the_databases(serving: asyncpg.Connection) -> list[str]:
    role = await serving.fetchval("SELECT quote_ident(current_user)")
    own = await serving.fetchrow(
        "SELECT quote_ident(current_database()) AS name, quote_ident(current_schema()) AS schema, "
        "has_database_privilege(current_database(), 'CREATE, TEMPORARY') AS makes, "
        "has_schema_privilege(current_schema(), 'CREATE') AS fills"
    )
    elsewhere = await serving.fetch(
        "SELECT quote_ident(datname) FROM pg_database WHERE datallowconn "
        "AND datname <> current_database() AND has_database_privilege(oid, 'CONNECT') ORDER BY 1"
    )
    found = []
    if own["makes"]:
        found.append(
            "it may create schemas or temporary tables: "
            f"REVOKE ALL ON DATABASE {own['name']} FROM PUBLIC, {role}; "
            f"GRANT CONNECT ON DATABASE {own['name']} TO {role}"
        )
    if own["fills"]:
        found.append(
            f"it may create tables: REVOKE CREATE ON SCHEMA {own['schema']} FROM PUBLIC, {role}"
        )
    return found + [
        f"it may connect to {row[0]}: REVOKE CONNECT ON DATABASE {row[0]} FROM PUBLIC, {role}"
        for row in elsewhere
    ]
