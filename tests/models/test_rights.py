"""Who owns the tables, and what of them the serving role may change and remove."""

import asyncpg
import pytest

import models
from ops.postgres.connections import connection
from tests.conftest import Database
from tests.models.declared import MODELS, TABLES, declared_columns

NO_IDS = {
    "audit": "sequence",
    "closed_period": "month",
    "lot_value": "lot_id",
    "seal": "number",
    "day_leaf": "day",
    "root": "day",
}
"""History whose rows have no id, and what names one instead."""


async def test_the_owner_is_no_superuser_and_owns_everything(
    owner_connection: asyncpg.Connection,
) -> None:
    owners = await owner_connection.fetch(
        "SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname = current_schema()"
    )
    assert [row[0] for row in owners] == [await owner_connection.fetchval("SELECT current_user")]


@pytest.mark.parametrize("table", sorted(models.INSERT_ONLY_TABLES))
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET {key} = {key}", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
async def test_history_cannot_be_rewritten_by_who_serves(
    database: Database, table: str, statement: str
) -> None:
    async with connection(database.serving) as serving:
        key = NO_IDS.get(table, "id")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await serving.execute(statement.format(table, key=key))
        assert isinstance(await serving.fetchval(f"SELECT count(*) FROM {table}"), int)


def test_history_is_in_no_list_of_what_may_change() -> None:
    assert not models.INSERT_ONLY_TABLES & (set(models.CHANGED_COLUMNS) | models.REMOVED_TABLES)
    assert set(models.CHANGED_COLUMNS) | models.REMOVED_TABLES <= TABLES


@pytest.mark.parametrize("table", sorted(TABLES - models.REMOVED_TABLES))
async def test_who_serves_removes_only_what_may_go(database: Database, table: str) -> None:
    async with connection(database.serving) as serving:
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await serving.execute(statement)


async def test_who_serves_changes_only_what_may_change(database: Database) -> None:
    async with connection(database.serving) as serving:
        for model in MODELS:
            table = str(model.describe()["table"])
            named = models.CHANGED_COLUMNS.get(table, None)
            columns = set(declared_columns(model))
            may = columns if named == models.EVERY_COLUMN else set(named or ())
            assert may <= columns
            for column in sorted(columns):
                change = f"UPDATE {table} SET {column} = {column} WHERE false"
                if column in may:
                    await serving.execute(change)
                    continue
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await serving.execute(change)


async def test_who_serves_can_neither_make_nor_change_tables(database: Database) -> None:
    async with connection(database.serving) as serving:
        for statement in (
            "CREATE TABLE mine (id int)",
            "ALTER TABLE lot DROP CONSTRAINT lot_points",
            "DROP TABLE lot",
            "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
            "UPDATE aerich SET version = 'x'",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await serving.execute(statement)
        superuser = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        assert await serving.fetchval(superuser) is False
