"""A receipt: the proof that an entry was in the signed books of its day, for readers without access
to the database.
"""

import json
from collections import defaultdict
from typing import Any
from uuid import UUID

from domain.kernel import merkle
from domain.kernel.base64url import encoded
from domain.kernel.database import Row, row, rows, tuples
from domain.kernel.sealing import FIRST_HASH
from domain.proof.chain_checks import SealedEntry, sealed_entries
from domain.proof.evidence import MemberRows


async def of_entry(programme_id: UUID, member_id: UUID, entry_id: UUID) -> dict[str, Any] | None:
    """The entry as it was hashed, the previous hash, the path through its day and its member's leaf
    to the root, and the signed record without the root; None if its day has no root yet, or the
    entry's hash covers an erased text.

    `tools/verify_receipt.py` checks it. Bytes are URL-safe base64 without padding.
    """
    entry = await row(
        "SELECT e.* FROM ledger_entry e JOIN account a ON a.member_id = e.member_id "
        "WHERE e.member_id = $1 AND a.member_id = $1 AND e.id = $2 AND a.programme_id = $3",
        member_id,
        entry_id,
        programme_id,
    )
    if entry is None:
        return None
    day = await row(
        "SELECT * FROM root WHERE programme_id = $1 AND began_at <= $2 AND ended_at > $2",
        programme_id,
        entry["recorded_at"],
    )
    if day is None:
        return None
    leaf = await row(
        "SELECT * FROM day_leaf WHERE member_id = $1 AND day = $2", member_id, day["day"]
    )
    return None if leaf is None else await _receipt(entry, day, leaf)


async def _receipt(entry: Row, day: Row, leaf: Row) -> dict[str, Any] | None:
    member_id = entry["member_id"]
    of_day = await tuples(
        "SELECT id, hash FROM ledger_entry WHERE member_id = $1 AND recorded_at >= $2 "
        "AND recorded_at < $3 ORDER BY sequence",
        member_id,
        day["began_at"],
        day["ended_at"],
    )
    before = await row(
        "SELECT hash FROM ledger_entry WHERE member_id = $1 AND sequence = $2",
        member_id,
        entry["sequence"] - 1,
    )
    previous: bytes = before["hash"] if before else FIRST_HASH
    sealed = await _sealed(entry)
    if sealed.digest(previous, member_id) != entry["hash"]:
        return None
    place = [own for own, _ in of_day].index(entry["id"])
    path = merkle.path([own for _, own in of_day], place)
    record = json.loads(day["line"])
    del record["root"]  # it follows from everything else
    return {
        "entry": json.loads(sealed.content(member_id)),
        "before": encoded(previous),
        "place": place,
        "entries": len(of_day),
        "day_path": encoded(b"".join(path)),
        "seal": [leaf["number"], encoded(leaf["seal_hash"])],
        "leaf": leaf["place"],
        "path": encoded(leaf["path"]),
        "record": record,
    }


async def _sealed(entry: Row) -> SealedEntry:
    """The entry with the rows that its hash covers: its allocations, and the lots that it made."""
    member_id = entry["member_id"]
    lots = await rows(
        "SELECT * FROM lot WHERE member_id = $1 AND (matured_entry_id = $2 OR id IN "
        "(SELECT lot_id FROM allocation WHERE member_id = $1 AND entry_id = $2))",
        member_id,
        entry["id"],
    )
    touches = await rows(
        "SELECT * FROM allocation WHERE member_id = $1 AND lot_id = ANY($2::uuid[])",
        member_id,
        [lot["id"] for lot in lots],
    )
    entries = await rows(
        "SELECT * FROM ledger_entry WHERE member_id = $1 AND (id = $2 OR id = ANY($3::uuid[]))",
        member_id,
        entry["id"],
        [touch["entry_id"] for touch in touches],
    )
    texts = await rows(
        "SELECT * FROM private_text WHERE member_id = $1 AND owner_id = $2",
        member_id,
        entry["id"],
    )
    tables = {
        "ledger_entry": entries,
        "lot": lots,
        "allocation": touches,
        "private_text": texts,
    }
    known = MemberRows(member_id, defaultdict(list, tables))
    return next(one for one in sealed_entries(known) if one.entry["id"] == entry["id"])
