"""Removal of old events from the feed: each is kept at least 30 days, and until all its deliveries
have ended.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from domain.delivery import fan_out, lanes
from domain.kernel.database import Row, rows, update

KEPT_DAYS = 30
"""Days that an event is kept after it was numbered."""

FORGOTTEN_MAX = 1000
"""Number of events of a part that one step removes."""


async def forget(now: datetime) -> int:
    """Remove a batch of the oldest events of each part; returns how many, 0 at the end.

    A part loses only its first positions, so that the kept ones have no gaps.
    """
    gone = await lanes.forget(now - timedelta(days=KEPT_DAYS), FORGOTTEN_MAX)
    heads = await rows("SELECT part, programme_id FROM feed_head ORDER BY part, programme_id")
    return gone + sum([await _forget(head, now - timedelta(days=KEPT_DAYS)) for head in heads])


async def _forget(head: Row, before: datetime) -> int:
    found = await rows(
        "SELECT position, member_id, event_id, numbered_at FROM feed_entry "
        "WHERE part = $1 AND programme_id = $2 ORDER BY position LIMIT $3",
        head["part"],
        head["programme_id"],
        FORGOTTEN_MAX,
    )
    old = list(takewhile(lambda entry: entry["numbered_at"] < before, found))
    if not old:
        return 0
    kept = await _kept(old)
    gone = list(takewhile(lambda entry: entry["event_id"] not in kept, old))
    # first the events: the next run removes an entry without an event, but no run an event without
    # one
    await update(
        "DELETE FROM outbox_event WHERE member_id = ANY($1::uuid[]) AND id = ANY($2::uuid[])",
        [entry["member_id"] for entry in gone],
        [entry["event_id"] for entry in gone],
    )
    return await update(
        "DELETE FROM feed_entry WHERE part = $1 AND programme_id = $2 AND position <= $3",
        head["part"],
        head["programme_id"],
        gone[-1]["position"] if gone else 0,
    )


async def _kept(old: Sequence[Row]) -> frozenset[object]:
    """Events that were not handed on yet, or have open deliveries."""
    found = await rows(
        "SELECT id FROM outbox_event WHERE member_id = ANY($1::uuid[]) AND id = ANY($2::uuid[]) "
        "AND numbered_at IS NULL",
        [entry["member_id"] for entry in old],
        [entry["event_id"] for entry in old],
    )
    awaited = await fan_out.awaited([(entry["member_id"], entry["event_id"]) for entry in old])
    return awaited | {one["id"] for one in found}
