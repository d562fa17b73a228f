"""The root of a settled day: one signed line about everything sealed on it, published where an
administrator of the database cannot remove it.

Each member with a seal of the day is a leaf; ordered by id, the leaves form a tree of RFC 6962, and
each day's record names the previous one, the last row of the audit, and the journal of the day.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from domain.finance import closing, keeping
from domain.kernel import audit, dates, merkle, signing
from domain.kernel.base64url import decoded, encoded
from domain.kernel.database import Row, row, rows, transact, tuples
from domain.kernel.pages import beyond
from domain.kernel.sealing import FIRST_HASH
from domain.programmes.programmes import Programme

NO_ENTRIES = bytes(32)
LEAVES_AT_ONCE = 5_000


class Leaf(NamedTuple):
    """The part of a day's root about one member."""

    member_id: UUID
    number: int
    seal_hash: bytes
    entries_root: bytes

    def packed(self) -> bytes:
        return b"".join(
            (
                self.member_id.bytes,
                self.number.to_bytes(8),
                self.seal_hash,
                self.entries_root,
            )
        )


def entries_root(hashes: Sequence[bytes]) -> bytes:
    """The root of the hashes of entries, in order; zeros if there are none."""
    return merkle.root(hashes) if hashes else NO_ENTRIES


async def record_day(programme: Programme, day: date) -> None:
    """Record the root of a day whose seals are all written, once; a repetition does nothing.

    Raises: ConcurrentRequest.
    """
    await transact(partial(_record_day, programme, day))


async def _record_day(programme: Programme, day: date) -> None:
    if await line_of(programme.id, day) is not None:
        return
    zone = programme.versions[0].policy.zone
    began_at, ended_at = dates.start_of_day(day, zone), dates.end_of_day(day, zone)
    leaves = await leaves_of(programme.id, began_at, ended_at)
    levels = merkle.levels([leaf.packed() for leaf in leaves])
    line = await _line(programme, day, len(leaves), merkle.top(levels))
    await _write_leaves(day, leaves, levels)
    await rows(
        "INSERT INTO root (programme_id, day, began_at, ended_at, leaves, line) "
        "VALUES ($1, $2, $3, $4, $5, $6) RETURNING day",
        programme.id,
        day,
        began_at,
        ended_at,
        len(leaves),
        line,
    )


async def line_of(programme_id: UUID, day: date) -> str | None:
    """The record of a day; None where it has none."""
    found = await row(
        "SELECT line FROM root WHERE programme_id = $1 AND day = $2", programme_id, day
    )
    return found["line"] if found else None


async def leaves_of(programme_id: UUID, began_at: datetime, ended_at: datetime) -> list[Leaf]:
    """Members with a seal of a day, by id."""
    sealed = await tuples(
        "SELECT DISTINCT ON (s.member_id) s.member_id, s.number, s.hash FROM seal s "
        "JOIN account a ON a.member_id = s.member_id WHERE a.programme_id = $1 "
        "AND s.recorded_at >= $2 AND s.recorded_at < $3 ORDER BY s.member_id, s.number DESC",
        programme_id,
        began_at,
        ended_at,
    )
    entries = await tuples(
        "SELECT e.member_id, array_agg(e.hash ORDER BY e.sequence) FROM ledger_entry e "
        "JOIN account a ON a.member_id = e.member_id WHERE a.programme_id = $1 "
        "AND e.recorded_at >= $2 AND e.recorded_at < $3 GROUP BY e.member_id",
        programme_id,
        began_at,
        ended_at,
    )
    hashes = dict(map(tuple, entries))
    return [
        Leaf(member_id, number, last, entries_root(hashes.get(member_id, ())))
        for member_id, number, last in sealed
    ]


async def _write_leaves(day: date, leaves: Sequence[Leaf], levels: list[list[bytes]]) -> None:
    for start in range(0, len(leaves), LEAVES_AT_ONCE):
        part = leaves[start : start + LEAVES_AT_ONCE]
        places = range(start, start + len(part))
        await rows(
            "INSERT INTO day_leaf (member_id, day, number, seal_hash, entries_root, place, path) "
            "SELECT w.member_id, $2, w.number, w.seal_hash, w.entries_root, w.place, w.path "
            "FROM unnest($1::uuid[], $3::bigint[], $4::bytea[], $5::bytea[], $6::bigint[], "
            "$7::bytea[]) AS w (member_id, number, seal_hash, entries_root, place, path) "
            "RETURNING place",
            [leaf.member_id for leaf in part],
            day,
            [leaf.number for leaf in part],
            [leaf.seal_hash for leaf in part],
            [leaf.entries_root for leaf in part],
            list(places),
            [b"".join(merkle.path_in(levels, place)) for place in places],
        )


async def _line(programme: Programme, day: date, leaves: int, root: bytes) -> str:
    signer = signing.signer()
    record: dict[str, Any] = {
        "programme": programme.code,
        "day": day.isoformat(),
        "leaves": leaves,
        "root": encoded(root),
        "audit": await _audit(programme.id),
        "journal": encoded(await journal_of(programme.id, day)),
        "previous": encoded(await _previous(programme.id, day)),
        "key": signer.name,
    }
    return text_of({**record, "signature": encoded(signer.sign(text_of(record).encode()))})


def text_of(record: Row) -> str:
    """A record as it is signed and published: its keys in order, without spaces."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


async def _audit(programme_id: UUID) -> dict[str, Any] | None:
    """The last row of the audit; None where nothing was audited."""
    head = await audit.head(programme_id)
    return None if head is None else {"sequence": head.sequence, "hash": encoded(head.hash)}


async def journal_of(programme_id: UUID, day: date) -> bytes:
    """SHA-256 of a day's rows of the journal, computed as for a closed month."""
    return closing.digest(await keeping.lines(programme_id, (day, day)))


async def _previous(programme_id: UUID, day: date) -> bytes:
    found = await row(
        "SELECT line FROM root WHERE programme_id = $1 AND day < $2 ORDER BY day DESC LIMIT 1",
        programme_id,
        day,
    )
    return FIRST_HASH if found is None else link_to(found["line"])


def link_to(line: str) -> bytes:
    """SHA-256 of a line, as the next line names it."""
    return hashlib.sha256(line.encode()).digest()


async def lines(programme_id: UUID, after: date | None = None) -> list[str]:
    """Published lines of a programme's days, in order, after one day."""
    found = await rows(
        "SELECT line FROM root WHERE programme_id = $1 "
        f"AND {beyond('day', 2, 'date', descending=False)} "
        "ORDER BY day",
        programme_id,
        after,
    )
    return [one["line"] for one in found]


@dataclass(frozen=True, slots=True)
class Record:
    """A published line, read."""

    programme: str
    day: date
    leaves: int
    root: bytes
    audit: tuple[int, bytes] | None
    journal: bytes
    previous: bytes
    key: str
    line: str
    signature: bytes

    @property
    def signed(self) -> bytes:
        """The signed text."""
        said = json.loads(self.line)
        del said["signature"]
        return text_of(said).encode()


def read(line: str) -> Record:
    """Raises: ValueError for a line that is no record."""
    try:
        said = json.loads(line)
        return Record(
            said["programme"],
            date.fromisoformat(said["day"]),
            int(said["leaves"]),
            decoded(said["root"]),
            _audited(said["audit"]),
            decoded(said["journal"]),
            decoded(said["previous"]),
            said["key"],
            line,
            decoded(said["signature"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"no record of a day: {line[:100]}") from error


def _audited(said: Mapping[str, Any] | None) -> tuple[int, bytes] | None:
    return None if said is None else (int(said["sequence"]), decoded(said["hash"]))
