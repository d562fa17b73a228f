"""How migrations are applied: whole or in steps, beside others, again after they were broken off.

The migrations are files of a test's own beside the first one that is released.
"""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from ops.errors import DatabaseError
from ops.postgres import migrations
from ops.postgres.connections import connection, role
from ops.postgres.database import pending_migrations
from ops.postgres.migrations import statements
from ops.upgrade import migrate
from tests.conftest import Database

ALONE = "SET lock_timeout = '10min';"


def write(folder: Path, number: int, sql: str, *, in_transaction: bool) -> str:
    [first, *_] = sorted((migrations.FOLDER / migrations.APP).glob("0_*.py"))
    (folder / migrations.APP).mkdir(exist_ok=True)
    (folder / migrations.APP / first.name).write_text(first.read_text())
    name = f"{number}_x.py"
    state = first.read_text().split("MODELS_STATE = ")[1]
    (folder / migrations.APP / name).write_text(
        f"RUN_IN_TRANSACTION = {in_transaction}\n\n\nasync def upgrade(db):\n"
        f"    return {sql!r}\n\n\nMODELS_STATE = {state}"
    )
    return name


async def run(database: Database, folder: Path) -> list[str]:
    return await migrate(database.owner, role(database.serving), folder=folder)


NOTES = (
    "CREATE TABLE note (id int PRIMARY KEY, done bool);"
    "INSERT INTO note SELECT n FROM generate_series(1, 25) n;"
)
FILL = (
    f"{ALONE} UPDATE note SET done = true WHERE id IN"
    " (SELECT id FROM note WHERE done IS NULL ORDER BY id LIMIT 10)"
)


async def test_a_backfill_is_done_in_batches_and_resumed(
    fresh_database: Database, tmp_path: Path
) -> None:
    count = "SELECT count(*) FROM note WHERE done"
    async with connection(fresh_database.owner) as owner:
        await owner.execute(NOTES)
        # the third batch fails: what the first two did has been committed
        await owner.execute("ALTER TABLE note ADD CONSTRAINT few CHECK (id <= 20 OR done IS NULL)")
        name = write(tmp_path, 50, FILL, in_transaction=False)
        with pytest.raises(asyncpg.CheckViolationError):
            await run(fresh_database, tmp_path)
        assert await owner.fetchval(count) == 20
        await owner.execute("ALTER TABLE note DROP CONSTRAINT few")
        assert await run(fresh_database, tmp_path) == [name]
        assert await owner.fetchval(count) == 25
        assert await run(fresh_database, tmp_path) == []


async def test_an_index_is_built_beside_servers_that_wait_for_it(
    fresh_database: Database, tmp_path: Path
) -> None:
    """One that waited in a statement would be waited for by the index: a deadlock."""
    sql = (
        f"{ALONE} DROP INDEX CONCURRENTLY IF EXISTS note_done;"
        "CREATE INDEX CONCURRENTLY note_done ON note (done);"
        "DROP INDEX CONCURRENTLY IF EXISTS note_id; CREATE INDEX CONCURRENTLY note_id ON note (id)"
    )
    name = write(tmp_path, 50, sql, in_transaction=False)
    async with connection(fresh_database.owner) as owner:
        await owner.execute(NOTES)
        applied = await asyncio.gather(*(run(fresh_database, tmp_path) for _ in range(4)))
        assert sorted(applied) == [[], [], [], [name]]
        valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'note_done'::regclass"
        assert await owner.fetchval(valid) is True


async def test_a_migration_gives_way_and_leaves_nothing(
    fresh_database: Database, tmp_path: Path
) -> None:
    sql = "SET LOCAL lock_timeout = '50ms'; CREATE TABLE mine (id int); DROP TABLE note"
    name = write(tmp_path, 50, sql, in_transaction=True)
    async with connection(fresh_database.owner) as owner, connection(fresh_database.owner) as other:
        await owner.execute(NOTES)
        async with other.transaction():
            await other.execute("SELECT count(*) FROM note")
            with pytest.raises(DatabaseError, match=f"{name} gave way"):
                await run(fresh_database, tmp_path)
            assert await owner.fetchval("SELECT to_regclass('mine')") is None
        assert await run(fresh_database, tmp_path) == [name]
        assert await owner.fetchval("SELECT to_regclass('mine') IS NOT NULL") is True


async def test_a_database_of_other_migrations_is_left_alone(fresh_database: Database) -> None:
    assert await pending_migrations(fresh_database.serving) == []
    async with connection(fresh_database.owner) as owner:
        await owner.execute("UPDATE aerich SET version = '0_20200101000000_other.py' WHERE id = 1")
    with pytest.raises(DatabaseError, match="made by 0_20200101000000_other"):
        await migrate(fresh_database.owner, role(fresh_database.serving))
    with pytest.raises(DatabaseError, match="made by 0_20200101000000_other"):
        await pending_migrations(fresh_database.serving)


def test_a_script_is_parted_at_its_semicolons_alone() -> None:
    script = """SELECT ';' AS ";"; -- one; two
        /* three; */ DO $$ BEGIN; END $$; DO $x$ ; $x$ ; ;"""
    assert statements(script) == ["SELECT ';' AS \";\"", "DO $$ BEGIN; END $$", "DO $x$ ; $x$"]
