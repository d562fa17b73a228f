"""Following: new events in the feed after a position, for those who wait for changes."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

import orjson

from domain.kernel.database import rows, tuples_of_each
from domain.kernel.outbox import part_of

NEWS_MAX = 1000
"""Most entries of a part that are read at once."""


@dataclass(frozen=True, slots=True)
class FeedPart:
    """A part of a programme's feed, 0 to 15."""

    programme_id: UUID
    number: int

    @classmethod
    def of(cls, programme_id: UUID, member_id: UUID) -> "FeedPart":
        """The part of a member's events; events of no member use the programme's id."""
        return cls(programme_id, part_of(member_id))


@dataclass(frozen=True, slots=True)
class News:
    """An entry of the feed: its position, the member and the type of its event."""

    part: FeedPart
    position: int
    member_id: UUID
    topic: str
    event_id: UUID


async def heads(parts: Iterable[FeedPart]) -> dict[FeedPart, int]:
    """The last given position in each part; 0 without one."""
    asked = list(parts)
    found = await tuples_of_each(
        "SELECT programme_id, part, position FROM feed_head WHERE part = $1 AND programme_id = $2",
        [(part.number, part.programme_id) for part in asked],
    )
    known = {FeedPart(programme_id, number): at for programme_id, number, at in found}
    return {part: known.get(part, 0) for part in asked}


async def news(after: Mapping[FeedPart, int]) -> list[News]:
    """The first entries of each part after its position, in their order: one small query, sent
    for all.
    """
    found = await tuples_of_each(
        "SELECT programme_id, part, position, member_id, topic, event_id "
        "FROM feed_entry "
        "WHERE part = $1 AND programme_id = $2 AND position > $3 ORDER BY position LIMIT $4",
        [(part.number, part.programme_id, at, NEWS_MAX) for part, at in after.items()],
    )
    return [News(FeedPart(programme_id, number), *entry) for programme_id, number, *entry in found]


async def redemptions_of(member_id: UUID, event_ids: Collection[UUID]) -> list[UUID]:
    """The redemptions that these events of a member name, each once, in the order in which they
    were last named; events that are no longer kept name none.
    """
    found = await rows(
        "SELECT payload FROM outbox_event WHERE member_id = $1 AND id = ANY($2::uuid[]) "
        "ORDER BY recorded_at DESC, sequence DESC, id DESC",
        member_id,
        list(event_ids),
    )
    named = [orjson.loads(one["payload"]).get("redemption_id") for one in found]
    return [UUID(one) for one in dict.fromkeys(named) if one][::-1]
