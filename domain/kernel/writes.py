"""What a transaction writes of one member, sent as one statement.

New rows of any of the member's tables, and changes of rows that are there, each guarded by what
it is changed from. All parts of the statement see the tables as they were before it, and foreign
keys are checked at its end, so the order of the parts does not matter; no row is written twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
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


@dataclass(slots=True)
class Writes:
    """Collected until `send`; `changes` are parts of the statement that have to touch so many
    rows, or else `fault` is raised.
    """

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
        statement = _Statement(self.member_id)
        for table, rows in self.rows.items():
            statement.insert(table, rows)
        for table, values in self.values.items():
            statement.change_own(table, values, self.guards[table])
        for table, before, after in self.changes:
            statement.change(table, before, after)
        if statement.parts:
            await statement.run()


class _Statement:
    def __init__(self, member_id: UUID) -> None:
        self.member_id = member_id
        self.sent: list[Any] = [member_id]
        self.parts: list[str] = []
        self.expected: list[tuple[str, type[Model], int]] = []

    def give(self, value: Any, kind: str) -> str:
        """The parameter's name."""
        self.sent.append(value)
        return f"${len(self.sent)}::{kind}"

    def insert(self, table: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
        kinds = _columns(table)
        names = ", ".join(kinds)
        arrays = ", ".join(
            self.give([_sent(one.get(name), kind) for one in rows], f"{kind}[]")
            for name, kind in kinds.items()
        )
        self.parts.append(
            f"INSERT INTO {_name(table)} (member_id, {names}) "
            f"SELECT $1::uuid, {names} FROM unnest({arrays}) AS new ({names})"
        )

    def change_own(
        self, table: type[Model], values: Mapping[str, Any], guard: Mapping[str, Any]
    ) -> None:
        kinds = _columns(table)
        set_to = ", ".join(f"{name} = {self.give(values[name], kinds[name])}" for name in values)
        as_it_was = "".join(
            f" AND {name} = {self.give(value, kinds[name])}" for name, value in guard.items()
        )
        self.update(f"UPDATE {_name(table)} SET {set_to} WHERE member_id = $1{as_it_was}", table, 1)

    def change(self, table: type[Model], before: Columns, after: Columns) -> None:
        kinds, name = _columns(table), _name(table)
        columns = {f"old_{one}": (one, before[one]) for one in before}
        columns |= {f"new_{one}": (one, after[one]) for one in after}
        arrays = ", ".join(
            self.give(list(values), f"{kinds[one]}[]") for one, values in columns.values()
        )
        as_it_was = " AND ".join(f"{name}.{one} IS NOT DISTINCT FROM old_{one}" for one in before)
        self.update(
            f"UPDATE {name} SET {', '.join(f'{one} = new_{one}' for one in after)} "
            f"FROM unnest({arrays}) AS new ({', '.join(columns)}) "
            f"WHERE {name}.member_id = $1 AND {name}.id = old_id AND {as_it_was}",
            table,
            len(before["id"]),
        )

    def update(self, part: str, table: type[Model], count: int) -> None:
        self.expected.append((f"w{len(self.parts)}", table, count))
        self.parts.append(f"{part} RETURNING {_name(table)}.member_id")

    async def run(self) -> None:
        parts = ", ".join(f"w{place} AS ({part})" for place, part in enumerate(self.parts))
        counts = ", ".join(f"(SELECT count(*) FROM {name}) AS {name}" for name, *_ in self.expected)
        touched = await row(f"WITH {parts} SELECT {counts or 1}", *self.sent)
        for name, table, count in self.expected:
            if touched is None or touched[name] != count:
                raise RuntimeError(
                    f"{_name(table)} of member {self.member_id} changed outside its lock"
                )


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
