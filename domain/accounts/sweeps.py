"""The sweep: what time alone has changed, written down for members who did not write since.

Nothing depends on it: every read and write applies what is due by itself. It puts the entries
into the ledger, and gives back the stock of holds that died.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.accounts import accounts
from domain.kernel.database import row, rows
from domain.programmes.programmes import Programme

BATCH = 500


@dataclass(frozen=True, slots=True)
class SweepResult:
    """A member whose due entries were written, and how many there were."""

    member_id: UUID
    entries: int


async def count_due(programme: Programme, now: datetime) -> int:
    """How many members have something due."""
    found = await row(
        "SELECT count(*) AS count FROM account WHERE programme_id = $1 AND next_due_at <= $2",
        programme.id,
        now,
    )
    return int(found["count"]) if found else 0


async def sweep(programme: Programme, now: datetime) -> AsyncIterator[SweepResult]:
    """Write what is due, short transactions; stopped and run again it goes on."""
    async for member_id in due(programme, now):
        yield SweepResult(member_id, await post(programme, member_id, now))


async def due(programme: Programme, now: datetime) -> AsyncGenerator[UUID, None]:
    """Members with something due, the longest due first.

    They are read a batch at a time, so memory stays flat whatever is due, and none is met
    twice, even if nothing could be written for it.
    """
    after: tuple[datetime, UUID] | None = None
    while batch := await _due(programme, now, after):
        for due_at, member_id in batch:
            yield member_id
            after = (due_at, member_id)


async def post(programme: Programme, member_id: UUID, now: datetime) -> int:
    """Write what is due for one member, as a rule in one transaction; how many entries it took.

    Raises: ConcurrentRequest.
    """
    return await accounts.catch_up(programme, member_id, now)


async def _due(
    programme: Programme, now: datetime, after: tuple[datetime, UUID] | None
) -> list[tuple[datetime, UUID]]:
    found = await rows(
        "SELECT next_due_at, member_id FROM account "
        "WHERE programme_id = $1 AND next_due_at <= $2 "
        "AND ($3::timestamptz IS NULL OR (next_due_at, member_id) > ($3, $4::uuid)) "
        "ORDER BY next_due_at, member_id LIMIT $5",
        programme.id,
        now,
        after[0] if after else None,
        after[1] if after else None,
        BATCH,
    )
    return [(due["next_due_at"], due["member_id"]) for due in found]
