"""Rows of audited tables, with the columns that `models.AUDITED` lists."""

from collections.abc import Iterable
from functools import cache
from uuid import UUID

import orjson
from tortoise import fields

import models
from domain.kernel import sealed_rows
from domain.kernel.database import Row, rows
from domain.kernel.sealing import SealedRow

Named = dict[tuple[str, UUID | str], SealedRow]
"""Rows as a row of the audit names them, by table and id."""


async def all_of(programme_id: UUID, tables: Iterable[str] = models.AUDITED) -> Named:
    """Every audited row of a programme, or those of some tables."""
    found = Named()
    for table in tables:
        for one in await rows_of(table, programme_id):
            found[table, one["id"]] = sealed_rows.of(table, one)
    return found


async def rows_of(table: str, programme_id: UUID) -> list[Row]:
    """The rows of an audited table that are a programme's, by their audited columns."""
    own = models.AUDITED_BY.get(table, "programme_id = $1")
    return [
        _read_json(table, one)
        for one in await rows(f"SELECT {_columns(table)} FROM {table} WHERE {own}", programme_id)
    ]


async def read(table: str, ids: Iterable[UUID | str]) -> dict[UUID | str, Row]:
    """Those rows with these ids that exist."""
    kind = "uuid" if isinstance(sealed_rows.declared(table)["id"], fields.UUIDField) else "text"
    found = await rows(
        f"SELECT {_columns(table)} FROM {table} WHERE id = ANY($1::{kind}[])", list(ids)
    )
    return {one["id"]: _read_json(table, one) for one in found}


def _columns(table: str) -> str:
    return ", ".join(models.AUDITED[table][1])


@cache
def _documents(table: str) -> tuple[str, ...]:
    declared = sealed_rows.declared(table)
    return tuple(
        name for name in models.AUDITED[table][1] if isinstance(declared[name], fields.JSONField)
    )


def _read_json(table: str, found: Row) -> Row:
    parsed = {name: orjson.loads(found[name] or "null") for name in _documents(table)}
    return {**found, **parsed}
