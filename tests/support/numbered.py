"""Number events as a worker does."""

from collections.abc import Sequence
from datetime import datetime

from domain.delivery import numbering
from domain.delivery.events import NumberedEvent
from domain.programmes.programmes import Programme


async def number(programme: Programme, now: datetime) -> list[NumberedEvent]:
    """Number the waiting events of a programme and hand them on; by part and position."""
    placed = []
    for part in sorted(await numbering.waiting(), key=lambda one: one.number):
        if part.programme_id == programme.id:
            placed += await numbering.place(part, now)
    await hand_on(placed)
    return placed


async def hand_on(placed: Sequence[NumberedEvent]) -> list[NumberedEvent]:
    """Hand on numbered events; those that had not been handed on before, in that order."""
    told: list[NumberedEvent] = []
    for events in numbering.by_member(placed):
        await numbering.hand_on(events, told.append)
    return told
