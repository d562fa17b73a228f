"""The audit: no row of it is altered, missing or added, and the rows that it names are as it named
them.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from uuid import UUID

import orjson

import models
from domain.kernel import audit, audited_rows, commitments, sealed_rows, sealing, secrecy
from domain.kernel.audit import Head
from domain.kernel.database import Row, rows
from domain.proof.evidence import Fault

BATCH = 1000

_HASHED = (
    *("programme_id", "sequence", "at", "actor", "roles", "operation", "subject"),
    *("before", "after", "reason", "request_id", "rows"),
)

Named = dict[tuple[int, bytes], bytes]
"""By number of table and id, the digest of a row as the audit named it last."""


async def chains() -> list[Fault]:
    """Every fault of the audits, and of the rows that they name."""
    faults: list[Fault] = []
    for head in await rows(
        "SELECT p.id AS programme_id, coalesce(h.sequence, 0) AS sequence, "
        "coalesce(h.hash, $1) AS hash "
        "FROM programme p LEFT JOIN audit_head h ON h.programme_id = p.id ORDER BY 1",
        sealing.FIRST_HASH,
    ):
        faults += await chain(head["programme_id"], Head(head["sequence"], bytes(head["hash"])))
    return faults


async def chain(programme_id: UUID, head: Head) -> list[Fault]:
    """Every fault of the audit of a programme that ends with this head, and of the rows that it
    names.
    """
    faults: list[Fault] = []
    last, named = Head(0, sealing.FIRST_HASH), Named()
    async for found in _rows(programme_id):
        faults += _check(found, last)
        last = Head(found["sequence"], bytes(found["hash"]))
        for one in sealing.unpacked(bytes(found["rows"])):
            named[one.number, one.id] = one.digest
    if last != head:
        faults.append(_fault(programme_id, "the last row", str(last.sequence), str(head.sequence)))
    if last.sequence == 0:
        if head.sequence == 0:
            wanted = "there: run `ops seal`"
            faults.append(_fault(programme_id, "its first row", "missing", wanted))
        return faults
    tables = {table: await audited_rows.rows_of(table, programme_id) for table in models.AUDITED}
    return [*faults, *check_named(programme_id, named, tables, is_whole=not faults)]


async def unchecked() -> set[str]:
    """Names of keys that signed, but were not given."""
    if not sealing.keys().are_public:
        return set()
    found = await rows("SELECT DISTINCT key FROM audit")
    return {one["key"] for one in found} - sealing.keys().named.keys()


async def _rows(programme_id: UUID) -> AsyncIterator[Row]:
    after = 0
    while True:
        found = await rows(
            "SELECT a.*, r.salt, r.value FROM audit a LEFT JOIN audit_reason r "
            "ON r.programme_id = a.programme_id AND r.sequence = a.sequence "
            "WHERE a.programme_id = $1 AND a.sequence > $2 ORDER BY a.sequence LIMIT $3",
            programme_id,
            after,
            BATCH,
        )
        for one in found:
            yield one
        if len(found) < BATCH:
            return
        after = found[-1]["sequence"]


def _check(found: Row, last: Head) -> Iterator[Fault]:
    """The fault of a row after the previous one."""
    programme_id, sequence = found["programme_id"], found["sequence"]
    if sequence != last.sequence + 1:
        yield _fault(programme_id, "the row after", str(sequence), str(last.sequence + 1))
    said = {name: _read(name, found[name]) for name in _HASHED}
    told, hashed = audit.digest(last.hash, said), bytes(found["hash"])
    if told != hashed:
        yield _fault(programme_id, f"the hash of row {sequence}", hashed.hex(), told.hex())
    if not sealing.keys().has_signed(found["key"], hashed, bytes(found["mac"])):
        wanted = f"signed by one of {', '.join(sealing.keys().named)}"
        yield _fault(programme_id, f"the mac of row {sequence}", "of none", wanted)
    typed = secrecy.shown(found["value"])
    if typed is None and found["value"] is not None:
        what = f"what was typed of row {sequence}"
        yield _fault(programme_id, what, "unreadable", "under a key that is set")
    if typed is not None:
        committed = commitments.commitment(typed, bytes(found["salt"]))
        if committed != found["reason"]:
            yield _fault(
                programme_id, f"the reason of row {sequence}", str(found["reason"]), committed
            )


def _read(name: str, value: object) -> object:
    return orjson.loads(value) if name in ("before", "after") and isinstance(value, str) else value


def check_named(
    programme_id: UUID, named: Named, tables: Mapping[str, Iterable[Row]], *, is_whole: bool = True
) -> Iterator[Fault]:
    """Audited rows that differ from the audit's last digest, are named by no audit, or are missing.
    If the audit itself is broken, naming them now is not advised: it would hide the change.
    """
    missing, unnamed = dict(named), "named by the audit"
    if is_whole:
        unnamed += " (see `ops seal`)"
    for table, found in tables.items():
        for one in found:
            now = sealed_rows.of(table, one)
            digest = missing.pop((now.number, now.id), None)
            if digest != now.digest:
                wanted = unnamed if digest is None else digest.hex()
                yield _fault(programme_id, f"{table} {one['id']}", now.digest.hex(), wanted)
    numbers = {number: table for table, (number, _) in models.AUDITED.items()}
    for (number, row_id), digest in missing.items():
        what = f"{numbers.get(number, number)} {row_id.hex()}"
        yield _fault(programme_id, what, "gone", digest.hex())


def _fault(programme_id: UUID, what: str, found: str, expected: str) -> Fault:
    return Fault("audit", programme_id, None, what, found, expected)
