"""Who hears of a member's events: what is written for each of them when events are numbered."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from tortoise import BaseDBAsyncClient

from domain.delivery.events import NumberedEvent
from domain.kernel.database import rows
from domain.webhooks import endpoints
from domain.webhooks.endpoints import Listener


async def fan_out(
    connection: BaseDBAsyncClient | None,
    programme_id: UUID,
    member_id: UUID,
    numbered: Sequence[NumberedEvent],
) -> None:
    """Write down, in the current transaction, who is to hear of these events of one member.

    They come in the order of their positions, each once. What is there already stays.
    """
    listeners = await endpoints.listening(programme_id, numbered[-1].numbered_at)
    wanted = [
        (event, listener.id)
        for event in numbered
        for listener in listeners
        if _hears(listener, event)
    ]
    if not wanted:
        return
    await rows(
        "INSERT INTO delivery (member_id, id, programme_id, target, event_id, position, status, "
        "attempts, numbered_at, waits_since, due_at) "
        "SELECT $1, n.id, $2, n.target, n.event_id, n.position, 'WAITING', 0, n.at, n.at, n.at "
        "FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::bigint[], $7::timestamptz[]) "
        "AS n (id, target, event_id, position, at) ON CONFLICT DO NOTHING",
        member_id,
        programme_id,
        [uuid5(event.id, str(target)) for event, target in wanted],
        [target for _, target in wanted],
        [event.id for event, _ in wanted],
        [event.position for event, _ in wanted],
        [event.numbered_at for event, _ in wanted],
    )
    targets = sorted({target for _, target in wanted})
    # a lane that is due later waits for the event before; whoever has it reads again at the end
    await rows(
        "INSERT INTO delivery_lane (member_id, target, programme_id, due_at) "
        "SELECT $1, n.target, $2, $4 FROM unnest($3::uuid[]) AS n (target) "
        "ON CONFLICT (member_id, target) DO UPDATE SET due_at = excluded.due_at "
        "WHERE delivery_lane.due_at IS NULL",
        member_id,
        programme_id,
        targets,
        min(event.numbered_at for event, _ in wanted),
    )


def _hears(listener: Listener, event: NumberedEvent) -> bool:
    """Whether the endpoint hears of it: numbered since it is on, and what its owner may read."""
    own = listener.reads_all or listener.partner_id == event.partner_id
    named = listener.topics is None or event.topic in listener.topics
    return own and named and event.numbered_at > listener.heard_from


async def awaited(events: Sequence[tuple[UUID, UUID]]) -> frozenset[UUID]:
    """Of these events, each by its member and its id, those that have deliveries: they are kept,
    for somebody is still to hear of them, or may ask to.
    """
    found = await rows(
        "SELECT DISTINCT event_id FROM delivery WHERE member_id = ANY($1::uuid[]) "
        "AND event_id = ANY($2::uuid[])",
        list({member_id for member_id, _ in events}),
        [event_id for _, event_id in events],
    )
    return frozenset(one["event_id"] for one in found)
