"""Seals read again: what each transaction wrote of one member is as it was written.

The last seal that names a row has its digest. A row that is otherwise was altered, one that no
seal names was added, and one that is named and not there was removed, each by somebody who could
not seal it.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from uuid import UUID

import models
from domain.kernel import sealed_rows, sealing
from domain.kernel.database import Row
from domain.kernel.sealing import REMOVED, UNSEALED, Head, Sealed
from domain.ledger.values import FIRST_HASH
from domain.proof.evidence import Fault, MemberRows

_TABLES = {number: table for table, (number, _) in models.SEALED.items()}


class _Named(NamedTuple):
    digest: bytes
    seal: int


def check(rows: MemberRows) -> Iterator[Fault]:
    """Every seal that is not whole, and every row that is not as the last seal that names it."""
    account = rows.account
    if account is None:
        return
    seals = sorted(rows.tables["seal"], key=lambda seal: seal["number"])
    if account["seal_number"] is None and not seals:
        yield rows.fault("account", account, "seal_number", None, "a seal: run `ops seal`")
        return
    yield from _chain(rows, account, seals)
    unsigned = {seal["number"] for seal in seals if not _is_signed(seal)}
    yield from _rows(rows, _named(seals), unsigned)


def _chain(rows: MemberRows, account: Row, seals: list[Row]) -> Iterator[Fault]:
    """Numbered without a gap, each made of the one before and of the last entry then, by a key."""
    hashes = {0: FIRST_HASH} | {entry["sequence"]: entry["hash"] for entry in rows.entries}
    before = UNSEALED
    for seal in seals:
        number = seal["number"]
        if number != before.number + 1:
            yield rows.fault("seal", seal, "number", number, before.number + 1)
        before = Head(number - 1, before.hash)
        last_hash = hashes.get(seal["sequence"])
        if last_hash is None:
            wanted = "the sequence of an entry"
            yield rows.fault("seal", seal, f"sequence of number {number}", "missing", wanted)
        else:
            sealed = Sealed(seal["recorded_at"], seal["sequence"], last_hash, seal["rows"])
            found = sealing.seal_hash(rows.member_id, before, sealed)
            if found != seal["hash"]:
                yield rows.fault("seal", seal, f"hash of number {number}", seal["hash"], found)
        if not _is_signed(seal):
            wanted = f"signed by one of {', '.join(sealing.keys().named)}"
            yield rows.fault("seal", seal, f"mac of number {number}", "of none", wanted)
        before = Head(number, seal["hash"])
    head = {"seal_number": before.number, "seal_hash": before.hash}
    yield from rows.differences("account", account, head, "as its last seal")
    sequence = seals[-1]["sequence"] if seals else 0
    yield from rows.differences("account", account, {"sequence": sequence}, "as its last seal")


def _is_signed(seal: Row) -> bool:
    return sealing.keys().has_signed(seal["key"], seal["hash"], seal["mac"])


def unchecked(rows: MemberRows) -> set[str]:
    """Names of keys that signed, and that nobody gave."""
    return {seal["key"] for seal in rows.tables["seal"]} - sealing.keys().named.keys()


def _named(seals: list[Row]) -> dict[tuple[int, bytes], _Named]:
    return {
        (row.number, row.id): _Named(row.digest, seal["number"])
        for seal in seals
        for row in sealing.unpacked(seal["rows"])
    }


def _rows(
    rows: MemberRows, named: Mapping[tuple[int, bytes], _Named], unsigned: set[int]
) -> Iterator[Fault]:
    there = set()
    for table in models.SEALED:
        for row in rows.tables[table]:
            found = sealed_rows.of(table, row)
            key = (found.number, found.id)
            there.add(key)
            last = named.get(key)
            if last is None or last.digest == REMOVED:
                yield rows.fault(table, row, "its seal", "missing", "one of the member's")
            elif last.digest != found.digest:
                wanted = f"{last.digest.hex()}, as seal {last.seal} has it"
                yield rows.fault(table, row, "its digest", found.digest, wanted)
            elif last.seal in unsigned:
                wanted = "one that is signed"
                yield rows.fault(table, row, "its seal", f"number {last.seal}", wanted)
    for (number, row_id), last in named.items():
        if last.digest != REMOVED and (number, row_id) not in there:
            table = _TABLES.get(number, f"table {number}")
            known = {"id": UUID(bytes=row_id)}
            yield rows.fault(table, known, "the row", "missing", f"there, as in seal {last.seal}")
