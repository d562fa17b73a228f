"""Roots computed again: the published root of each settled day still matches its seals."""

from bisect import bisect_right
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.kernel import merkle, signing
from domain.kernel.base64url import encoded
from domain.kernel.database import Row, row, rows, tuples
from domain.kernel.sealing import FIRST_HASH
from domain.proof import roots
from domain.proof.evidence import Fault, MemberRows, shown
from domain.proof.roots import Leaf, Record


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a programme that have a root, in order, and the instants between them."""

    days: Sequence[date]
    began: Sequence[datetime]
    ended: Sequence[datetime]

    def of(self, instant: datetime) -> date | None:
        """The day of an instant; None where it has no root."""
        place = bisect_right(self.began, instant) - 1
        return self.days[place] if place >= 0 and instant < self.ended[place] else None


async def read_days() -> dict[UUID, Days]:
    """Read the days of each programme."""
    found: dict[UUID, list[Row]] = {}
    for one in await rows(
        "SELECT programme_id, day, began_at, ended_at FROM root ORDER BY programme_id, day"
    ):
        found.setdefault(one["programme_id"], []).append(one)
    return {
        programme_id: Days(
            [one["day"] for one in own],
            [one["began_at"] for one in own],
            [one["ended_at"] for one in own],
        )
        for programme_id, own in found.items()
    }


def of_member(member: MemberRows, known: Mapping[UUID, Days]) -> Iterator[Fault]:
    """Every day whose leaf of the member differs from its seals and entries."""
    if member.account is None:
        return
    days = known.get(member.account["programme_id"])
    made = {} if days is None else _leaves(member, days)
    there = {leaf["day"]: leaf for leaf in member.tables["day_leaf"]}
    for day, leaf in made.items():
        stored = there.pop(day, None)
        if stored is None:
            yield _fault(member, day, "the leaf", "missing", f"there, with seal {leaf.number}")
            continue
        for name in ("number", "seal_hash", "entries_root"):
            found, wanted = stored[name], getattr(leaf, name)
            if found != wanted:
                yield _fault(member, day, name, found, f"{shown(wanted)}, as its seals say")
    for day in there:
        yield _fault(member, day, "the leaf", "there", "none, as no seal is of that day")


def _fault(member: MemberRows, day: date, what: str, found: object, wanted: str) -> Fault:
    named = f"{what} of {day}"
    return Fault("day_leaf", member.member_id, member.member_id, named, shown(found), wanted)


def _leaves(member: MemberRows, days: Days) -> dict[date, Leaf]:
    hashes: dict[date | None, list[bytes]] = {}
    for entry in member.entries:
        hashes.setdefault(days.of(entry["recorded_at"]), []).append(entry["hash"])
    last: dict[date, Row] = {}
    for seal in member.tables["seal"]:
        day = days.of(seal["recorded_at"])
        if day is not None and (day not in last or last[day]["number"] < seal["number"]):
            last[day] = seal
    return {
        day: Leaf(
            member.member_id,
            seal["number"],
            seal["hash"],
            roots.entries_root(hashes.get(day, ())),
        )
        for day, seal in last.items()
    }


async def of_days() -> list[Fault]:
    """Every day whose leaves do not give its root, and every record that is not signed or does not
    name the previous one.
    """
    faults: list[Fault] = []
    before: dict[UUID, bytes] = {}
    for root in await rows("SELECT * FROM root ORDER BY programme_id, day"):
        programme_id = root["programme_id"]
        try:
            record = roots.read(root["line"])
        except ValueError as error:
            faults.append(_of_day(root, "its record", str(error), "one that was signed"))
            continue
        previous = before.get(programme_id, FIRST_HASH)
        faults += [fault async for fault in _day(root, record, previous)]
        before[programme_id] = roots.link_to(root["line"])
    return faults


async def _day(root: Row, record: Record, previous: bytes) -> AsyncIterator[Fault]:
    if record.day != root["day"] or record.leaves != root["leaves"]:
        yield _of_day(root, "its record", record.line, "of the day and its leaves")
    if record.previous != previous:
        wanted = f"{encoded(previous)}, the record before"
        yield _of_day(root, "what it follows", encoded(record.previous), wanted)
    if not _is_signed(record):
        yield _of_day(root, "its signature", record.key, "of a key that is known")
    async for fault in _what_it_names(root, record):
        yield fault
    stored = await tuples(
        "SELECT l.member_id, l.number, l.seal_hash, l.entries_root, l.place, l.path "
        "FROM day_leaf l JOIN account a ON a.member_id = l.member_id "
        "WHERE a.programme_id = $1 AND l.day = $2 ORDER BY l.member_id",
        root["programme_id"],
        root["day"],
    )
    levels = merkle.levels([Leaf(*leaf[:4]).packed() for leaf in stored])
    if merkle.top(levels) != record.root:
        found = encoded(merkle.top(levels))
        wanted = f"{encoded(record.root)}, as published"
        yield _of_day(root, "the root of its leaves", found, wanted)
        return
    for place, leaf in enumerate(stored):
        if leaf[4] != place or leaf[5] != b"".join(merkle.path_in(levels, place)):
            yield _of_day(root, f"the path of member {leaf[0]}", leaf[5], "to its root")


async def _what_it_names(root: Row, record: Record) -> AsyncIterator[Fault]:
    """Check the record's last row of the audit, and the journal of the day."""
    if record.audit is not None:
        sequence, digest = record.audit
        found = await row(
            "SELECT hash FROM audit WHERE programme_id = $1 AND sequence = $2",
            root["programme_id"],
            sequence,
        )
        if found is None or found["hash"] != digest:
            kept = "missing" if found is None else found["hash"]
            wanted = f"{shown(digest)}, as published"
            yield _of_day(root, f"row {sequence} of the audit", kept, wanted)
    journal = await roots.journal_of(root["programme_id"], root["day"])
    if journal != record.journal:
        yield _of_day(root, "the journal", journal, f"{shown(record.journal)}, as published")


