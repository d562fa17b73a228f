"""Writes of a transaction: one statement for one member, few statements for several.

They are new rows in any of the member's tables, and changes of existing rows, each guarded by its
old values. All parts of the statement see the tables as they were before it, and foreign keys are
checked at its end, so the order of the parts does not matter; no row is written twice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import chain, count
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from tortoise import fields
from tortoise.models import Model

from domain.kernel import private_texts
from domain.kernel.database import row

Columns = Mapping[str, Sequence[Any]]
"""Values of several rows, by column."""

_TYPES: Mapping[type[fields.Field[Any]], str] = {
    fields.UUIDField: "uuid",
    fields.CharField: "text",
    fields.TextField: "text",
    fields.SmallIntField: "smallint",
    fields.IntField: "integer",
    fields.BigIntField: "bigint",
    fields.DatetimeField: "timestamptz",
    fields.DateField: "date",
    fields.BooleanField: "boolean",
    fields.BinaryField: "bytea",
    fields.JSONField: "jsonb",
}
"""The types as which columns are sent."""


STATEMENTS_MAX = 1000
"""How many statements are remembered, each of other parts."""


@dataclass(slots=True)
class Writes:
    """Collected until `send`."""

    member_id: UUID
    rows: dict[type[Model], list[Mapping[str, Any]]] = field(default_factory=dict)
    values: dict[type[Model], dict[str, Any]] = field(default_factory=dict)
    guards: dict[type[Model], dict[str, Any]] = field(default_factory=dict)
    changes: list[tuple[type[Model], Columns, Columns]] = field(default_factory=list)

    def add(self, *rows: Model) -> None:
        """Add new rows of this member, in any tables."""
        for one in rows:
            self.insert(type(one), [vars(one)])

    def insert(self, table: type[Model], rows: Iterable[Mapping[str, Any]]) -> None:
        """Add new rows of one table, by column; null columns may be left out. Texts that they
        commit to are written with them.

        Raises: ValueError for another member's.
        """
        may_commit = table in private_texts.COLUMNS
        for one in rows:
            if one["member_id"] != self.member_id:
                raise ValueError(f"a {table.__name__} of another member than {self.member_id}")
            self.rows.setdefault(table, []).append(one)
            if may_commit:
                self.add(*private_texts.rows_of(table, one))

    def change_own(
        self, table: type[Model], values: Mapping[str, Any], guard: Mapping[str, Any]
    ) -> None:
        """Change the member's only row in a table, if it still has the values of `guard`; several
        changes are combined.
        """
        self.values.setdefault(table, {}).update(values)
        self.guards.setdefault(table, {}).update(guard)

    def change(self, table: type[Model], before: Columns, after: Columns) -> None:
        """Change rows of a table, named by `before["id"]`, if they still have the other values of
        `before`. No row is changed twice.
        """
        if before["id"]:
            self.changes.append((table, before, after))

    async def send(self) -> None:
        """Write everything by one statement, or by none where there is nothing.

        Raises: RuntimeError where a row is not as it was when it was read under the lock.
        """
        await _send([self])

    def _parts(self) -> tuple["_Part", ...]:
        return (
            *map(_Insert, self.rows),
            *(
                _ChangeOwn(table, tuple(values), tuple(self.guards[table]))
                for table, values in self.values.items()
            ),
            *(_Change(table, tuple(before), tuple(after)) for table, before, after in self.changes),
        )


async def send_all(several: Iterable[Writes]) -> None:
    """Write what was collected for several members, with one statement for those whose writes have
    the same shape.

    Raises: RuntimeError where a row is not as it was when it was read under the lock.
    """
    alike: dict[tuple[_Part, ...], list[Writes]] = {}
    for one in several:
        alike.setdefault(one._parts(), []).append(one)
    for writes in alike.values():
        await _send(writes)


async def _send(alike: Sequence[Writes]) -> None:
    parts = alike[0]._parts()
    if parts:
        many = len(alike) > 1
        found = await row(_statement(parts, many=many), *(_of_many if many else _of_one)(alike))
        _check(alike, parts, found or {})


def _check(alike: Sequence[Writes], parts: Sequence["_Part"], touched: Mapping[str, int]) -> None:
    counts = iter(
        sum(len(one.changes[place][1]["id"]) for one in alike)
        for place in range(len(alike[0].changes))
    )
    for place, part in enumerate(parts):
        if isinstance(part, _Insert):
            continue
        expected = next(counts) if isinstance(part, _Change) else len(alike)
        if touched[f"w{place}"] != expected:
            whose = ", ".join(str(one.member_id) for one in alike)
            raise RuntimeError(f"{_name(part.table)} of member {whose} changed outside its lock")


def _of_one(alike: Sequence[Writes]) -> Iterator[Any]:
    """Parameters for one member: its id, and a list for each column, except for its own rows."""
    [one] = alike
    yield one.member_id
    for table, rows in one.rows.items():
        yield from (_column(rows, name, kind) for name, kind in _columns(table).items())
    for table, values in one.values.items():
        yield from (*values.values(), *one.guards[table].values())
    for _, before, after in one.changes:
        yield from (*map(list, before.values()), *map(list, after.values()))


def _of_many(alike: Sequence[Writes]) -> Iterator[list[Any] | None]:
    """Parameters for several members: their ids, and for each part the owners of its rows and a
    list for each column.
    """
    first = alike[0]
    yield [one.member_id for one in alike]
    for table in first.rows:
        rows = [new for one in alike for new in one.rows[table]]
        yield [new["member_id"] for new in rows]
        yield from (_column(rows, name, kind) for name, kind in _columns(table).items())
    for table in first.values:
        yield [one.member_id for one in alike]
        for of in ("guards", "values"):
            own = [getattr(one, of)[table] for one in alike]
            yield from ([values[name] for values in own] for name in own[0])
    for place in range(len(first.changes)):
        changes = [one.changes[place] for one in alike]
        whose = zip(alike, changes, strict=True)
        yield [one.member_id for one, (_, before, _) in whose for _ in before["id"]]
        for columns in (
            [before for _, before, _ in changes],
            [after for _, _, after in changes],
        ):
            for name in columns[0]:
                yield list(chain.from_iterable(values[name] for values in columns))


class _Insert(NamedTuple):
    table: type[Model]

    def sql(self, parameters: Iterator[str], *, many: bool) -> str:
        kinds = _columns(self.table)
        whose = [f"{next(parameters)}::uuid[]"] if many else []
        arrays = [*whose, *(f"{next(parameters)}::{kind}[]" for kind in kinds.values())]
        names, kept = ", ".join(kinds), getattr(self.table, "KEPT_AS_FIRST", None)
        return (
            f"INSERT INTO {_name(self.table)} (member_id, {names}) "
            f"SELECT {'whose' if many else '$1::uuid'}, {names} "
            f"FROM unnest({', '.join(arrays)}) AS new ({'whose, ' if many else ''}{names})"
            f"{f' ON CONFLICT ({kept}) DO NOTHING' if kept else ''}"
        )


class _ChangeOwn(NamedTuple):
    table: type[Model]
    values: tuple[str, ...]
    guard: tuple[str, ...]

    def sql(self, parameters: Iterator[str], *, many: bool) -> str:
        if many:
            return _Change(self.table, self.guard, self.values).sql(parameters, many=True)
        kinds, name = _columns(self.table), _name(self.table)
        set_to, as_it_was = (
            [f"{one} = {next(parameters)}::{kinds[one]}" for one in names]
            for names in (self.values, self.guard)
        )
        return (
            f"UPDATE {name} SET {', '.join(set_to)} "
            f"WHERE {' AND '.join(('member_id = $1', *as_it_was))} RETURNING {name}.member_id"
        )


class _Change(NamedTuple):
    table: type[Model]
    before: tuple[str, ...]
    after: tuple[str, ...]

    def sql(self, parameters: Iterator[str], *, many: bool) -> str:
        kinds, name = _columns(self.table), _name(self.table)
        whose = [f"{next(parameters)}::uuid[]"] if many else []
        columns = [f"old_{one}" for one in self.before] + [f"new_{one}" for one in self.after]
        arrays = [f"{next(parameters)}::{kinds[one]}[]" for one in (*self.before, *self.after)]
        these = (
            [f"{name}.member_id = ANY($1::uuid[])", f"{name}.member_id = whose"]
            if many
            else [f"{name}.member_id = $1"]
        )
        if "id" in self.before:
            these.append(f"{name}.id = old_id")
        as_it_was = (f"{name}.{one} IS NOT DISTINCT FROM old_{one}" for one in self.before)
        return (
            f"UPDATE {name} SET {', '.join(f'{one} = new_{one}' for one in self.after)} "
            f"FROM unnest({', '.join([*whose, *arrays])}) "
            f"AS new ({', '.join(['whose'] * many + columns)}) "
            f"WHERE {' AND '.join((*these, *as_it_was))} RETURNING {name}.member_id"
        )


_Part = _Insert | _ChangeOwn | _Change


@lru_cache(STATEMENTS_MAX)
def _statement(parts: tuple[_Part, ...], *, many: bool) -> str:
    """The statement, whose parameters are the member's id, or several ids, then those of each part;
    it returns the number of rows that each changing part changed.
    """
    parameters = (f"${place}" for place in count(2))
    written = ", ".join(
        f"w{place} AS ({part.sql(parameters, many=many)})" for place, part in enumerate(parts)
    )
    counts = ", ".join(
        f"(SELECT count(*) FROM w{place}) AS w{place}"
        for place, part in enumerate(parts)
        if not isinstance(part, _Insert)
    )
    # of several who change nothing that is there, no part names the members
    nothing = "cardinality($1::uuid[])" if many else "1"
    return f"WITH {written} SELECT {counts or nothing}"


def _name(table: type[Model]) -> str:
    return table._meta.db_table


@cache
def _columns(table: type[Model]) -> dict[str, str]:
    """The type of each column except the member's id."""
    return {
        name: _TYPES[type(column)]
        for name, column in table._meta.fields_map.items()
        if name != "member_id"
    }


def _column(rows: Sequence[Mapping[str, Any]], name: str, kind: str) -> list[Any] | None:
    """The values of a column; none where all are null, as `unnest` fills up with nulls."""
    values = [one.get(name) for one in rows]
    if values.count(None) == len(values):
        return None
    if kind != "jsonb":
        return values
    return [None if value is None else orjson.dumps(value).decode() for value in values]
