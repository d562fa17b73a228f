"""Lanes: the deliveries of a member to a target, which one sender at a time leases.

A killed worker only loses its lease, when it expires. Instants are real ones.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from operator import itemgetter
from uuid import UUID, uuid5

import orjson

from domain.delivery.events import NumberedEvent
from domain.delivery.targets import Channel
from domain.kernel.database import Row, rows, transact, tuples_of_each, update
from domain.kernel.ids import new_id
from domain.kernel.outbox import part_of

LEASE = timedelta(seconds=60)
OF_TARGET_MAX = 8
"""Most lanes of a target that one worker sends at once."""

FOUND_OF_TARGET_MAX = 4 * OF_TARGET_MAX
FOUND_MAX = 200
"""Most lanes of a target, and in total, that are found at once."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane by its key; `lease` names its holder."""

    member_id: UUID
    target: UUID
    channel: Channel
    programme_id: UUID
    lease: UUID


@dataclass(frozen=True, slots=True)
class Delivery:
    """A waiting delivery with its event, which is None if no longer kept.

    `begun_at` is the start of an attempt whose result was not recorded.
    """

    id: UUID
    attempts: int
    waits_since: datetime
    due_at: datetime
    begun_at: datetime | None
    event: NumberedEvent | None

    @property
    def asked(self) -> UUID:
        """The key by which a receiver recognises repetitions; it changes when staff send the
        delivery again.
        """
        return uuid5(self.id, self.waits_since.isoformat())


_TARGETS = """
SELECT t.target, t.channel, w.off_since IS NOT NULL AS is_off,
    t.failures >= $1 AND w.off_since IS NULL AS is_paused,
    CASE WHEN t.failures >= $1 AND w.off_since IS NULL THEN t.probe END AS probe
FROM delivery_target t LEFT JOIN webhook w ON w.id = t.target
WHERE coalesce(t.channel, 'webhook') = ANY($2::text[])
"""

_DUE = """
SELECT l.member_id, l.target, l.programme_id, l.due_at FROM (
    SELECT * FROM delivery_lane WHERE target = $1
    AND due_at <= coalesce($2::timestamptz, 'infinity')
    AND ($3::boolean OR leased_until IS NULL OR leased_until < $4)
    ORDER BY due_at LIMIT $5
) l WHERE l.leased_until IS NULL OR l.leased_until < $4
"""
"""A few lanes of a target."""

_DUE_PROBE = """
SELECT member_id, target, programme_id, due_at FROM delivery_lane
WHERE member_id = $2 AND target = $1 AND due_at <= $3
AND (leased_until IS NULL OR leased_until < $3)
"""


async def due(now: datetime, pausing: int, channels: Collection[Channel]) -> list[Lane]:
    """Lanes that a sender of these channels could send now, without locking them; each names a new
    lease.

    Of a paused target only its probe, or otherwise the lane due for longest; of a target turned off
    all, as their waiting deliveries are cancelled.
    """
    targets = await rows(_TARGETS, pausing, [channel.value for channel in channels])
    # asked for each by itself: a distributed engine allows no LIMIT within a join with the targets
    found = await tuples_of_each(
        _DUE,
        [
            (
                one["target"],
                None if one["is_off"] else now,
                one["is_paused"],
                now,
                1 if one["is_paused"] else FOUND_OF_TARGET_MAX,
            )
            for one in targets
            if one["probe"] is None
        ],
    )
    probes = await tuples_of_each(
        _DUE_PROBE,
        [(one["target"], one["probe"], now) for one in targets if one["probe"] is not None],
    )
    first = sorted([*found, *probes], key=itemgetter(3))[:FOUND_MAX]
    channel_of = {one["target"]: Channel(one["channel"] or Channel.WEBHOOK) for one in targets}
    return [
        Lane(member_id, target, channel_of[target], programme_id, new_id())
        for member_id, target, programme_id, _ in first
    ]


