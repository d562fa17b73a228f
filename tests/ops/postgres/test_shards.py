"""Where tables go when a database is spread over machines, and the command that sends them there.

Citus is not here: what it would refuse is asked of the migrated catalogue, and its functions are
stood in for by ones that write down how they were called.
"""

import secrets
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest

import models
from ops.errors import OperationError
from ops.postgres import shards
from ops.postgres.connections import connection, role
from ops.postgres.database import LOCK_SECONDS
from ops.postgres.shards import TableDistribution
from tests.conftest import Server
from tests.support.commands import Commands
from tests.support.servers import as_role

STAND_IN = """
CREATE TABLE citus_tables (
    number int GENERATED ALWAYS AS IDENTITY, table_name regclass, citus_table_type text,
    distribution_column text, colocated_with text);
CREATE FUNCTION citus_version() RETURNS text LANGUAGE sql AS $$ SELECT 'Citus 13.2.0 on x' $$;
CREATE FUNCTION create_reference_table(name regclass) RETURNS void LANGUAGE sql AS $$
    INSERT INTO citus_tables (table_name, citus_table_type, distribution_column)
    VALUES (name, 'reference', '<none>') $$;
CREATE FUNCTION create_distributed_table(name regclass, by text, colocate_with text)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO citus_tables (table_name, citus_table_type, distribution_column, colocated_with)
    VALUES (name, 'distributed', by, colocate_with) $$;
"""

UNIQUES = """
SELECT c.relname AS table, array(SELECT a.attname::text FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum = ANY(i.indkey::int2[])) AS columns
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE i.indisunique AND c.relnamespace = current_schema()::regnamespace"""

FOREIGN = """
SELECT r.relname AS table, f.relname AS other,
    array(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k (number, place)
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number
        ORDER BY k.place) AS columns,
    array(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k (number, place)
        JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number
        ORDER BY k.place) AS others
FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_class f ON f.oid = c.confrelid
WHERE c.contype = 'f' AND r.relnamespace = current_schema()::regnamespace"""


@pytest.fixture
async def owner(commands: Commands) -> AsyncIterator[asyncpg.Connection]:
    async with connection(commands.database.owner) as opened:
        yield opened


async def test_every_table_has_its_place(owner_connection: asyncpg.Connection) -> None:
    distributions = {one.table: one for one in await shards.plan(owner_connection)}
    tables = {
        row["tablename"]
        for row in await owner_connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        )
    }
    assert tables - distributions.keys() == models.COUNTER_TABLES | {"aerich"}
    assert models.COUNTER_TABLES < models.CATALOGUE_TABLES
    assert str(distributions["lot"]) == "is spread by member_id, beside member"
    assert distributions["lot"].statement == (
        "SELECT create_distributed_table('lot', 'member_id', colocate_with => 'member')"
    )
    assert distributions["lookup"] == TableDistribution("lookup", "value")
    assert distributions["feed_entry"] == TableDistribution("feed_entry", "part", "feed_head")
    assert str(distributions["reward"]) == "is copied to every machine"
    assert str(shards.distribution("reward_stock")) == "stays on the coordinator"


async def test_what_is_unique_is_so_on_one_shard(owner_connection: asyncpg.Connection) -> None:
    distributions = {one.table: one for one in await shards.plan(owner_connection)}
    wrong = [
        (row["table"], row["columns"])
        for row in await owner_connection.fetch(UNIQUES)
        if (one := distributions.get(row["table"]))
        and one.column
        and one.column not in row["columns"]
    ]
    assert wrong == []


async def test_references_can_be_kept(owner_connection: asyncpg.Connection) -> None:
    """To a copy from anywhere; from what is spread otherwise only beside it and by that column."""
    order = {one.table: number for number, one in enumerate(await shards.plan(owner_connection))}
    for row in await owner_connection.fetch(FOREIGN):
        one, other = shards.distribution(row["table"]), shards.distribution(row["other"])
        assert one.stays or order[other.table] < order[one.table] or one == other, dict(row)
        if other.stays:
            assert one.stays, dict(row)
        elif other.column is not None:
            assert one.column == other.column, dict(row)
            pairs = zip(row["columns"], row["others"], strict=True)
            assert (one.column, other.column) in pairs, dict(row)


async def test_a_database_is_spread_once_and_gone_on_with(
    commands: Commands, owner: asyncpg.Connection
) -> None:
    await owner.execute(STAND_IN)
    planned = [one.table for one in await shards.plan(owner)]
    await owner.execute("SELECT create_reference_table('programme')")
    shown = commands.output("shard", "--plan")
    assert "SELECT create_reference_table('policy_version');" in shown
    assert shown.count("to do") == len(planned) - 1
    said = commands.output("shard")
    assert "lot is spread by member_id, beside member: 0." in said
    assert "programme is copied" not in said
    found = await owner.fetch("SELECT table_name::text AS name FROM citus_tables ORDER BY number")
    assert sorted(one["name"] for one in found) == sorted(planned)
    assert [one["name"] for one in found][1:] == [one for one in planned if one != "programme"]
    assert commands.output("shard") == ""


async def test_waits_for_locks_have_a_limit_on_every_machine(
    commands: Commands, server: Server, owner: asyncpg.Connection
) -> None:
    """By a setting of the serving role, which who may not make it leaves to an administrator."""
    await owner.execute(STAND_IN)
    await owner.execute("GRANT ALL ON citus_tables TO PUBLIC")
    database = commands.database
    name, password = f"Serving-{secrets.token_hex(4)}", secrets.token_hex(16)
    serving = as_role(database.serving, name, password)
    there = urlsplit(database.owner).path
    administrator = urlsplit(server.administrator)._replace(path=there).geturl()
    limit = f"ALTER ROLE \"{name}\" SET lock_timeout = '{LOCK_SECONDS}s'"

    def shard(owner_url: str) -> str:
        urls = {"MILEPOST_DATABASE_URL": serving, "MILEPOST_OWNER_DATABASE_URL": owner_url}
        done = commands.run("shard", **urls)
        assert done.returncode == 0, done.stderr
        return done.stderr

    async with connection(administrator) as opened:
        await opened.execute(
            f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{password}' IN ROLE {role(database.serving)}"
        )
        try:
            assert f"an administrator has to run: {limit}" in shard(database.serving)
            assert await lock_timeout(serving) == "0"
            assert "an administrator has to run" not in shard(administrator)
            assert await lock_timeout(serving) == f"{LOCK_SECONDS}s"
        finally:
            await opened.execute(f'DROP ROLE "{name}"')


async def lock_timeout(url: str) -> str:
    async with connection(url) as opened:
        return str(await opened.fetchval("SHOW lock_timeout"))


async def test_what_cannot_be_spread_is_told(commands: Commands, owner: asyncpg.Connection) -> None:
    assert commands.refusal("shard").startswith("the database has no extension citus: install it")
    assert "the extension citus is not installed yet" in commands.run("shard", "--plan").stderr
    await owner.execute(STAND_IN)
    await owner.execute("SELECT create_distributed_table('reward', 'id', 'none')")
    assert commands.refusal("shard") == (
        "reward is spread by id already, but the plan says that it is copied to every machine"
    )
    await owner.execute(
        "CREATE OR REPLACE FUNCTION citus_version() RETURNS text LANGUAGE sql AS "
        "$$ SELECT 'Citus 9.5.1 on x' $$"
    )
    with pytest.raises(OperationError, match="is too old: this needs version 11"):
        await shards.check(owner)
