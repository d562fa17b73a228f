"""Many members out of few: copies of played members with ids, references and hashes of their own.

All of it is done by statements in the database. A copy's ids are the original's with the last
five hexadecimal digits replaced by its number, so that they stay in their order; references end
with `X` and the number, unless they are made of the member's id. The content that an entry's hash
is made of is taken once from the product's own `digest`, with gaps where such ids stand; PostgreSQL
fills the gaps and hashes.
"""

import re
from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

import asyncpg

from domain.ledger.values import FIRST_HASH
from domain.proof.chain_checks import sealed_entries
from domain.proof.evidence import MemberRows
from ops.progress import Advance

GAP = "@@@@@"
_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

SHARED_IDS = frozenset({"programme_id", "policy_version_id", "reward_id", "partner_id"})
"""Ids of what all members share."""

NAMED = frozenset({"reference", "referral_code", "value", "code", "code_key"})
"""Columns of texts that are unique across members."""

PASSING = frozenset({"feed_entry", "idempotency_key", "outbox_event", "parked_fact", "seal"})
"""What jobs remove in time: copies have none of it, and the originals lose theirs. Seals are made
anew by `ops seal`.
"""

NUMBER = "lpad(to_hex(k.k), 5, '0')"
CONTENT = "benchmark_content"
CHAIN = "benchmark_chain"


async def tables(owner: asyncpg.Connection) -> dict[str, list[tuple[str, str]]]:
    """Every table with rows of members: its columns, each with its type."""
    found = await owner.fetch(
        "SELECT table_name, column_name, udt_name FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND is_generated = 'NEVER' AND table_name IN ("
        "SELECT table_name FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND column_name = 'member_id') "
        "ORDER BY table_name, ordinal_position"
    )
    columns: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for one in found:
        columns[one["table_name"]].append((one["column_name"], one["udt_name"]))
    return {table: columns[table] for table in columns if table not in PASSING}


async def clone(owner: asyncpg.Connection, copies: int, advance: Advance) -> None:
    """`copies` of each member that is there, in place of it; one step of `advance` a table.

    `owner` is a superuser: rows are not checked one by one against the tables that they refer to,
    and `verify` reads all of it afterwards.
    """
    await owner.execute("SET session_replication_role = replica")
    await owner.execute("SET synchronous_commit = off")
    await owner.execute("SET work_mem = '256MB'")
    await owner.execute("UPDATE account SET seal_number = NULL, seal_hash = NULL")
    for table in PASSING:
        await owner.execute(f"DELETE FROM {table}")
    found = await tables(owner)
    await _chain(owner, copies)
    for table, columns in found.items():
        await owner.execute(f"CREATE TEMP TABLE original AS SELECT * FROM {table}")
        await owner.execute(f"DELETE FROM {table} WHERE member_id IS NOT NULL")
        await owner.execute(_insert(table, columns), copies)
        await owner.execute("DROP TABLE original")
        advance(1)
    await owner.execute(f"DROP TABLE {CHAIN}")


async def _chain(owner: asyncpg.Connection, copies: int) -> None:
    """Hashes of all copies' entries, one statement a sequence number."""
    await owner.execute(
        f"CREATE TEMP TABLE {CONTENT} (member_id uuid, entry_id uuid, sequence bigint, text text)"
    )
    contents = await _contents(owner)
    await owner.copy_records_to_table(CONTENT, records=contents)
    await owner.execute(
        f"CREATE TEMP TABLE {CHAIN} (member_id uuid, entry_id uuid, k int, sequence bigint, "
        "hash bytea)"
    )
    await owner.execute(
        f"INSERT INTO {CHAIN} SELECT c.member_id, c.entry_id, k.k, 1, "
        f"sha256($2::bytea || convert_to(replace(c.text, '{GAP}', {NUMBER}), 'UTF8')) "
        f"FROM {CONTENT} c, generate_series(1, $1::int) AS k (k) WHERE c.sequence = 1",
        copies,
        FIRST_HASH,
    )
    for sequence in range(2, max(row[2] for row in contents) + 1):
        await owner.execute(
            f"INSERT INTO {CHAIN} SELECT c.member_id, c.entry_id, k.k, c.sequence, "
            f"sha256(k.hash || convert_to(replace(c.text, '{GAP}', {NUMBER}), 'UTF8')) "
            f"FROM {CONTENT} c JOIN {CHAIN} k USING (member_id) "
            "WHERE c.sequence = $1 AND k.sequence = $1 - 1",
            sequence,
        )
    await owner.execute(f"CREATE INDEX ON {CHAIN} (entry_id, k)")
    await owner.execute(f"ANALYZE {CHAIN}")


