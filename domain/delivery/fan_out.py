"""Who hears of a member's events: what is written for each of them when events are numbered."""

from collections.abc import Sequence
from uuid import UUID

from domain.delivery import lanes
from domain.delivery.events import NumberedEvent
from domain.kernel.database import rows
from domain.webhooks import endpoints
from domain.webhooks.endpoints import Listener


async def fan_out(programme_id: UUID, member_id: UUID, numbered: Sequence[NumberedEvent]) -> None:
    """Write down, in the current transaction, who is to hear of these events of one member.

    They come in the order of their positions, each once. What is there already stays.
    """
    listeners = await endpoints.listening(programme_id, numbered[-1].numbered_at)
    wanted = [
        (event, listener.id, event.numbered_at)
        for event in numbered
        for listener in listeners
        if _hears(listener, event)
    ]
    if wanted:
        await lanes.add(programme_id, member_id, wanted)


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
