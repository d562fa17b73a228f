"""Whatever is altered, added or removed of what is sealed is found and named, also where whoever
did it made all hashes anew: only the keys are missing.

Every column of every table is of one sort, sealed or not, with the reason; those that are sealed
are altered one by one, in a database with rows of every kind.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
from tortoise import fields
from tortoise.models import Model

import models
from domain.kernel import audited_rows, sealed_rows, sealing
from domain.kernel.ids import new_id
from domain.kernel.sealing import UNSEALED, Head, Keys, Sealed
from domain.proof import audit_checks, seal_checks, verification
from domain.proof.evidence import Fault, MemberRows
from ops.postgres.connections import connection
from ops.postgres.database import connected
from tests.domain.proof.test_verification import altered
from tests.support import servers
from tests.support.servers import Server

TABLES: dict[str, type[Model]] = {
    model._meta.db_table: model
    for model in vars(models).values()
    if isinstance(model, type) and issubclass(model, Model)
}
FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)

WITHOUT_ROWS: set[str] = set()
"""Sealed tables of which the database of every kind has no row."""


def test_every_column_of_every_table_is_sealed_or_has_a_reason_not_to_be() -> None:
    sorts: dict[str, list[str]] = {}
    for table, model in TABLES.items():
        for column in model._meta.fields_map:
            said = [table in models.NOT_SEALED, f"{table}.{column}" in models.NOT_SEALED]
            sealed = table in models.SEALED and column in models.SEALED[table][1]
            sorts[f"{table}.{column}"] = ["sealed"] * sealed + ["not"] * sum(said)
    assert {name: found for name, found in sorts.items() if len(found) != 1} == {}
    named = {one.partition(".")[0] for one in models.NOT_SEALED} | models.SEALED.keys()
    assert named == set(TABLES)
    assert all(models.NOT_SEALED.values())


def test_numbers_of_tables_are_their_own() -> None:
    numbers = [number for number, _ in models.SEALED.values()]
    assert len(set(numbers)) == len(numbers)
    assert models.SEALED["completion"][0] == 3
    assert all(0 < number < 256 for number in numbers)


@dataclass(frozen=True)
class Kinds:
    """Rows of every kind by member, and a template of databases that have them."""

    members: list[MemberRows]
    server: Server


@pytest.fixture(scope="module")
async def kinds(every_kind_server: Server) -> Kinds:
    async with (
        servers.clone(every_kind_server) as own,
        connected(own.serving, everywhere=False),
    ):
        return Kinds(await verification.read(FIRST, LAST), every_kind_server)


def planted(member: MemberRows, /, **tables: list[dict[str, Any]]) -> MemberRows:
    return MemberRows(member.member_id, defaultdict(list, {**member.tables, **tables}))


def changed(value: Any, column: str) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, str) and value[:1] in ("{", "["):
        document = orjson.loads(value)
        return orjson.dumps([document, 1] if isinstance(document, list) else {**document, "x": 1})
    return altered(value, column)


def columns_of(members: list[MemberRows]) -> Iterator[tuple[MemberRows, str, dict[str, Any], str]]:
    """Of each sealed table one row of somebody, with each of its columns."""
    for table, (_, columns) in models.SEALED.items():
        found = [(one, row) for one in members for row in one.tables[table]]
        if table in WITHOUT_ROWS:
            assert not found, table
            continue
        assert found, table
        for column in columns:
            # where there is one, a row that has a value there
            member, row = next((one for one in found if one[1][column] is not None), found[0])
            yield member, table, row, column


async def test_whatever_is_altered_added_or_removed_is_named(kinds: Kinds) -> None:
    members = kinds.members
    assert [str(fault) for one in members for fault in seal_checks.check(one)] == []
    tried = 0
    for member, table, row, column in columns_of(members):
        value = changed(row[column], column)
        if isinstance(value, bytes) and isinstance(row[column], str):
            value = value.decode()
        rows = [{**one, column: value} if one is row else one for one in member.tables[table]]
        target = {**row, column: value}
        found = list(seal_checks.check(planted(member, **{table: rows})))
        named = {(fault.table, fault.row_id) for fault in found}
        assert (table, target.get("id", member.member_id)) in named, (table, column)
        tried += 1
    assert tried == sum(
        len(columns) for table, (_, columns) in models.SEALED.items() if table not in WITHOUT_ROWS
    )
    for member, table, row, column in columns_of(members):
        if column != models.SEALED_IDS.get(table, ("id",))[0]:
            continue
        rows = member.tables[table]
        [removed] = seal_checks.check(planted(member, **{table: [o for o in rows if o is not row]}))
        assert (removed.table, removed.what, removed.found) == (table, "the row", "missing")
        added = {**row, column: new_id()}
        [unsealed] = seal_checks.check(planted(member, **{table: [*rows, added]}))
        assert (unsealed.table, unsealed.what) == (table, "its seal")


def resealed(member: MemberRows, keys: Keys) -> MemberRows:
    """As whoever has the database and not the keys would have it: digests, hashes and the head of
    the account made anew, in the last seal that names a row, and a MAC of another key.
    """
    now = {
        (found.number, found.id): found.digest
        for table in models.SEALED
        for found in sealed_rows.of_all(table, member.tables[table])
    }
    hashes = {0: bytes(32)} | {entry["sequence"]: entry["hash"] for entry in member.entries}
    head, made = UNSEALED, []
    for seal in sorted(member.tables["seal"], key=lambda one: one["number"]):
        rows = sealing.packed(
            row._replace(digest=now.get((row.number, row.id), row.digest))
            for row in sealing.unpacked(seal["rows"])
        )
        said = Sealed(seal["recorded_at"], seal["sequence"], hashes[seal["sequence"]], rows)
        digest = sealing.seal_hash(member.member_id, head, said)
        same = digest == seal["hash"]
        mac = seal["mac"] if same else keys.mac(seal["key"], digest)
        made.append({**seal, "rows": rows, "hash": digest, "mac": mac})
        head = Head(seal["number"], digest)
    account = {**(member.account or {}), "seal_number": head.number, "seal_hash": head.hash}
    return planted(member, seal=made, account=[account])


async def test_who_makes_all_hashes_anew_has_no_key(kinds: Kinds) -> None:
    members = kinds.members
    guessed = Keys({sealing.DEVELOPMENT: bytes(32)})
    for member, table, row, column in columns_of(members):
        if column in models.SEALED_IDS.get(table, ("id",)):
            continue  # another id is another row, which is tried above
        value = changed(row[column], column)
        if isinstance(value, bytes) and isinstance(row[column], str):
            value = value.decode()
        rows = [{**one, column: value} if one is row else one for one in member.tables[table]]
        forged = resealed(planted(member, **{table: rows}), guessed)
        found = list(seal_checks.check(forged))
        # row ids of what has no id are their member's
        row_id = row.get("id", member.member_id)
        assert any(
            (fault.table, fault.row_id, fault.what) == (table, row_id, "its seal")
            for fault in found
        ), (table, column, [str(one) for one in found])
        assert any(fault.what.startswith("mac of number") for fault in found), (table, column)


async def test_who_has_the_database_alone_is_found_in_it(kinds: Kinds) -> None:
    """A row of each table is removed and one altered, behind all constraints."""
    async with servers.clone(kinds.server) as own, connection(own.owner) as owner:
        for table, name in await owner.fetch(CONSTRAINTS):
            await owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name} CASCADE")
        expected = {table: await _plant(owner, kinds, table) for table in models.SEALED}
        async with connected(own.serving, everywhere=False):
            found = [fault async for batch in verification.batches() for fault in batch.faults]
    for table, (removed, altered_id) in expected.items():
        said = {(fault.row_id, fault.what) for fault in found if fault.table == table}
        assert (removed, "the row") in said or table in models.SEALED_IDS, table
        assert altered_id is None or (altered_id, "its digest") in said, table


async def test_whatever_the_audit_proves_is_named_when_it_is_altered(kinds: Kinds) -> None:
    tried = set()
    async with servers.clone(kinds.server) as own, connected(own.serving, everywhere=False):
        assert await audit_checks.chains() == []
        for programme in await models.Programme.all():
            rows = {
                table: await audited_rows.rows_of(table, programme.id) for table in models.AUDITED
            }
            named = {
                (one.number, one.id): one.digest
                for one in (await audited_rows.all_of(programme.id)).values()
            }
            for table, (_, columns) in models.AUDITED.items():
                for row, column in itertools.product(rows[table], columns):
                    value = changed(row[column], column)
                    if isinstance(sealed_rows.declared(table)[column], fields.JSONField):
                        value = [row[column], "x"]
                    other = {**row, column: value}
                    others = [other if one is row else one for one in rows[table]]
                    planted = {**rows, table: others}
                    found = [*audit_checks.check_named(programme.id, named, planted)]
                    assert found[0].what == f"{table} {other['id']}", (table, column)
                    tried.add((table, column))
                for row in rows[table]:
                    planted = {**rows, table: [one for one in rows[table] if one is not row]}
                    [gone] = audit_checks.check_named(programme.id, named, planted)
                    assert gone.found == "gone"
    assert tried == {
        (table, column) for table, (_, columns) in models.AUDITED.items() for column in columns
    }


COUNTS = ("reward_stock", "pool_stock", "rule_budget", "partner_points", "books")
"""Counts of programmes, which `verify` computes again without looking at members one by one."""

KEPT = {
    # the ids of rows that nothing names
    "pool_stock": {"id"},
    # by which a total or a mark is compared with what is counted: a policy says them
    "rule_budget": {"total"},
    "partner_points": {"low_mark"},
}
"""Columns that say nothing of what is counted."""


async def test_every_altered_count_is_named(kinds: Kinds) -> None:
    tried = set()
    async with servers.clone(kinds.server) as own, connection(own.owner) as owner:
        for table, name in await owner.fetch(CONSTRAINTS):
            await owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name} CASCADE")
        async with connected(own.serving, everywhere=False):
            for table in COUNTS:
                for column in TABLES[table]._meta.fields_map.keys() - KEPT.get(table, set()):
                    found = await _faults_once_altered(owner, table, column)
                    assert found, (table, column)
                    tried.add(table)
    assert tried == set(COUNTS)


async def _faults_once_altered(owner: asyncpg.Connection, table: str, column: str) -> list[Fault]:
    """What verification says of a table of which it has one row with another value meanwhile."""
    row = await owner.fetchrow(
        f"SELECT ctid, {column} FROM {table} ORDER BY {column} NULLS LAST LIMIT 1"
    )
    value = altered(row[column], column)
    if isinstance(row[column], date) and not isinstance(row[column], datetime):
        value = row[column] + timedelta(days=40)
    where = f"WHERE {column} IS NOT DISTINCT FROM $2"
    one = f"ctid = (SELECT min(ctid) FROM {table} {where})"
    await owner.execute(f"UPDATE {table} SET {column} = $1 WHERE {one}", value, row[column])
    found = await verification._counters()
    await owner.execute(f"UPDATE {table} SET {column} = $1 WHERE {one}", row[column], value)
    # a check that cannot read what is there is named, too
    return [one for one in found if one.table == table or one.found.startswith("ended by ")]


CONSTRAINTS = """SELECT conrelid::regclass::text, conname FROM pg_constraint
    WHERE contype IN ('c', 'f', 'u') AND connamespace = current_schema()::regnamespace"""

STEPS = {fields.BigIntField: "1", fields.IntField: "1", fields.DatetimeField: "interval '1 second'"}


async def _plant(owner: asyncpg.Connection, kinds: Kinds, table: str) -> tuple[UUID, UUID | None]:
    """What was removed and what was altered of a table."""
    key = models.SEALED_IDS.get(table, ("id",))[0]
    removed, *others = (row for one in kinds.members for row in one.tables[table])
    await owner.execute(f"DELETE FROM {table} WHERE {key} = $1", removed[key])
    kinds_of = TABLES[table]._meta.fields_map
    for other in (row for row in others if row[key] != removed[key]):
        for column in models.SEALED[table][1]:
            step = STEPS.get(type(kinds_of[column]))
            own = column in models.SEALED_IDS.get(table, ())
            if step and not own and other[column] is not None:
                await owner.execute(
                    f"UPDATE {table} SET {column} = {column} + {step} WHERE {key} = $1", other[key]
                )
                return removed[key], other.get("id", other["member_id"])
    return removed[key], None
