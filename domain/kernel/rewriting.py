"""Encrypted values, rewritten under the newest key while there are two keys."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import models
from domain.kernel import secrecy
from domain.kernel.database import row, rows, update

BATCH = 500
"""Number of values read at a time."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A value, by its table and the key of its row."""

    table: str
    key: tuple[Any, ...]


async def rewritable() -> AsyncGenerator[Kept, None]:
    """Values not encrypted under the newest key; an index of each table shows whether any are
    left.
    """
    for table, (column, names) in models.ENCRYPTED.items():
        if not await _is_any_left(table, column):
            continue
        after: tuple[Any, ...] = ()
        while found := await rows(_sql(column, names, after, table), *_values(after)):
            for one in found:
                after = tuple(one.values())
                yield Kept(table, after)


async def _is_any_left(table: str, column: str) -> bool:
    begun = f"left({column}, {secrecy.BEGINNING_CHARACTERS})"
    found = await row(
        f"SELECT EXISTS (SELECT FROM {table} WHERE {column} IS NOT NULL AND {begun} < $1) "
        f"OR EXISTS (SELECT FROM {table} WHERE {column} IS NOT NULL AND {begun} > $1) AS left",
        secrecy.current_beginning(),
    )
    return found is not None and bool(found["left"])


def _sql(column: str, names: tuple[str, ...], after: tuple[Any, ...], table: str) -> str:
    key = ", ".join(names)
    later = f"AND ({key}) > ({', '.join(f'${n}' for n in range(3, 3 + len(after)))}) "
    return (
        f"SELECT {key} FROM {table} WHERE {column} IS NOT NULL AND NOT starts_with({column}, $1) "
        f"{later if after else ''}ORDER BY {key} LIMIT $2"
    )


def _values(after: tuple[Any, ...]) -> tuple[Any, ...]:
    return (secrecy.current_beginning(), BATCH, *after)


async def rewrite(kept: Kept) -> int:
    """Encrypt a value under the newest key, unless it was removed meanwhile.

    Raises: Unreadable.
    """
    column, names = models.ENCRYPTED[kept.table]
    named = " AND ".join(f"{name} = ${number}" for number, name in enumerate(names, start=1))
    found = await row(f"SELECT {column} AS value FROM {kept.table} WHERE {named}", *kept.key)
    if found is None or found["value"] is None:
        return 0
    before: str = found["value"]
    text = secrecy.revealed(before) if secrecy.is_concealed(before) else before
    first = len(names) + 1
    return await update(
        f"UPDATE {kept.table} SET {column} = ${first} WHERE {named} AND {column} = ${first + 1}",
        *kept.key,
        secrecy.concealed(text),
        before,
    )
