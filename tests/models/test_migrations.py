"""The migrated database against what the models declare, the committed list of constraints,
and the rules that keep the schema ready to be distributed by member.

After a wanted change of constraints, `python -m tests.models.constraints` writes the list
anew from a freshly migrated database; the difference belongs into the review.
"""

import re
from typing import Any

import asyncpg
import pytest
from tortoise.models import Model

import models
from ops.errors import DatabaseError
from ops.postgres.connections import connection, role
from ops.upgrade import migrate
from ops.worker import queue
from ops.worker.queue import QUEUE_SCHEMA
from tests.conftest import Database
from tests.models.constraints import COMMITTED, constraints, render
from tests.support import factories as make

MODELS: list[type[Model]] = [
    declared
    for declared in vars(models).values()
    if isinstance(declared, type) and issubclass(declared, Model)
]
TABLES = {str(model.describe()["table"]) for model in MODELS}
OTHERS = models.CATALOGUE_TABLES | models.LOOKUP_TABLES | models.PART_TABLES | models.JOB_TABLES
MEMBER_TABLES = TABLES - OTHERS
"""Tables that a shard would hold by member."""

KEYED_BY_MEMBER = {"account", "member", "member_span", "tier_total"}
SECOND = {
    "delivery_lane": "target",
    "lot_value": "lot_id",
    "member_month": "month",
    "seal": "number",
    "day_leaf": "day",
    "past_contact": "digest",
}
"""What a key goes on with, where that is no id."""

NO_IDS = {
    "audit": "sequence",
    "closed_period": "month",
    "lot_value": "lot_id",
    "seal": "number",
    "day_leaf": "day",
    "root": "day",
}
"""History whose rows have no id, and what names one instead."""

VERSIONED = {"referral"}
"""Tables with several rows under one id, numbered."""
TOOLS = {"aerich"}
"""Tables of the tools; they are not the application's."""

SPELT = {
    "BIGINT": "bigint",
    "SMALLINT": "smallint",
    "INT": "integer",
    "BOOL": "boolean",
    "UUID": "uuid",
    "TIMESTAMPTZ": "timestamp with time zone",
    "DATE": "date",
    "JSONB": "jsonb",
    "BYTEA": "bytea",
    "TEXT": "text",
    "DECIMAL(15,8)": "numeric",
    "DECIMAL(7,4)": "numeric",
}
"""How the catalogue spells the types that models declare."""


def declared_columns(model: type[Model]) -> dict[str, tuple[str, bool]]:
    """Type and nullability by column, as the model says."""
    described = model.describe()
    fields = [described["pk_field"], *described["data_fields"]]
    return {f["db_column"]: (_spelt(f), bool(f["nullable"])) for f in fields}


def _spelt(field: dict[str, Any]) -> str:
    types = field["db_field_types"]
    declared = str(types.get("postgres") or types[""])
    characters = re.fullmatch(r"VARCHAR\((\d+)\)", declared)
    return f"character varying({characters[1]})" if characters else SPELT[declared]


async def migrated_columns(
    connection: asyncpg.Connection,
) -> dict[str, dict[str, tuple[str, bool]]]:
    rows = await connection.fetch(
        "SELECT table_name, column_name, data_type, character_maximum_length AS characters, "
        "is_nullable = 'YES' AS nullable FROM information_schema.columns "
        "WHERE table_schema = current_schema()"
    )
    tables: dict[str, dict[str, tuple[str, bool]]] = {}
    for row in rows:
        characters = f"({row['characters']})" if row["characters"] else ""
        kind = f"{row['data_type']}{characters}"
        tables.setdefault(row["table_name"], {})[row["column_name"]] = (kind, row["nullable"])
    return tables


async def test_migrating_an_empty_database_gives_what_the_models_declare(
    fresh_database: Database,
) -> None:
    async with connection(fresh_database.owner) as owner:
        migrated = await migrated_columns(owner)
    declared = {str(model.describe()["table"]): declared_columns(model) for model in MODELS}
    assert {name: migrated[name] for name in migrated if name not in TOOLS} == declared


async def test_the_constraints_are_those_of_the_committed_list(fresh_database: Database) -> None:
    async with connection(fresh_database.owner) as owner:
        found = await constraints(owner)
    assert render(found) == COMMITTED.read_text(encoding="utf-8")
    assert found == sorted(found)


def test_every_table_is_of_one_sort() -> None:
    assert TABLES >= models.CATALOGUE_TABLES
    assert TABLES >= models.LOOKUP_TABLES
    assert TABLES >= models.PART_TABLES
    assert TABLES >= models.JOB_TABLES
    assert len(OTHERS) == sum(
        map(
            len,
            (
                models.CATALOGUE_TABLES,
                models.LOOKUP_TABLES,
                models.PART_TABLES,
                models.JOB_TABLES,
            ),
        )
    )
    assert TABLES >= models.INSERT_ONLY_TABLES
    assert MEMBER_TABLES >= KEYED_BY_MEMBER


