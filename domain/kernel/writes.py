"""What a transaction writes of one member, sent as one statement.

New rows of any of the member's tables, and changes of rows that are there, each guarded by what
it is changed from. All parts of the statement see the tables as they were before it, and foreign
keys are checked at its end, so the order of the parts does not matter; no row is written twice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import count
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from tortoise import fields
from tortoise.models import Model

from domain.kernel.database import row

Columns = Mapping[str, Sequence[Any]]
"""Values of several rows by column."""

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
"""The types that columns are sent as."""


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
        """New rows of this member, each of any table."""
        for one in rows:
            self.insert(type(one), [vars(one)])

    def insert(self, table: type[Model], rows: Iterable[Mapping[str, Any]]) -> None:
        """New rows of one table, by column; those that are null may be left out.

        Raises: ValueError for another member's.
        """
        for one in rows:
            if one["member_id"] != self.member_id:
                raise ValueError(f"a {table.__name__} of another member than {self.member_id}")
            self.rows.setdefault(table, []).append(one)

    def change_own(
        self, table: type[Model], values: Mapping[str, Any], guard: Mapping[str, Any]
    ) -> None:
        """Change the member's one row of a table, if it still has the values of the `guard`;
        several changes are one.
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
        """Write it all, by one statement, or by none where there is nothing.

        Raises: RuntimeError where something is not as it was when it was read under the lock.
        """
        parts: list[_Part] = []
        sent: list[Any] = [self.member_id]
        for table, rows in self.rows.items():
            parts.append(_Insert(table))
            sent += (
                [_sent(one.get(name), kind) for one in rows]
                for name, kind in _columns(table).items()
            )
        for table, values in self.values.items():
            guard = self.guards[table]
            parts.append(_ChangeOwn(table, tuple(values), tuple(guard)))
            sent += (*values.values(), *guard.values())
        for table, before, after in self.changes:
            parts.append(_Change(table, tuple(before), tuple(after)))
            sent += (*map(list, before.values()), *map(list, after.values()))
        if parts:
            found = await row(_statement(tuple(parts)), *sent)
            self._check(parts, found or {})

    def _check(self, parts: Sequence["_Part"], touched: Mapping[str, int]) -> None:
        counts = iter([len(before["id"]) for _, before, _ in self.changes])
        for place, part in enumerate(parts):
            if isinstance(part, _Insert):
                continue
            expected = next(counts) if isinstance(part, _Change) else 1
            if touched[f"w{place}"] != expected:
                name = _name(part.table)
                raise RuntimeError(f"{name} of member {self.member_id} changed outside its lock")


class _Insert(NamedTuple):
    table: type[Model]

    def sql(self, parameters: Iterator[str]) -> str:
        kinds = _columns(self.table)
        names = ", ".join(kinds)
        arrays = ", ".join(f"{next(parameters)}::{kind}[]" for kind in kinds.values())
        return (
            f"INSERT INTO {_name(self.table)} (member_id, {names}) "
            f"SELECT $1::uuid, {names} FROM unnest({arrays}) AS new ({names})"
        )


class _ChangeOwn(NamedTuple):
    table: type[Model]
    values: tuple[str, ...]
    guard: tuple[str, ...]

    def sql(self, parameters: Iterator[str]) -> str:
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

    def sql(self, parameters: Iterator[str]) -> str:
        kinds, name = _columns(self.table), _name(self.table)
        columns = [f"old_{one}" for one in self.before] + [f"new_{one}" for one in self.after]
        arrays = (f"{next(parameters)}::{kinds[one]}[]" for one in (*self.before, *self.after))
        as_it_was = (f"{name}.{one} IS NOT DISTINCT FROM old_{one}" for one in self.before)
        return (
            f"UPDATE {name} SET {', '.join(f'{one} = new_{one}' for one in self.after)} "
            f"FROM unnest({', '.join(arrays)}) AS new ({', '.join(columns)}) "
            f"WHERE {name}.member_id = $1 AND {name}.id = old_id AND {' AND '.join(as_it_was)} "
            f"RETURNING {name}.member_id"
        )


_Part = _Insert | _ChangeOwn | _Change


@lru_cache(STATEMENTS_MAX)
def _statement(parts: tuple[_Part, ...]) -> str:
    """Parameters are the member's id, then those of each part; it says how many rows each part
    changed that changes any.
    """
    parameters = (f"${place}" for place in count(2))
    written = ", ".join(f"w{place} AS ({part.sql(parameters)})" for place, part in enumerate(parts))
    counts = ", ".join(
        f"(SELECT count(*) FROM w{place}) AS w{place}"
        for place, part in enumerate(parts)
        if not isinstance(part, _Insert)
    )
    return f"WITH {written} SELECT {counts or 1}"


def _name(table: type[Model]) -> str:
    return table._meta.db_table


@cache
def _columns(table: type[Model]) -> dict[str, str]:
    """The type of each column beside the member's id."""
    return {
        name: _TYPES[type(column)]
        for name, column in table._meta.fields_map.items()
        if name != "member_id"
    }


def _sent(value: Any, kind: str) -> Any:
    return orjson.dumps(value).decode() if kind == "jsonb" and value is not None else value
