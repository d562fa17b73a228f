"""The rules that keep the schema ready to be distributed by member."""

import asyncpg
import pytest

import models
from tests.models.declared import MEMBER_TABLES, OTHERS, TABLES, TOOLS, migrated_columns

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

VERSIONED = {"referral"}
"""Tables with several rows under one id, numbered."""


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