def test_a_new_table_is_placed_by_hand() -> None:
    assert sorted(MEMBER_TABLES) == [
        "access",
        "account",
        "activity",
        "activity_attempts",
        "activity_reversal",
        "allocation",
        "amendment",
        "amendment_line",
        "award",
        "backtest_claim",
        "benefit_use",
        "booking",
        "booking_line",
        "claim",
        "code_reveal",
        "completion",
        "consent",
        "contact",
        "contact_code",
        "coupon_use",
        "day_leaf",
        "delivery",
        "delivery_attempt",
        "delivery_detail",
        "delivery_lane",
        "erasure",
        "expiry_reminder",
        "exposure",
        "feedback",
        "ledger_entry",
        "lot",
        "lot_value",
        "member",
        "member_change",
        "member_month",
        "member_span",
        "notice",
        "outbox_event",
        "overdue_line",
        "past_contact",
        "private_text",
        "push_address",
        "quote",
        "redemption",
        "referral",
        "refund",
        "refund_line",
        "reminder",
        "review",
        "risk_decision",
        "seal",
        "segment_member",
        "tier_change",
        "tier_credit",
        "tier_total",
        "transfer",
        "trial",
    ]


def test_a_refused_call_is_compared_in_every_table_that_it_could_change() -> None:
    # a test makes keys for its callers whenever it needs them
    # and no call is upkeep of the whole database
    fixed = {"programme", "partner", "partner_key", "upkeep"}
    fixed |= {"audit", "audit_head", "audit_reason"}  # which has a row of each of these keys
    assert set(make.COMPARED) == TABLES - fixed


async def test_each_member_table_names_its_member(owner_connection: asyncpg.Connection) -> None:
    columns = await migrated_columns(owner_connection)
    found = {table: columns[table].get("member_id") for table in MEMBER_TABLES}
    assert found == dict.fromkeys(MEMBER_TABLES, ("uuid", False))


KEYS = """
SELECT c.relname AS table, i.indisprimary AS is_primary,
    array(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY AS k (number, place)
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
        ORDER BY k.place) AS columns
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE i.indisunique AND c.relnamespace = current_schema()::regnamespace
"""


async def test_primary_keys_begin_with_the_member(owner_connection: asyncpg.Connection) -> None:
    found = {
        row["table"]: row["columns"]
        for row in await owner_connection.fetch(KEYS)
        if row["is_primary"] and row["table"] in MEMBER_TABLES
    }
    assert found == {
        table: [
            "member_id",
            *(() if table in KEYED_BY_MEMBER else (SECOND.get(table, "id"),)),
            *(("version",) if table in VERSIONED else ()),
        ]
        for table in MEMBER_TABLES
    }


async def test_what_is_unique_on_a_member_table_is_so_within_a_member(
    owner_connection: asyncpg.Connection,
) -> None:
    keys = [row for row in await owner_connection.fetch(KEYS) if row["table"] in MEMBER_TABLES]
    assert len(keys) > len(MEMBER_TABLES)
    assert [dict(row) for row in keys if "member_id" not in row["columns"]] == []


async def test_lookups_are_keyed_by_what_is_looked_up(owner_connection: asyncpg.Connection) -> None:
    found = {
        row["table"]: row["columns"]
        for row in await owner_connection.fetch(KEYS)
        if row["table"] in models.LOOKUP_TABLES
    }
    assert found == {
        "lookup": ["programme_id", "scope", "value"],
        "idempotency_key": ["programme_id", "caller", "key"],
        "parked_fact": ["programme_id", "booking_reference", "kind", "reference"],
        "suppression": ["programme_id", "channel", "digest"],
        "signal": ["digest", "id"],
        "erased_contact": ["programme_id", "digest"],
    }


async def test_what_is_kept_by_part_is_unique_within_a_part(
    owner_connection: asyncpg.Connection,
) -> None:
    keys = [row for row in await owner_connection.fetch(KEYS) if row["table"] in models.PART_TABLES]
    assert len(keys) > len(models.PART_TABLES)
    assert [row["columns"] for row in keys if row["columns"][0] != "part"] == []


async def test_what_belongs_to_a_job_is_unique_within_it(
    owner_connection: asyncpg.Connection,
) -> None:
    keys = [row for row in await owner_connection.fetch(KEYS) if row["table"] in models.JOB_TABLES]
    assert {row["table"] for row in keys} == models.JOB_TABLES
    assert [row["columns"] for row in keys if row["columns"][0] != "job_id"] == []


