"""Numbering: the events of the outbox get their positions in the feed, one part after the other.

Positions of a part have no gaps and follow the order of commits, so those of each member do; there
is no order between parts. Instants are real ones, whatever a programme's clock says.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from uuid import UUID

import orjson

from domain.delivery import fan_out
from domain.delivery.events import NumberedEvent
from domain.kernel.database import Row, row, rows, transact, tuples_of_each, update
from domain.kernel.outbox import PARTS

CHANNEL = "milepost_feed"
"""The channel that notifies `<programme's id>:<part>` after positions of a part were given."""

EVENTS_MAX = 1000
"""Most events that are read at once to be placed."""

_WAITING = """
SELECT p.id AS programme_id, p.code, s.part
FROM programme p CROSS JOIN generate_series(0, 15) AS s (part)
WHERE EXISTS (SELECT FROM outbox_event e WHERE e.part = s.part AND e.programme_id = p.id
    AND e.numbered_at IS NULL)
UNION ALL
SELECT p.id, p.code, NULL FROM programme p
WHERE EXISTS (SELECT FROM outbox_event e WHERE e.part IS NULL AND e.programme_id = p.id
    AND e.numbered_at IS NULL)
"""
"""Reads few entries of an index that holds only waiting events."""


@dataclass(frozen=True, slots=True)
class Part:
    """A sixteenth of a programme's members, 0 to 15."""

    programme_id: UUID
    programme: str
    number: int


Tell = Callable[[NumberedEvent], None]


async def waiting() -> list[Part]:
    """The parts with events that wait for their numbers."""
    found = await rows(_WAITING)
    if any(one["part"] is None for one in found):
        await _take_over()
        found = await rows(_WAITING)
    return [Part(*one.values()) for one in found if one["part"] is not None]


async def oldest_waiting() -> dict[UUID, datetime]:
    """The instant of the oldest event that waits for its number, by programme; on the programme's
    clock.
    """
    programmes = await rows("SELECT id FROM programme")
    found = await tuples_of_each(
        "SELECT programme_id, recorded_at FROM outbox_event WHERE part = $1 "
        "AND programme_id = $2 AND numbered_at IS NULL ORDER BY recorded_at LIMIT 1",
        [(part, one["id"]) for one in programmes for part in range(PARTS)],
    )
    oldest: dict[UUID, datetime] = {}
    for programme_id, recorded_at in found:
        oldest[programme_id] = min(recorded_at, oldest.get(programme_id, recorded_at))
    return oldest


async def _take_over() -> None:
    """Assign parts to events written by servers of the previous release, which knows no parts."""
    await update(
        "UPDATE outbox_event SET part = get_byte(uuid_send(member_id), 15) & 15 "
        "WHERE part IS NULL AND numbered_at IS NULL"
    )


async def place(part: Part, now: datetime) -> list[NumberedEvent]:
    """Give positions to the waiting events of a part; returns all events read, by position.

    Events placed by a worker that was killed are included, at their positions, until they are
    handed on. Returns nothing while another worker places events of this part.

    Raises: ConcurrentRequest.
    """
    return await transact(partial(_place, part, now))


async def _place(part: Part, now: datetime) -> list[NumberedEvent]:
    head = await _lock(part, now)
    if head is None:
        return []
    # only now: a read after the lock sees what was placed before it was acquired
    events, known = await _unmarked(part)
    new = [event for event in events if event["id"] not in known]
    at, positions = max(now, head["numbered_at"]), count(head["position"] + 1)
    given = {event["id"]: (next(positions), at) for event in new}
    if new:
        await _add(part, new, given)
    numbered = [_numbered(part, event, *{**known, **given}[event["id"]]) for event in events]
    return sorted(numbered, key=lambda event: event.position)


async def _lock(part: Part, now: datetime) -> Row | None:
    """The part's head under its lock; None if another has it."""
    lock = (
        "SELECT position, numbered_at FROM feed_head WHERE part = $1 AND programme_id = $2 "
        "FOR UPDATE SKIP LOCKED"
    )
    if found := await row(lock, part.number, part.programme_id):
        return found
    await rows(
        "INSERT INTO feed_head (part, programme_id, position, numbered_at) VALUES ($1, $2, 0, $3) "
        "ON CONFLICT DO NOTHING",
        part.number,
        part.programme_id,
        now,
    )
    return await row(lock, part.number, part.programme_id)