async def take(lane: Lane, now: datetime, pausing: int) -> bool:
    """Lease a lane; returns False if it is not due any more, or leased by another."""
    taken = await update(
        "UPDATE delivery_lane SET lease = $3, leased_until = $4 WHERE member_id = $1 "
        "AND target = $2 AND due_at IS NOT NULL AND (leased_until IS NULL OR leased_until < $5)",
        lane.member_id,
        lane.target,
        lane.lease,
        now + LEASE,
        now,
    )
    if taken:
        await update(
            "UPDATE delivery_target SET probe = $2 WHERE target = $1 AND probe IS NULL "
            "AND failures >= $3",
            lane.target,
            lane.member_id,
            pausing,
        )
    return bool(taken)


async def hold(lane: Lane, now: datetime) -> bool:
    """Lock a lane that is still leased, in the current transaction, and extend the lease."""
    return bool(
        await update(
            "UPDATE delivery_lane SET leased_until = $4 WHERE member_id = $1 AND target = $2 "
            "AND lease = $3",
            lane.member_id,
            lane.target,
            lane.lease,
            now + LEASE,
        )
    )


_ORDER = {True: "d.position", False: "d.due_at, d.position"}
"""Order of sending, for channels with turns and without."""


async def waiting(lane: Lane, most: int) -> list[Delivery]:
    """Deliveries to send next, by position, or for a channel without turns by due instant. While
    the lane is leased, others only add to it, or wake earlier deliveries.
    """
    found = await rows(
        "SELECT d.id, d.attempts, d.waits_since, d.due_at, d.begun_at, d.event_id, d.position, "
        "d.numbered_at, e.topic, e.sequence, e.partner_id, e.recorded_at, e.payload "
        "FROM delivery d "
        "LEFT JOIN outbox_event e ON e.member_id = d.member_id AND e.id = d.event_id "
        "WHERE d.member_id = $1 AND d.target = $2 AND d.status = 'WAITING' "
        f"ORDER BY {_ORDER[lane.channel.in_turn]} LIMIT $3",
        lane.member_id,
        lane.target,
        most,
    )
    return [_delivery(lane, one) for one in found]


def _delivery(lane: Lane, found: Row) -> Delivery:
    event = None
    if found["topic"] is not None:
        event = NumberedEvent(
            id=found["event_id"],
            programme_id=lane.programme_id,
            member_id=lane.member_id,
            partner_id=found["partner_id"],
            part=part_of(lane.member_id),
            position=found["position"],
            topic=found["topic"],
            sequence=found["sequence"],
            recorded_at=found["recorded_at"],
            numbered_at=found["numbered_at"],
            payload=orjson.loads(found["payload"]),
        )
    named = ("id", "attempts", "waits_since", "due_at", "begun_at")
    return Delivery(**{name: found[name] for name in named}, event=event)


async def release(lane: Lane) -> bool:
    """End the lease of a lane that the current transaction has locked: it is due when its next
    delivery is. Returns whether it has nothing to send. This statement sees everything written
    before the lock.
    """
    [found] = await rows(
        "UPDATE delivery_lane l SET due_at = (SELECT d.due_at FROM delivery d "
        "WHERE d.member_id = $1 AND d.target = $2 AND d.status = 'WAITING' "
        f"ORDER BY {_ORDER[lane.channel.in_turn]} LIMIT 1), lease = NULL, leased_until = NULL "
        "WHERE l.member_id = $1 AND l.target = $2 AND l.lease = $3 RETURNING l.due_at",
        lane.member_id,
        lane.target,
        lane.lease,
    )
    return found["due_at"] is None


async def end_probe(lane: Lane) -> None:
    """Let a paused target try another lane, as this one has nothing to send."""
    await update(
        "UPDATE delivery_target SET probe = NULL WHERE target = $1 AND probe = $2",
        lane.target,
        lane.member_id,
    )


def id_of(event_id: UUID, target: UUID) -> UUID:
    """The id of the delivery of an event to a target, the same for every writer."""
    return uuid5(event_id, str(target))


