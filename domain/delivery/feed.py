"""Reading the feed: events after a position in each part, merged by the instant of their numbering.

Positions of a part have no gaps and never change, so a reader at one has read all before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import orjson

from domain.delivery.events import NumberedEvent
from domain.kernel.database import Row, rows, tuples_of_each
from domain.kernel.outbox import PARTS, part_of

Positions = tuple[int, ...]
"""The last position read in each part."""

TOPICS_MAX = 20
"""Most types in one request; each is searched in each part."""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """A choice of a programme's events: any of these types, one member, and one partner that they
    concern; None does not restrict.
    """

    programme_id: UUID
    topics: tuple[str, ...] | None = None
    member_id: UUID | None = None
    partner_id: UUID | None = None

    @property
    def parts(self) -> Sequence[int]:
        return range(PARTS) if self.member_id is None else [part_of(self.member_id)]

    def conditions(self, number: int) -> tuple[str, list[UUID]]:
        """Conditions on `feed_entry`, with parameters from this number on, and their values."""
        columns = {"member_id": self.member_id, "partner_id": self.partner_id}
        named = {column: value for column, value in columns.items() if value is not None}
        said = [f" AND {column} = ${place}" for place, column in enumerate(named, number)]
        return "".join(said), list(named.values())


@dataclass(frozen=True, slots=True)
class Kept:
    """Extent of a programme's feed: in each part the last given position, and the last removed one;
    and the instant when the oldest kept event was numbered, None where there is none.
    """

    last: Positions
    gone: Positions
    oldest: datetime | None

    def reaches(self, positions: Positions) -> bool:
        """Whether all events after these positions are still kept."""
        return all(gone <= read for gone, read in zip(self.gone, positions, strict=True))


@dataclass(frozen=True, slots=True)
class Read:
    """An event, and the last position of each part read up to it."""

    event: NumberedEvent
    positions: Positions


@dataclass(frozen=True, slots=True)
class Page:
    """Events in order, whether more follow, and the positions read: parts without more events are
    read to their end.
    """

    events: list[Read]
    more: bool
    positions: Positions


async def kept(programme_id: UUID) -> Kept:
    found = await rows(
        "SELECT h.part, h.position, f.position AS first, f.numbered_at FROM feed_head h "
        "LEFT JOIN LATERAL (SELECT e.position, e.numbered_at FROM feed_entry e "
        "WHERE e.part = h.part AND e.programme_id = h.programme_id "
        "ORDER BY e.position LIMIT 1) f ON true WHERE h.programme_id = $1",
        programme_id,
    )
    last, gone = dict.fromkeys(range(PARTS), 0), dict.fromkeys(range(PARTS), 0)
    for head in found:
        last[head["part"]] = head["position"]
        gone[head["part"]] = head["position"] if head["first"] is None else head["first"] - 1
    oldest = [head["numbered_at"] for head in found if head["numbered_at"] is not None]
    return Kept(tuple(last.values()), tuple(gone.values()), min(oldest, default=None))


async def page(wanted: EventFilter, there: Kept, after: Positions, size: int) -> Page:
    """The first `size` events after these positions, in one snapshot with `there`.

    Two queries; of each part, and each requested type, at most one row more than `size`.
    """
    found = await _entries(wanted, after, size + 1)
    in_order = sorted(found, key=_order)
    shown = in_order[:size]
    events = await _events(shown)
    positions, read = list(after), []
    for entry in shown:
        positions[entry["part"]] = entry["position"]
        if entry["event_id"] in events:
            event = _numbered(wanted.programme_id, entry, events[entry["event_id"]])
            read.append(Read(event, tuple(positions)))
    # a part without further wanted events was read to its end
    unread = {entry["part"] for entry in in_order[size:]}
    ends = tuple(
        position if part in unread else max(position, there.last[part])
        for part, position in enumerate(positions)
    )
    if read:
        read[-1] = replace(read[-1], positions=ends)
    return Page(read, bool(unread), ends)


def _order(entry: Row) -> tuple[datetime, int, int]:
    return entry["numbered_at"], entry["part"], entry["position"]


_COLUMNS = ("part", "position", "numbered_at", "member_id", "event_id", "topic", "partner_id")


async def _entries(wanted: EventFilter, after: Positions, limit: int) -> list[Row]:
    """The first entries of each part and each requested type: one small query, sent for all."""
    topics: Sequence[str | None] = (None,) if wanted.topics is None else wanted.topics
    if not topics:
        return []
    said, values = wanted.conditions(5 if wanted.topics is None else 6)
    of_topic = "" if wanted.topics is None else " AND topic = $5"
    found = await tuples_of_each(
        f"SELECT {', '.join(_COLUMNS)} FROM feed_entry WHERE part = $1 AND programme_id = $2 "
        f"AND position > $3{of_topic}{said} ORDER BY position LIMIT $4",
        [
            (part, wanted.programme_id, after[part], limit, *([topic] if topic else []), *values)
            for part in wanted.parts
            for topic in topics
        ],
    )
    return [dict(zip(_COLUMNS, entry, strict=True)) for entry in found]


async def _events(entries: Sequence[Row]) -> dict[UUID, Row]:
    found = await rows(
        "SELECT id, sequence, recorded_at, payload FROM outbox_event "
        "WHERE member_id = ANY($1::uuid[]) AND id = ANY($2::uuid[])",
        [entry["member_id"] for entry in entries],
        [entry["event_id"] for entry in entries],
    )
    return {event["id"]: event for event in found}


def _numbered(programme_id: UUID, entry: Row, event: Row) -> NumberedEvent:
    return NumberedEvent(
        id=entry["event_id"],
        programme_id=programme_id,
        member_id=entry["member_id"],
        partner_id=entry["partner_id"],
        part=entry["part"],
        position=entry["position"],
        topic=entry["topic"],
        sequence=event["sequence"],
        recorded_at=event["recorded_at"],
        numbered_at=entry["numbered_at"],
        payload=orjson.loads(event["payload"]),
    )


async def find(programme_id: UUID, member_id: UUID, event_id: UUID) -> NumberedEvent | None:
    """A numbered event of a member; None if it is no longer kept."""
    found = await rows(
        "SELECT event_id, member_id, partner_id, part, position, topic, numbered_at "
        "FROM feed_entry WHERE part = $1 AND event_id = $2 AND programme_id = $3",
        part_of(member_id),
        event_id,
        programme_id,
    )
    events = await _events(found)
    return _numbered(programme_id, found[0], events[event_id]) if event_id in events else None


async def count(wanted: EventFilter) -> int:
    """Number of wanted events."""
    said, values = wanted.conditions(4)
    found = await rows(
        "SELECT count(*) AS count FROM feed_entry WHERE part = ANY($1::smallint[]) "
        f"AND programme_id = $2 AND ($3::text[] IS NULL OR topic = ANY($3)){said}",
        list(wanted.parts),
        wanted.programme_id,
        None if wanted.topics is None else list(wanted.topics),
        *values,
    )
    return int(found[0]["count"])
