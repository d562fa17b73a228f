"""Databases of released versions are migrated with all that they hold, verify, and go on."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

import models
from domain.members import clear_contacts
from domain.programmes import programmes
from domain.proof import first_seals
from ops.postgres import migrations
from ops.postgres.connections import connection, role
from ops.postgres.database import connected
from ops.upgrade import migrate
from tests.conftest import Database
from tests.models import every_kind, released
from tests.models.declared import TABLES
from tests.models.occurring import KINDS, check_kinds, occurring
from tests.soak import work
from tests.support import factories as make
from tests.support import numbered, servers
from tests.support.servers import Server

FEED = 40
"""The migration that gives events their places."""

RELEASED = sorted(released.FOLDER.glob("*.sql.gz"), key=released.number)

BYTES_MAX = 300_000


async def migrate_to(database: Database, number: int, folder: Path) -> None:
    """Migrate an empty database up to this migration and no further."""
    (folder / migrations.APP).mkdir()
    for file in (migrations.FOLDER / migrations.APP).glob("[0-9]*_*.py"):
        if int(file.name.split("_", 1)[0]) <= number:
            shutil.copy(file, folder / migrations.APP)
    await migrate(database.owner, role(database.serving), folder=folder)


async def empty(owner: asyncpg.Connection) -> None:
    await owner.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


async def rows_by_table(owner: asyncpg.Connection) -> dict[str, int]:
    return {
        row["table"]: await owner.fetchval(f"SELECT count(*) FROM {row['table']}")
        for row in await owner.fetch(
            "SELECT tablename AS table FROM pg_tables "
            "WHERE schemaname = current_schema() AND tablename <> 'aerich'"
        )
    }


@pytest.mark.parametrize("file", RELEASED, ids=lambda file: file.name)
async def test_a_released_database_is_migrated_with_all_it_holds(
    fresh_database: Database, tmp_path: Path, file: Path
) -> None:
    async with connection(fresh_database.owner) as owner:
        await empty(owner)
        await migrate_to(fresh_database, released.number(file), tmp_path)
        await released.restore(owner, released.read(file))
        before = await rows_by_table(owner)
        assert [table for table, rows in before.items() if not rows] == []

        await migrate(fresh_database.owner, role(fresh_database.serving))

        after = await rows_by_table(owner)
        assert [table for table in before if not after.get(table)] == []
        # what others heard of before has its place in the feed, and nobody is told again
        wider = (
            "SELECT count(*) FROM partner_key k JOIN partner p ON p.id = k.partner_id "
            "WHERE p.scopes IS NULL "
            "OR NOT string_to_array(k.scopes, ' ') <@ string_to_array(p.scopes, ' ')"
        )
        assert await owner.fetchval(wider) == 0
        waiting = "SELECT count(*) FROM outbox_event WHERE numbered_at IS NULL"
        if released.number(file) < FEED:
            assert await owner.fetchval(waiting) == 0
            assert after["feed_entry"] == before["outbox_event"]
    await check_kinds(fresh_database, released.number(file))
    async with connected(fresh_database.serving, everywhere=False):
        for programme in await models.Programme.all():
            found = await programmes.get(programme.code)
            async for members in clear_contacts.left(found):
                await clear_contacts.move(found, members, make.NOW + 900 * every_kind.DAY)
            async for _ in first_seals.seal(programme.id, make.NOW + 900 * every_kind.DAY):
                pass
    await work.verify(fresh_database)
    await go_on(fresh_database)
    await work.verify(fresh_database)


async def go_on(database: Database) -> None:
    """What fell due since is posted to a member's account, and more is earned."""
    async with connected(database.serving, everywhere=False):
        found = await models.Member.get(reference="reminded")
        programme = await programmes.get((await models.Programme.get(id=found.programme_id)).code)
        later = make.NOW + 900 * every_kind.DAY
        before = await make.available(found.member_id, later)
        await make.adjust(programme, found.member_id, 30, now=later)
        assert await make.available(found.member_id, later) == before + 30
        told = await numbered.number(programme, datetime.now(UTC))
        assert ("points.adjusted", found.member_id) in [(one.topic, one.member_id) for one in told]


async def test_the_next_release_will_hold_every_kind(every_kind_server: Server) -> None:
    """A table or kind that is new fails here until `every_kind` plays it."""
    newest = (await migrations.read())[-1].number
    assert {named: set(kinds) for named, kinds in KINDS.items()} == {
        named: occurring(newest)[named] for named in KINDS
    }
    async with servers.clone(every_kind_server) as played:
        await check_kinds(played, newest)
        async with connection(played.owner) as owner:
            rows, script = await rows_by_table(owner), await released.dump(owner)
            assert set(rows) == TABLES
            assert [table for table, count in rows.items() if not count] == []
            # what is written for a release is all of it
            await owner.execute(f"TRUNCATE {', '.join(sorted(TABLES))}")
            await released.restore(owner, script)
            assert await rows_by_table(owner) == rows
            assert await released.dump(owner) == script
        await work.verify(played)


async def test_each_release_is_small_and_belongs_to_a_migration() -> None:
    known = {migration.number for migration in await migrations.read()}
    assert RELEASED != []
    assert {released.number(file) for file in RELEASED} <= known
    assert [file.name for file in RELEASED if file.stat().st_size > BYTES_MAX] == []
