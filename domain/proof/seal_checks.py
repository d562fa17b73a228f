"""Seals computed again: the rows that each transaction wrote for one member are as written.

The last seal that names a row has its digest. A row that differs was altered, one that no seal
names was added, and a named one that is missing was removed, each by somebody who could not seal
it.
"""

from collections.abc import Iterator
from uuid import UUID

import models
from domain.kernel import sealed_rows, sealing
from domain.kernel.database import Row
from domain.kernel.sealing import REMOVED, UNSEALED, Head, Sealed
from domain.ledger.values import FIRST_HASH
from domain.proof.evidence import Fault, MemberRows

_TABLES = {number: table for table, (number, _) in models.SEALED.items()}


_Named = dict[tuple[int, bytes], tuple[bytes, int]]
"""By table and id of a row, its digest and the number of the last seal that names it."""


def check(rows: MemberRows) -> Iterator[Fault]:
    """Every broken seal, and every row that differs from the last seal that names it."""
    account = rows.account
    if account is None:
        return
    seals = sorted(rows.tables["seal"], key=lambda seal: seal["number"])
    if account["seal_number"] is None and not seals:
        yield rows.fault("account", account, "seal_number", None, "a seal: run `ops seal`")
        return
    unsigned = {seal["number"] for seal in seals if not _is_signed(seal)}
    yield from _chain(rows, account, seals, unsigned)
    yield from _rows(rows, _named(seals), unsigned)


def _chain(rows: MemberRows, account: Row, seals: list[Row], unsigned: set[int]) -> Iterator[Fault]:
    """Numbered without a gap, each computed with a key from the previous one and the last entry
    then.
    """
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
        if number in unsigned:
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
    """Names of keys that signed, but were not given."""
    return {seal["key"] for seal in rows.tables["seal"]} - sealing.keys().named.keys()


def _named(seals: list[Row]) -> _Named:
    return {
        (number, row_id): (digest, seal["number"])
        for seal in seals
        for number, row_id, digest in sealing.unpacked(seal["rows"])
    }


def _rows(rows: MemberRows, named: _Named, unsigned: set[int]) -> Iterator[Fault]:
    for table in models.SEALED:
        there = rows.tables.get(table, [])
        for row, (number, row_id, digest) in zip(
            there, sealed_rows.of_all(table, there), strict=True
        ):
            last, seal = named.pop((number, row_id), (REMOVED, 0))
            if last == REMOVED:
                yield rows.fault(table, row, "its seal", "missing", "one of the member's")
            elif last != digest:
                wanted = f"{last.hex()}, as seal {seal} has it"
                yield rows.fault(table, row, "its digest", digest, wanted)
            elif seal in unsigned:
                wanted = "one that is signed"
                yield rows.fault(table, row, "its seal", f"number {seal}", wanted)
    for (number, row_id), (last, seal) in named.items():
        if last != REMOVED:
            table = _TABLES.get(number, f"table {number}")
            known = {"id": UUID(bytes=row_id)}
            yield rows.fault(table, known, "the row", "missing", f"there, as in seal {seal}")