def _of_day(root: Row, what: str, found: object, wanted: str) -> Fault:
    named = f"{what} on {root['day']}"
    return Fault("root", root["programme_id"], None, named, shown(found), wanted)


def _is_signed(record: Record) -> bool:
    """Whether a known key signed it; if only the public development key is known, another key may
    have (`unchecked`).
    """
    known = signing.publics()
    if not any(signing.name_of(public) == record.key for public in known):
        return signing.are_public()
    return signing.is_signed(record.signed, record.signature, record.key, known)


async def unchecked() -> set[str]:
    """Names of keys that signed, but were not given."""
    if not signing.are_public():
        return set()
    known = {signing.name_of(public) for public in signing.publics()}
    return {key for one in await rows("SELECT line FROM root") for key in _key(one["line"])} - known


def _key(line: str) -> Iterator[str]:
    """The name of the key that signed a line; None for a line that is no record, which is a
    fault.
    """
    with suppress(ValueError):
        yield roots.read(line).key


async def published(lines: Sequence[str]) -> list[Fault]:
    """Every published line that is no longer the record of its day.

    Raises: ValueError for a line that is no record.
    """
    faults: list[Fault] = []
    codes = {one["code"]: one["id"] for one in await rows("SELECT id, code FROM programme")}
    before: dict[str, bytes] = {}
    for line in lines:
        record = roots.read(line)
        root = {"programme_id": codes.get(record.programme), "day": record.day}
        if record.previous != before.get(record.programme, FIRST_HASH):
            faults.append(_of_day(root, "what it follows", "another", "the line before"))
        if not _is_signed(record):
            faults.append(_of_day(root, "its signature", record.key, "of a key that is known"))
        before[record.programme] = roots.link_to(line)
        found = await rows(
            "SELECT line FROM root WHERE programme_id = $1 AND day = $2",
            root["programme_id"],
            record.day,
        )
        if [one["line"] for one in found] != [line]:
            kept = found[0]["line"] if found else "missing"
            faults.append(_of_day(root, "its record", kept, f"{line}, as published"))
    return faults