FOREIGN_KEYS = """
SELECT o.conname AS name, c.relname AS table, r.relname AS target, o.confdeltype::text AS delete,
    o.confupdtype::text AS update, o.condeferrable AS deferrable,
    array(SELECT a.attname::text FROM unnest(o.conkey) WITH ORDINALITY AS k (number, place)
        JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.number
        ORDER BY k.place) AS columns,
    array(SELECT a.attname::text FROM unnest(o.confkey) WITH ORDINALITY AS k (number, place)
        JOIN pg_attribute a ON a.attrelid = o.confrelid AND a.attnum = k.number
        ORDER BY k.place) AS target_columns
FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_class r ON r.oid = o.confrelid
WHERE o.contype = 'f' AND o.connamespace = current_schema()::regnamespace
"""


async def test_references_between_member_tables_begin_with_the_member(
    owner_connection: asyncpg.Connection,
) -> None:
    keys = [
        row
        for row in await owner_connection.fetch(FOREIGN_KEYS)
        if row["table"] in MEMBER_TABLES and row["target"] in MEMBER_TABLES
    ]
    assert len(keys) >= 15
    wrong = [
        row["name"]
        for row in keys
        if row["columns"][0] != "member_id" or row["target_columns"][0] != "member_id"
    ]
    assert wrong == []


async def test_references_restrict_at_once_and_are_named(
    owner_connection: asyncpg.Connection,
) -> None:
    keys = await owner_connection.fetch(FOREIGN_KEYS)
    wrong = [
        row["name"]
        for row in keys
        if row["delete"] != "r" or row["update"] != "a" or row["deferrable"]
    ]
    assert wrong == []
    assert [row["name"] for row in keys if row["name"].endswith("_fkey")] == []


async def test_the_catalogue_never_refers_to_a_member(owner_connection: asyncpg.Connection) -> None:
    wrong = [
        row["name"]
        for row in await owner_connection.fetch(FOREIGN_KEYS)
        if row["table"] not in MEMBER_TABLES and row["target"] in MEMBER_TABLES
    ]
    assert wrong == []


async def test_stock_stands_in_a_table_of_its_own(owner_connection: asyncpg.Connection) -> None:
    columns = await migrated_columns(owner_connection)
    assert set(columns["reward_stock"]) == {"reward_id", "remaining"}
    assert "remaining" not in columns["reward"]


@pytest.mark.parametrize(
    "found",
    [
        (
            "SELECT tgname::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT tgisinternal AND c.relnamespace = current_schema()::regnamespace"
        ),
        (
            "SELECT typname::text FROM pg_type "
            "WHERE typtype = 'e' AND typnamespace = current_schema()::regnamespace"
        ),
        (
            "SELECT table_name || '.' || column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND table_name <> ALL($1::text[]) "
            "AND (is_identity = 'YES' OR column_default !~ '^([0-9]+|true|false)$' "
            "OR is_generated <> 'NEVER')"
        ),
        (
            "SELECT sequencename::text FROM pg_sequences WHERE schemaname = current_schema() "
            "AND sequencename <> 'aerich_id_seq'"
        ),
        "SELECT proname::text FROM pg_proc WHERE pronamespace = current_schema()::regnamespace",
        "SELECT conname::text FROM pg_constraint WHERE condeferrable",
        "SELECT conname::text FROM pg_constraint WHERE NOT convalidated",
    ],
    ids=[
        "triggers",
        "enums",
        "defaults but plain numbers and truths, and identities",
        "sequences",
        "functions",
        "deferrable constraints",
        "unvalidated constraints",
    ],
)
async def test_nothing_that_a_shard_cannot_carry(
    owner_connection: asyncpg.Connection, found: str
) -> None:
    values = [sorted(TOOLS)] if "$1" in found else []
    assert [row[0] for row in await owner_connection.fetch(found, *values)] == []


async def test_the_queue_lies_apart_as_the_installed_library_declares_it(
    database: Database,
) -> None:
    async with connection(database.owner) as owner, queue.opened(database.serving) as asked:
        schemas = await owner.fetch(
            "SELECT DISTINCT schemaname::text FROM pg_tables WHERE tablename LIKE 'pgqueuer%'"
        )
        assert [row[0] for row in schemas] == [QUEUE_SCHEMA]
        assert (await asked.plan_upgrade()).statements == ()
        assert await queue.converge(owner) == []


async def test_a_queue_of_an_older_library_is_refused_and_brought_up_to_date(
    fresh_database: Database,
) -> None:
    async with connection(fresh_database.owner) as owner:
        await owner.execute("ALTER TABLE pgqueuer.pgqueuer DROP COLUMN slot")
        with pytest.raises(DatabaseError, match="run `python -m ops migrate`"):
            async with queue.opened(fresh_database.serving):
                pass
    assert await migrate(fresh_database.owner, role(fresh_database.serving)) == [
        f"pgqueuer-{queue.VERSION}"
    ]
    async with queue.opened(fresh_database.serving) as asked:
        assert await queue.put(asked, "sweep")


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