def gaps(text: str, shared: Collection[str]) -> str:
    """A text with the end of each id in it left open, but for those of what all share."""
    return _ID.sub(lambda one: one[0] if one[0] in shared else one[0][:-5] + GAP, text)


async def _contents(owner: asyncpg.Connection) -> list[tuple[UUID, UUID, int, str]]:
    """What each original entry is hashed of, with gaps."""
    shared = {str(row["id"]) for row in await owner.fetch("SELECT id FROM policy_version")}
    shared |= {str(row["id"]) for row in await owner.fetch("SELECT id FROM partner")}
    members: dict[UUID, MemberRows] = {}
    for table in ("account", "ledger_entry", "lot", "allocation"):
        for row in await owner.fetch(f"SELECT * FROM {table}"):
            rows = members.setdefault(row["member_id"], MemberRows(row["member_id"]))
            rows.tables[table].append(dict(row))
    return [
        (
            member_id,
            sealed.entry["id"],
            sealed.entry["sequence"],
            gaps(sealed.content(member_id), shared),
        )
        for member_id, rows in members.items()
        for sealed in sealed_entries(rows)
    ]


def _insert(table: str, columns: list[tuple[str, str]]) -> str:
    names = ", ".join(f'"{name}"' for name, _ in columns)
    values = ", ".join(_value(table, name, kind) for name, kind in columns)
    joined = {
        "ledger_entry": f"JOIN {CHAIN} h ON h.entry_id = o.id AND h.k = k.k",
        "account": (
            f"LEFT JOIN {CHAIN} h ON h.member_id = o.member_id AND h.k = k.k "
            "AND h.sequence = o.sequence"
        ),
    }
    return (
        f"INSERT INTO {table} ({names}) SELECT {values} "
        "FROM (SELECT * FROM original WHERE member_id IS NOT NULL ORDER BY 1) o "
        f"CROSS JOIN generate_series(1, $1::int) AS k (k) {joined.get(table, '')}"
    )


def _value(table: str, name: str, kind: str) -> str:
    column = f'o."{name}"'
    if (table, name) in (("ledger_entry", "hash"), ("account", "last_hash")):
        return f"coalesce(h.hash, {column})"
    if (table, name) == ("redemption", "codes"):
        return (
            "(SELECT coalesce(jsonb_agg(c.c || 'X' || k.k), '[]') "
            f"FROM jsonb_array_elements_text({column}) AS c (c))"
        )
    if table == "redemption" and name in ("stock_taken", "stock_returned"):
        # one of the copies takes from the one stock of all
        other = "NULL" if name == "stock_returned" else f"{column} AND false"
        return f"CASE WHEN k.k = 1 THEN {column} ELSE {other} END"
    if kind == "uuid" and name not in SHARED_IDS:
        return f"{_copied(column)}::uuid"
    if name in NAMED:
        own = f"replace({column}, o.member_id::text, {_copied('o.member_id')})"
        return (
            f"CASE WHEN position(o.member_id::text IN {column}) > 0 THEN {own} "
            f"ELSE {column} || 'X' || k.k END"
        )
    return column


def _copied(column: str) -> str:
    """The text of an id as the copy has it."""
    return f"(left({column}::text, 31) || {NUMBER})"
