"""Who hears of a member's events: what is written for each of them when events are numbered."""

from collections.abc import Sequence
from uuid import UUID

from tortoise import BaseDBAsyncClient

from domain.delivery.events import NumberedEvent


async def fan_out(
    connection: BaseDBAsyncClient | None,
    programme_id: UUID,
    member_id: UUID,
    numbered: Sequence[NumberedEvent],
) -> None:
    """Write down, in the current transaction, who is to hear of these events of one member.

    They come in the order of their positions, each once. Nobody is to hear of any yet.
    """


async def awaited(events: Sequence[tuple[UUID, UUID]]) -> frozenset[UUID]:
    """Of these events, each by its member and its id, those that somebody is still to hear of:
    they are kept. There are none yet.
    """
    return frozenset()
