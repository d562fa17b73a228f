"""Rows in the form that seals and the audit use: the columns of `models.SEALED` and
`models.AUDITED`, and their digest.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

import models
from domain.kernel import sealing
from domain.kernel.sealing import REMOVED, SealedRow, row_digest, row_id
from domain.kernel.writes import Writes


class _Kind(NamedTuple):
    number: int
    columns: tuple[str, ...]
    ids: tuple[str, ...]
    documents: frozenset[str]


@cache
def _tables() -> dict[str, type[Model]]:
    declared = (one for one in vars(models).values() if isinstance(one, type))
    return {str(one._meta.db_table): one for one in declared if issubclass(one, Model)}


def declared(table: str) -> Mapping[str, fields.Field[Any]]:
    """The columns of a table as its model declares them."""
    return _tables()[table]._meta.fields_map


@cache
def _kind(table: str) -> _Kind | None:
    """How rows of a table are named in seals; None where they are not sealed."""
    named = models.SEALED.get(table) or models.AUDITED.get(table)
    if named is None:
        return None
    number, columns = named
    documents = frozenset(
        name for name in columns if isinstance(declared(table)[name], fields.JSONField)
    )
    ids = models.SEALED_IDS.get(table, ("id",))
    return _Kind(number, columns, ids, documents)


@cache
def columns(table: str, alias: str | None = None) -> str:
    """The sealed columns of a table, as a statement names them."""
    return ", ".join(f"{alias}.{name}" if alias else name for name in models.SEALED[table][1])


def of(table: str, found: Mapping[str, Any]) -> SealedRow:
    """The sealed form of a row by its columns; null ones may be missing, JSON may be text."""
    return of_all(table, (found,))[0]


def of_all(table: str, found: Iterable[Mapping[str, Any]]) -> list[SealedRow]:
    """`of` each row of a table."""
    kind = _kind(table)
    if kind is None:
        raise LookupError(f"{table} is not sealed")
    sealed = []
    for one in found:
        said = {name: one.get(name) for name in kind.columns}
        for name in kind.documents:
            text = said[name]
            if isinstance(text, str):
                said[name] = sealing.stored(text)
        sealed.append(SealedRow(kind.number, _id(kind, one), row_digest(table, said)))
    return sealed


def of_writes(writes: Writes) -> list[SealedRow]:
    """The sealed form of all sealed rows that are about to be added."""
    return [
        one
        for table, added in writes.rows.items()
        if table._meta.db_table in models.SEALED
        for one in of_all(table._meta.db_table, added)
    ]


def removed(table: str, found: Mapping[str, Any]) -> SealedRow:
    """The sealed form of a row that was removed, or is no longer the member's, by its key."""
    kind = _kind(table)
    if kind is None:
        raise LookupError(f"{table} is not sealed")
    return SealedRow(kind.number, _id(kind, found), REMOVED)


def _id(kind: _Kind, found: Mapping[str, Any]) -> bytes:
    if len(kind.ids) == 1:
        own: UUID | str = found[kind.ids[0]]
        return row_id(own)
    return row_id(":".join(str(found[name]) for name in kind.ids))
