"""The sweep: changes by the passage of time, recorded for members without a write since.

No result depends on it: every read and write applies what is due by itself. It puts the entries
into the ledger, and returns the stock of expired holds.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.accounts import accounts
from domain.kernel.database import is_outage, row, rows, tuples_of_each
from domain.kernel.pages import AT_ID, beyond
from domain.programmes.programmes import Programme

BATCH = 500
TOGETHER_MAX = 50
"""Most members whose entries one transaction writes; their own writes wait for it."""


@dataclass(frozen=True, slots=True)
class SweepResult:
    """A member whose due entries were written, and their number."""

    member_id: UUID
    entries: int


async def count_due(programme: Programme, now: datetime) -> int:
    """Number of members with something due."""
    found = await row(
        "SELECT count(*) AS count FROM account WHERE programme_id = $1 AND next_due_at <= $2",
        programme.id,
        now,
    )
    return int(found["count"]) if found else 0


async def longest_due(clocks: Mapping[UUID, datetime]) -> dict[UUID, datetime]:
    """Since when the oldest due change waits, by programme, at these instants of their clocks."""
    found = await tuples_of_each(
        "SELECT programme_id, next_due_at FROM account WHERE programme_id = $1 "
        "AND next_due_at <= $2 ORDER BY next_due_at LIMIT 1",
        list(clocks.items()),
    )
    return dict(found)


async def sweep(programme: Programme, now: datetime) -> AsyncIterator[SweepResult]:
    """Write what is due, in short transactions; it can be stopped and run again."""
    async for one in together(programme, now):
        if isinstance(one, SweepResult):
            yield one
        else:
            yield SweepResult(one, await post(programme, one, now))


async def together(programme: Programme, now: datetime) -> AsyncGenerator[SweepResult | UUID, None]:
    """Write what is due, several members per transaction; yields the id of a member that must be
    done alone, by `post`.

    If one of several cannot be written, the ids of all are yielded, to find out which. The longest
    due come first. They are read a batch at a time, so memory stays flat, and none is returned
    twice, even if nothing could be written for it.

    Raises: errors that mean that the database is unavailable.
    """
    after: tuple[datetime, UUID] | None = None
    while batch := await _due(programme, now, after):
        for first in range(0, len(batch), TOGETHER_MAX):
            member_ids = [member_id for _, member_id in batch[first : first + TOGETHER_MAX]]
            written = await _post_together(programme, member_ids, now)
            for one in member_ids:
                yield SweepResult(one, written[one]) if one in written else one
        after = batch[-1]


async def _post_together(
    programme: Programme, member_ids: Sequence[UUID], now: datetime
) -> dict[UUID, int]:
    try:
        return await accounts.catch_up_together(programme, member_ids, now)
    except Exception as error:
        if is_outage(error):
            raise
        return {}


async def post_if_free(programme: Programme, member_id: UUID, now: datetime) -> bool:
    """Write what is due for one member without waiting for its lock; returns whether anything was
    written. Nothing is written if others write or have written the member, or if it takes several
    transactions.

    Raises: errors that mean that the database is unavailable.
    """
    return bool((await _post_together(programme, [member_id], now)).get(member_id))


async def post(programme: Programme, member_id: UUID, now: datetime) -> int:
    """Write what is due for one member, usually in one transaction; returns the number of entries.

    Raises: ConcurrentRequest.
    """
    return await accounts.catch_up(programme, member_id, now)


async def _due(
    programme: Programme, now: datetime, after: tuple[datetime, UUID] | None
) -> list[tuple[datetime, UUID]]:
    found = await rows(
        "SELECT next_due_at, member_id FROM account "
        "WHERE programme_id = $1 AND next_due_at <= $2 "
        f"AND {beyond('next_due_at, member_id', 3, *AT_ID, descending=False)} "
        "ORDER BY next_due_at, member_id LIMIT $5",
        programme.id,
        now,
        after[0] if after else None,
        after[1] if after else None,
        BATCH,
    )
    return [(due["next_due_at"], due["member_id"]) for due in found]
