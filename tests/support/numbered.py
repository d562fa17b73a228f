"""Events numbered as a worker numbers them."""

from collections.abc import Sequence
from datetime import datetime

from domain.delivery import numbering
from domain.delivery.events import NumberedEvent
from domain.programmes.programmes import Programme


async def number(programme: Programme, now: datetime) -> list[NumberedEvent]:
    """Number what waits in a programme, and hand it on; in the order of parts and positions."""
    placed = []
    for part in sorted(await numbering.waiting(), key=lambda one: one.number):
        if part.programme_id == programme.id:
            placed += await numbering.place(part, now)
    await hand_on(placed)
    return placed


async def hand_on(placed: Sequence[NumberedEvent]) -> list[NumberedEvent]:
    """Hand on what was placed; the events that were not before, as they were told of."""
    told: list[NumberedEvent] = []
    for events in numbering.by_member(placed):
        await numbering.hand_on(events, told.append)
    return told
