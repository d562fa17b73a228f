"""The seal of what the limit writes: a digest of each row, and one seal of all of them.

What is hashed stands for ever, so the functions that hash are the product's own
(`domain.kernel.sealing`); rows are put together by hand, without what is null.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import asyncpg

import models
from benchmarks.limit import statements as sql
from domain.kernel import sealing
from domain.kernel.sealing import Head, Sealed, SealedRow

NUMBERS = {table: number for table, (number, _) in models.SEALED.items()}


def of(table: str, row: dict[str, Any]) -> SealedRow:
    """A row by its columns."""
    own: UUID = row["lot_id" if table == "lot_value" else "id"]
    return SealedRow(NUMBERS[table], own.bytes, sealing.row_digest(table, row))


async def write(
    connection: asyncpg.Connection, account: Any, entry: tuple[Any, int, bytes], rows: Iterable[Any]
) -> tuple[int, bytes]:
    """Seal rows of an account; `entry` is its last: when, its number and its hash. What the account
    has to remember of it.
    """
    at, sequence, last_hash = entry
    member_id, number = account["member_id"], account["seal_number"] + 1
    before = Head(account["seal_number"], account["seal_hash"])
    sealed = Sealed(at, sequence, last_hash, sealing.packed(rows))
    digest, keys = sealing.seal_hash(member_id, before, sealed), sealing.keys()
    signed = digest, keys.current, keys.mac(keys.current, digest)
    await connection.execute(sql.SEAL, member_id, number, at, sequence, sealed.rows, *signed)
    return number, digest
