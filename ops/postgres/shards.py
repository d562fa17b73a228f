"""Spreading a migrated database over several machines by Citus, which operators install.

Tables of members are distributed by `member_id`, all rows of one member on one shard; look-ups by
their value; the catalogue is copied to every machine; counters stay on the coordinator. No other
part of the product depends on it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

import asyncpg

import models
from ops.errors import OperationError
from ops.postgres.connections import role
from ops.postgres.database import LOCK_SECONDS

VERSION_MIN = 11
MEMBER, PART, JOB = "member_id", "part", "job_id"
TOOLS = ("aerich",)
FIRST = {MEMBER: "member", PART: "feed_head"}
"""By column of distribution, the table with which the others are co-located."""


@dataclass(frozen=True, slots=True)
class TableDistribution:
    """How a table is distributed: spread by a `column`, co-located with the table `beside` if
    there is one; copied to every machine if it has no column; or left on the coordinator.
    """

    table: str
    column: str | None = None
    beside: str | None = None
    stays: bool = False

    def __str__(self) -> str:
        if self.stays:
            return "stays on the coordinator"
        if self.column is None:
            return "is copied to every machine"
        return f"is spread by {self.column}" + (f", beside {self.beside}" if self.beside else "")

    @property
    def statement(self) -> str:
        if self.column is None:
            return f"SELECT create_reference_table('{self.table}')"
        beside = f"'{self.beside}'" if self.beside else "'none'"
        return (
            f"SELECT create_distributed_table('{self.table}', '{self.column}', "
            f"colocate_with => {beside})"
        )


def distribution(table: str) -> TableDistribution:
    """How a table of ours is distributed."""
    if table in models.COUNTER_TABLES or table in TOOLS:
        return TableDistribution(table, stays=True)
    if table in models.CATALOGUE_TABLES:
        return TableDistribution(table)
    if table in models.KEYS:
        return TableDistribution(table, models.KEYS[table])
    if table in models.JOB_TABLES:
        return TableDistribution(table, JOB)
    column = PART if table in models.PART_TABLES else MEMBER
    first = FIRST[column]
    return TableDistribution(table, column, None if table == first else first)


def ordered(tables: Iterable[str], refers: Mapping[str, Iterable[str]]) -> list[TableDistribution]:
    """The distributions of these tables, without those that stay. Copied tables come first; each
    table comes after those that it `refers` to or is co-located with, otherwise by name.
    """
    distributions = {table: distribution(table) for table in sorted(tables)}
    sorter = TopologicalSorter[str]()
    for table, one in distributions.items():
        before = {other for other in refers.get(table, ()) if other != table}
        sorter.add(table, *sorted(before | ({one.beside} if one.beside else set())))
    after = {table: number for number, table in enumerate(sorter.static_order())}
    return sorted(
        (one for one in distributions.values() if not one.stays),
        key=lambda one: (one.column is not None, after[one.table]),
    )


async def check(owner: asyncpg.Connection) -> None:
    """Raises: OperationError if the extension is missing or too old."""
    if await owner.fetchval("SELECT to_regproc('citus_version')") is None:
        raise OperationError(
            "the database has no extension citus: install it on every machine, then run "
            "CREATE EXTENSION citus here, and add the workers with citus_add_node"
        )
    said = str(await owner.fetchval("SELECT citus_version()"))
    digits = "".join(found for found in said.partition(".")[0] if found.isdigit())
    if int(digits or 0) < VERSION_MIN:
        raise OperationError(f"{said} is too old: this needs version {VERSION_MIN}")


async def plan(owner: asyncpg.Connection) -> list[TableDistribution]:
    """The distributions for this database, in order, for all tables that do not stay."""
    tables = await owner.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    )
    found = await owner.fetch(
        "SELECT r.relname AS table, f.relname AS other FROM pg_constraint c "
        "JOIN pg_class r ON r.oid = c.conrelid JOIN pg_class f ON f.oid = c.confrelid "
        "WHERE c.contype = 'f' AND r.relnamespace = current_schema()::regnamespace"
    )
    refers: dict[str, set[str]] = {}
    for key in found:
        refers.setdefault(key["table"], set()).add(key["other"])
    ours = [table["tablename"] for table in tables]
    return ordered([one for one in ours if not one.startswith("citus")], refers)


async def done(owner: asyncpg.Connection) -> dict[str, str | None]:
    """By distributed table the column that it is spread by; None for copied tables."""
    found = await owner.fetch(
        "SELECT table_name::text AS table, distribution_column AS column, citus_table_type AS kind "
        "FROM citus_tables"
    )
    return {
        one["table"]: one["column"] if one["kind"] == "distributed" else None
        for one in found
        if one["kind"] in ("distributed", "reference")
    }


async def left(
    owner: asyncpg.Connection, distributions: Sequence[TableDistribution]
) -> list[TableDistribution]:
    """The distributions that have not been carried out yet.

    Raises: OperationError if a table was distributed differently.
    """
    known = await done(owner)
    for one in distributions:
        if one.table in known and known[one.table] != one.column:
            by = known[one.table]
            there = f"is spread by {by}" if by else "is copied to every machine"
            raise OperationError(f"{one.table} {there} already, but the plan says that it {one}")
    return [one for one in distributions if one.table not in known]


async def limit_locks(owner: asyncpg.Connection, serving_url: str) -> str | None:
    """Set the serving role's time-out for locks, because settings of a connection do not reach the
    other machines. Returns the statement for an administrator if the owner may not run it.
    """
    name = await owner.fetchval("SELECT quote_ident($1)", role(serving_url))
    statement = f"ALTER ROLE {name} SET lock_timeout = '{LOCK_SECONDS}s'"
    try:
        await owner.execute(statement)
    except asyncpg.InsufficientPrivilegeError:
        return statement
    return None