async def add(
    programme_id: UUID,
    member_id: UUID,
    wanted: Sequence[tuple[NumberedEvent, UUID, datetime]],
    *,
    in_turn: bool = True,
) -> None:
    """Queue events of one member for targets, in the current transaction: each with its target and
    the real instant at which it is due.

    Existing deliveries stay. A lane with turns that is due later stays so, as an earlier event
    waits; its holder reads it again.
    """
    events, targets, due = zip(*wanted, strict=True)
    await rows(
        "INSERT INTO delivery (member_id, id, programme_id, target, event_id, position, status, "
        "attempts, numbered_at, waits_since, due_at) "
        "SELECT $1, n.id, $2, n.target, n.event_id, n.position, 'WAITING', 0, n.at, n.at, n.due_at "
        "FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::bigint[], $7::timestamptz[], "
        "$8::timestamptz[]) AS n (id, target, event_id, position, at, due_at) "
        "ON CONFLICT DO NOTHING",
        member_id,
        programme_id,
        [id_of(event.id, target) for event, target, _ in wanted],
        list(targets),
        [event.id for event in events],
        [event.position for event in events],
        [event.numbered_at for event in events],
        list(due),
    )
    await rows(
        "INSERT INTO delivery_lane (member_id, target, programme_id, due_at) "
        "SELECT $1, n.target, $2, min(n.due_at) "
        "FROM unnest($3::uuid[], $4::timestamptz[]) AS n (target, due_at) "
        "GROUP BY n.target ORDER BY n.target "
        "ON CONFLICT (member_id, target) DO UPDATE SET due_at = excluded.due_at "
        "WHERE delivery_lane.due_at IS NULL OR ($5 AND delivery_lane.due_at > excluded.due_at)",
        member_id,
        programme_id,
        list(targets),
        list(due),
        not in_turn,
    )


async def add_again(programme_id: UUID, event: NumberedEvent, target: UUID, now: datetime) -> None:
    """Queue an event of a member for a target as if it were new, in the current transaction,
    whatever its earlier result, from a real instant on; a waiting one stays as it is.
    """
    await make_due(programme_id, target, [event.member_id], now)
    await rows(
        "INSERT INTO delivery (member_id, id, programme_id, target, event_id, position, status, "
        "attempts, numbered_at, waits_since, due_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, 'WAITING', 0, $7, $8, $8) "
        "ON CONFLICT (member_id, id) DO UPDATE SET status = 'WAITING', attempts = 0, "
        "waits_since = excluded.waits_since, due_at = excluded.due_at, ended_at = NULL, "
        "reason = NULL WHERE delivery.status <> 'WAITING'",
        event.member_id,
        id_of(event.id, target),
        programme_id,
        target,
        event.id,
        event.position,
        event.numbered_at,
        now,
    )


async def make_due(
    programme_id: UUID, target: UUID, member_ids: Sequence[UUID], now: datetime
) -> None:
    """Lock the lanes of these members to a target, in their order, in the current transaction;
    those that are due later, or have nothing to send, are due now.
    """
    await tuples_of_each(
        "INSERT INTO delivery_lane (member_id, target, programme_id, due_at) "
        "VALUES ($1, $2, $3, $4) ON CONFLICT (member_id, target) DO UPDATE "
        "SET due_at = least(delivery_lane.due_at, excluded.due_at)",
        [(member_id, target, programme_id, now) for member_id in sorted(set(member_ids))],
    )


async def forget(before: datetime, most: int) -> int:
    """Remove a batch of deliveries of events numbered before an instant, with their attempts,
    except waiting ones; returns how many.
    """
    old = await rows(
        "SELECT member_id, id FROM delivery WHERE numbered_at < $1 AND status <> 'WAITING' "
        "ORDER BY numbered_at LIMIT $2",
        before,
        most,
    )
    return await transact(partial(_forget, old)) if old else 0


async def _forget(old: Sequence[dict[str, UUID]]) -> int:
    # one that was woken meanwhile stays, with its attempts
    locked = await tuples_of_each(
        "SELECT member_id, id FROM delivery WHERE member_id = $1 AND id = $2 "
        "AND status <> 'WAITING' FOR UPDATE",
        sorted((one["member_id"], one["id"]) for one in old),
    )
    keys = [member_id for member_id, _ in locked], [own for _, own in locked]
    await update(
        "DELETE FROM delivery_attempt WHERE member_id = ANY($1::uuid[]) "
        "AND delivery_id = ANY($2::uuid[])",
        *keys,
    )
    return await update(
        "DELETE FROM delivery WHERE member_id = ANY($1::uuid[]) AND id = ANY($2::uuid[])",
        *keys,
    )
