"""The hash chain computed again: each entry seals itself, its allocations and the lots it made.

If a seal is broken, restorations of a single value are tried. One that repairs the seal proves
which value was altered, and its original; otherwise all rows under the seal are named.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from operator import itemgetter
from typing import Any, cast
from uuid import UUID

from domain.kernel import secrecy
from domain.kernel.commitments import PREFIX
from domain.kernel.database import Row
from domain.ledger import lots as lot_rules
from domain.ledger.digest import HASH_VERSIONS, WITH_TEXTS, content, digest
from domain.ledger.lots import Lot, Touch
from domain.ledger.values import FIRST_HASH, Balances, Bucket, Cause, Entry, EntryKind
from domain.proof.evidence import (
    MEMBER_SIDE,
    Catalogue,
    Fault,
    MemberRows,
    change,
    held_in_lots,
    total,
)

_LOT = itemgetter(*(field.name for field in fields(Lot)))
_CAUSE = itemgetter(*(field.name for field in fields(Cause)))
_AFTER = itemgetter(*(f"{name}_after" for name in MEMBER_SIDE))


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """One entry with the allocations and created lots that its hash covers."""

    entry: Row
    touches: Sequence[Row]
    lots: Sequence[Row]

    def digest(self, previous: bytes, member_id: UUID) -> bytes | None:
        """The hash of the entry; None if its format is unknown."""
        if self.entry["hash_version"] not in HASH_VERSIONS:
            return None
        return digest(previous, member_id, _entry(self.entry, self.touches), map(_lot, self.lots))

    def content(self, member_id: UUID) -> str:
        """The text that is hashed after the previous hash.

        Raises: ValueError for a format that is not known.
        """
        said = content(member_id, _entry(self.entry, self.touches), map(_lot, self.lots))
        return said.decode()

    def having(self, table: str, row_id: UUID, column: str, value: Any) -> "SealedEntry":
        """The entry with one value of one row changed."""

        def restored(rows: Sequence[Row]) -> list[Row]:
            return [{**row, column: value} if row["id"] == row_id else row for row in rows]

        return SealedEntry(
            restored([self.entry])[0] if table == "ledger_entry" else self.entry,
            restored(self.touches) if table == "allocation" else self.touches,
            restored(self.lots) if table == "lot" else self.lots,
        )


def check(rows: MemberRows, catalogue: Catalogue) -> Iterator[Fault]:
    """Faults of every entry whose hash does not match its content and the previous hash."""
    previous, before = FIRST_HASH, (0,) * len(MEMBER_SIDE)
    for sealed in sealed_entries(rows):
        entry = sealed.entry
        found = sealed.digest(previous, rows.member_id)
        if found != entry["hash"] and not _was_erased(sealed):
            balances = dict(zip(MEMBER_SIDE, before, strict=True))
            yield from _broken(rows, sealed, previous, found, balances, catalogue)
        previous, before = entry["hash"], _AFTER(entry)


def sealed_entries(rows: MemberRows) -> Iterator[SealedEntry]:
    """Every entry in order, with the rows that its hash covers."""
    texts = {
        text["owner_id"]: secrecy.shown(text["value"])
        for text in rows.tables.get("private_text", ())
        if text["owner_table"] == "ledger_entry"
    }
    for entry in rows.entries:
        touches = rows.touches.get(entry["id"], [])
        hashed = entry
        if _has_commitment(entry) and entry["hash_version"] == WITH_TEXTS:
            hashed = {**entry, "reason": texts.get(entry["id"]) or entry["reason"]}
        yield SealedEntry(hashed, touches, _made(rows, entry, touches))


def _has_commitment(entry: Row) -> bool:
    return (entry["reason"] or "").startswith(PREFIX)


def _was_erased(sealed: SealedEntry) -> bool:
    """Whether the hash covers an erased text, so that it cannot be computed again; the entries
    before and after it, and their sums, still prove the entry.
    """
    return sealed.entry["hash_version"] == WITH_TEXTS and _has_commitment(sealed.entry)


def _made(rows: MemberRows, entry: Row, touches: Sequence[Row]) -> list[Row]:
    """The lots that the entry made, or matured; one that matured later had no terms yet."""
    made = [
        rows.lots[touch["lot_id"]]
        for touch in touches
        if touch["lot_id"] in rows.lots and rows.is_credit(touch)
    ]
    pending = {"available_at": None, "expires_at": None}
    then = [{**lot, **pending} if lot["matured_entry_id"] else lot for lot in made]
    return then + rows.matured_by.get(entry["id"], [])


def _broken(
    rows: MemberRows,
    sealed: SealedEntry,
    previous: bytes,
    found: bytes | None,
    balances: dict[str, int],
    catalogue: Catalogue,
) -> Iterator[Fault]:
    for table, row, column, value in _restorations(rows, sealed, balances, catalogue):
        whole = sealed.having(table, row["id"], column, value)
        if whole.digest(previous, rows.member_id) == sealed.entry["hash"]:
            yield rows.fault(table, row, column, row[column], f"{value}, as the hash proves")
            return
    number = sealed.entry["sequence"]
    if found is None:
        known = f"a format that is known: {', '.join(map(str, sorted(HASH_VERSIONS)))}"
        version = sealed.entry["hash_version"]
        yield rows.fault("ledger_entry", sealed.entry, "hash_version", version, known)
    else:
        yield rows.fault("ledger_entry", sealed.entry, "hash", sealed.entry["hash"], found)
    for table, covered in (("allocation", sealed.touches), ("lot", sealed.lots)):
        for row in covered:
            said = "under a broken seal"
            yield rows.fault(table, row, "state", said, f"what entry {number} was hashed with")


def _restorations(
    rows: MemberRows, sealed: SealedEntry, balances: dict[str, int], catalogue: Catalogue
) -> Iterator[tuple[str, Row, str, Any]]:
    """Single values that other rows suggest: table, row, column and value."""
    entry = sealed.entry
    allocated = total(sealed.touches)
    for version in sorted(HASH_VERSIONS - {entry["hash_version"]}):
        yield "ledger_entry", entry, "hash_version", version
    if allocated:
        yield "ledger_entry", entry, "points", abs(allocated)
    for name in MEMBER_SIDE:
        yield "ledger_entry", entry, f"{name}_after", balances[name] + change(entry, name)
    yield "ledger_entry", entry, "effective_at", entry["recorded_at"]
    yield "ledger_entry", entry, "recorded_at", entry["effective_at"]
    for fact in _facts(rows, entry):
        yield "ledger_entry", entry, "actor", fact["reporter"]
    for touch in sealed.touches:
        points = touch["points"] + held_in_lots(entry) - allocated
        yield "allocation", touch, "points", points
    for lot in sealed.lots:
        yield from _lot_restorations(rows, sealed, lot, catalogue)


def _lot_restorations(
    rows: MemberRows, sealed: SealedEntry, lot: Row, catalogue: Catalogue
) -> Iterator[tuple[str, Row, str, Any]]:
    posted_at = sealed.entry["recorded_at"]
    for touch in sealed.touches:
        if touch["lot_id"] == lot["id"]:
            yield "lot", lot, "points", touch["points"]
    yield "lot", lot, "earned_at", posted_at
    yield "lot", lot, "available_at", posted_at
    version = catalogue.versions.get(lot["policy_version_id"])
    if version is not None:
        policy = version.policy
        # an altered instant may lie outside the calendar
        with suppress(ValueError, OverflowError):
            expires_at = lot_rules.expires_at(policy.terms(lot["rule"])[0], posted_at, policy.zone)
            yield "lot", lot, "expires_at", expires_at
        yield "lot", lot, "funder", policy.terms(lot["rule"])[1]
        for rule in (None, *policy.rules, *policy.grant_codes):
            yield "lot", lot, "rule", rule
    for fact in _facts(rows, sealed.entry):
        yield "lot", lot, "policy_version_id", fact["policy_version_id"]


def _facts(rows: MemberRows, entry: Row) -> list[Row]:
    """The booking or activity that an entry is about."""
    return [
        fact
        for table in ("booking", "activity")
        for fact in rows.tables[table]
        if fact["id"] == entry[f"{table}_id"]
    ]


def _entry(row: Row, touches: Sequence[Row]) -> Entry:
    return Entry(
        id=row["id"],
        sequence=row["sequence"],
        # any text: an altered kind or bucket must be hashed, not refused
        kind=cast(EntryKind, row["kind"]),
        source=cast(Bucket, row["from_bucket"]),
        target=cast(Bucket, row["to_bucket"]),
        points=row["points"],
        effective_at=row["effective_at"],
        recorded_at=row["recorded_at"],
        after=Balances(*_AFTER(row)),
        cause=Cause(*_CAUSE(row)),
        touches=tuple(Touch(touch["lot_id"], touch["points"]) for touch in touches),
        hash=b"",
        hash_version=row["hash_version"],
    )


def _lot(row: Row) -> Lot:
    return Lot(*_LOT(row))