async def _unmarked(part: Part) -> tuple[list[Row], dict[UUID, tuple[int, datetime]]]:
    """Events without a mark, each member's oldest first, and the positions of those already in the
    feed.

    If these are most of those read, more events of all other members are read: a member whose
    events cannot be handed on does not keep others from being placed.
    """
    events, known, behind = list[Row](), dict[UUID, tuple[int, datetime]](), set[UUID]()
    while True:
        found = await _read(part, behind)
        placed = await _placed(part, [event["id"] for event in found])
        events += found
        known |= placed
        behind |= {event["member_id"] for event in found if event["id"] in placed}
        if len(found) < EVENTS_MAX or len(placed) <= EVENTS_MAX // 2:
            return events, known


async def _read(part: Part, without: Collection[UUID]) -> list[Row]:
    return await rows(
        "SELECT member_id, id, partner_id, topic, sequence, recorded_at, payload "
        "FROM outbox_event WHERE part = $1 AND programme_id = $2 AND numbered_at IS NULL "
        "AND member_id <> ALL($3::uuid[]) ORDER BY recorded_at, sequence, id LIMIT $4",
        part.number,
        part.programme_id,
        list(without),
        EVENTS_MAX,
    )


async def _placed(part: Part, ids: Sequence[UUID]) -> dict[UUID, tuple[int, datetime]]:
    """Position and instant of those of these events that are in the feed."""
    found = await rows(
        "SELECT event_id, position, numbered_at FROM feed_entry "
        "WHERE part = $1 AND event_id = ANY($2::uuid[])",
        part.number,
        list(ids),
    )
    return {one["event_id"]: (one["position"], one["numbered_at"]) for one in found}


async def _add(part: Part, new: Sequence[Row], given: dict[UUID, tuple[int, datetime]]) -> None:
    """Insert the entries, raise the head, and notify listeners once this is committed."""
    last, at = given[new[-1]["id"]]
    await rows(
        "INSERT INTO feed_entry "
        "(part, programme_id, numbered_at, position, member_id, event_id, topic, partner_id) "
        "SELECT $1, $2, $3, n.* FROM unnest($4::bigint[], $5::uuid[], $6::uuid[], $7::text[], "
        "$8::uuid[]) AS n (position, member_id, event_id, topic, partner_id)",
        part.number,
        part.programme_id,
        at,
        [given[event["id"]][0] for event in new],
        *([event[name] for event in new] for name in ("member_id", "id", "topic", "partner_id")),
    )
    await update(
        "UPDATE feed_head SET position = $3, numbered_at = $4 "
        "WHERE part = $1 AND programme_id = $2 AND position = $3 - $5::bigint",
        part.number,
        part.programme_id,
        last,
        at,
        len(new),
    )
    await rows("SELECT pg_notify($1, $2)", CHANNEL, f"{part.programme_id}:{part.number}")


def _numbered(part: Part, event: Row, position: int, at: datetime) -> NumberedEvent:
    return NumberedEvent(
        id=event["id"],
        programme_id=part.programme_id,
        member_id=event["member_id"],
        partner_id=event["partner_id"],
        part=part.number,
        position=position,
        topic=event["topic"],
        sequence=event["sequence"],
        recorded_at=event["recorded_at"],
        numbered_at=at,
        payload=orjson.loads(event["payload"]),
    )


async def hand_on(placed: Sequence[NumberedEvent], tell: Tell) -> int:
    """Write the deliveries of these events of one member, and mark the events; returns how many
    were not marked before. `tell` is called with each of these before the marks are committed, so
    at least once.

    Raises: ConcurrentRequest.
    """
    return await transact(partial(_hand_on, placed, tell))


async def _hand_on(placed: Sequence[NumberedEvent], tell: Tell) -> int:
    first = placed[0]
    # another worker that hands on the same waits here, and then finds them marked
    marked = await rows(
        "UPDATE outbox_event SET numbered_at = n.numbered_at "
        "FROM unnest($2::uuid[], $3::timestamptz[]) AS n (id, numbered_at) "
        "WHERE outbox_event.member_id = $1 AND outbox_event.id = n.id "
        "AND outbox_event.numbered_at IS NULL RETURNING outbox_event.id",
        first.member_id,
        [event.id for event in placed],
        [event.numbered_at for event in placed],
    )
    ids = {one["id"] for one in marked}
    events = [event for event in placed if event.id in ids]
    if events:
        await fan_out.fan_out(first.programme_id, first.member_id, events)
    for event in events:
        tell(event)
    return len(events)


def by_member(placed: Sequence[NumberedEvent]) -> list[list[NumberedEvent]]:
    """Events by member, in order."""
    found: dict[UUID, list[NumberedEvent]] = {}
    for event in placed:
        found.setdefault(event.member_id, []).append(event)
    return list(found.values())
