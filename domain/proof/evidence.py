"""The input of verification, one member's rows, and its output, faults."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from traceback import extract_tb
from typing import Any
from uuid import UUID

from domain.kernel.database import Row
from domain.kernel.refusals import Refusal
from domain.programmes.programmes import Programme, Version

UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, Refusal)
"""Exceptions of judging a snapshot, or a text, that is not as it was written."""

NOBODY = UUID(int=0)
"""The id for faults that belong to all programmes."""

MEMBER_SIDE = ("pending", "available", "held", "owed")


@dataclass(frozen=True, slots=True)
class Fault:
    """One row that contradicts the others: its value, and the expected one.

    A counter of a programme has no member, and the programme's id as its own.
    """

    table: str
    row_id: UUID
    member_id: UUID | None
    what: str
    found: str
    expected: str

    def __str__(self) -> str:
        owner = f" of member {self.member_id}" if self.member_id else ""
        return (
            f"{self.table} {self.row_id}{owner}: "
            f"{self.what} is {self.found}, should be {self.expected}"
        )


async def judged(
    check: Callable[..., Awaitable[list[Fault]]], *what: Any, of: UUID = NOBODY
) -> list[Fault]:
    """Faults that a check of many members or of a programme finds; if it cannot read the rows, a
    fault for that. A database that does not answer is no fault of its content.
    """
    try:
        return await check(*what)
    except UNREADABLE as error:
        return [Fault("programme", of, None, *_unreadable(check, error))]


def _unreadable(check: Callable[..., object], error: Exception) -> tuple[str, str, str]:
    """The fault of a check that failed: the kind of exception and its place. Its message is never
    printed: it may contain personal data.
    """
    at = extract_tb(error.__traceback__)[-1]
    said = f"ended by {type(error).__name__} in line {at.lineno} of {Path(at.filename).name}"
    name = f"{check.__module__.rpartition('.')[2]}.{check.__name__}"
    return name, said, "able to read what is there"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Programmes and policy versions by id."""

    programmes: Mapping[UUID, Programme]
    versions: Mapping[UUID, Version]


@dataclass(frozen=True, slots=True)
class OpenHold:
    """Points that a redemption's entries still hold: those that its HOLDs took out of lots, and
    their end.
    """

    points: int
    until: datetime | None


@dataclass(frozen=True)
class MemberRows:
    """Every row of one member that its ledger rests on, by table."""

    member_id: UUID
    tables: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    unread: list[Fault] = field(default_factory=list)
    _by: dict[tuple[str, str], dict[Any, list[Row]]] = field(default_factory=dict, init=False)

    @cached_property
    def account(self) -> Row | None:
        return next(iter(self.tables["account"]), None)

    @cached_property
    def entries(self) -> list[Row]:
        """Entries by sequence."""
        return sorted(self.tables["ledger_entry"], key=lambda entry: entry["sequence"])

    @cached_property
    def lots(self) -> dict[UUID, Row]:
        return {lot["id"]: lot for lot in self.tables["lot"]}

    @cached_property
    def touches(self) -> dict[UUID, list[Row]]:
        """Allocations by entry."""
        return self.by("allocation", "entry_id")

    @cached_property
    def touches_of_lots(self) -> dict[UUID, list[tuple[Row, Row]]]:
        """By lot, each entry that allocated it, with the allocation, in the order of entries."""
        found: defaultdict[UUID, list[tuple[Row, Row]]] = defaultdict(list)
        for entry in self.entries:
            for touch in self.touches.get(entry["id"], ()):
                found[touch["lot_id"]].append((entry, touch))
        return found

    @cached_property
    def open_holds(self) -> dict[UUID, OpenHold]:
        """By redemption, each with more HOLD entries than RELEASEs and CAPTUREs."""
        found: dict[UUID, OpenHold] = {}
        for redemption_id, entries in self.by("ledger_entry", "redemption_id").items():
            held = sum(change(entry, "held") for entry in entries)
            if held:
                allocated = [t["points"] for e in entries for t in self.touches.get(e["id"], ())]
                ends = [e["holds_until"] for e in entries if e["holds_until"] is not None]
                found[redemption_id] = OpenHold(-sum(allocated), max(ends, default=None))
        return found

    @cached_property
    def matured_by(self) -> dict[UUID, list[Row]]:
        """Lots that were pending, by the entry that made them spendable."""
        return self.by("lot", "matured_entry_id")

    def is_credit(self, touch: Row) -> bool:
        """Whether this is the first allocation of its lot: its entry made the lot."""
        touches = self.touches_of_lots.get(touch["lot_id"])
        return bool(touches and touches[0][1]["id"] == touch["id"])

    def by(self, table: str, column: str) -> dict[UUID, list[Row]]:
        """A table's rows by one of their columns; those without it are left out."""
        known = self._by.get((table, column))
        if known is None:
            known = self._by[table, column] = {}
            for row in self.tables.get(table, ()):
                value = row[column]
                if value is not None:
                    known.setdefault(value, []).append(row)
        return known

    def fault(self, table: str, row: Row, what: str, found: Any, expected: Any) -> Fault:
        row_id = row.get("id", self.member_id)
        return Fault(table, row_id, self.member_id, what, shown(found), shown(expected))

    def differences(
        self, table: str, row: Row, expected: Mapping[str, Any], why: str | None = None
    ) -> "list[Fault]":
        """One fault for each column that is not as expected; `why` gives the reason of the
        expectation.
        """
        return [
            self.fault(table, row, column, row[column], f"{shown(value)}, {why}" if why else value)
            for column, value in expected.items()
            if row[column] != value
        ]


def guarded(
    check: Callable[..., Iterable[Fault]], rows: MemberRows, *known: Any
) -> Iterator[Fault]:
    """Faults that a check finds in one member's rows; if it cannot read them, a fault for that. Its
    exceptions are caused by these rows, as it reads nothing else: the other checks go on.
    """
    try:
        yield from check(rows, *known)
    except Exception as error:
        yield unread(check, rows, error)


def unread(check: Callable[..., object], rows: MemberRows, error: Exception) -> Fault:
    """The fault of a member's rows that a check cannot read."""
    return Fault("member", rows.member_id, rows.member_id, *_unreadable(check, error))


def shown(value: Any) -> str:
    """A value as a report shows it."""
    if value is None:
        return "null"
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def total(found: Iterable[Row], column: str = "points") -> int:
    """The sum of a column over these rows."""
    return sum([row[column] for row in found])


def change(entry: Row, bucket: str) -> int:
    """The change by an entry in one of the member's buckets; `owed` counts points that the member
    owes.
    """
    points: int = entry["points"]
    into, out = int(entry["to_bucket"] == bucket), int(entry["from_bucket"] == bucket)
    signed = points * (into - out)
    return -signed if bucket == "owed" else signed


def held_in_lots(entry: Row) -> int:
    """The change by an entry in the points in lots: pending and available together."""
    return change(entry, "pending") + change(entry, "available")
