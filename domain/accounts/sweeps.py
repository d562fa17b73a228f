"""The sweep: what time alone has changed, written down for members who did not write since.

Nothing depends on it: every read and write applies what is due by itself. It puts the entries
into the ledger, and gives back the stock of holds that died.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.accounts import accounts
from domain.kernel.database import is_outage, row, rows
from domain.kernel.pages import AT_ID, beyond
from domain.programmes.programmes import Programme

BATCH = 500
TOGETHER_MAX = 50
"""Members whose entries one transaction writes: their next writes wait for no more than these."""


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


async def longest_due(clocks: Mapping[UUID, datetime]) -> dict[UUID, datetime]:
    """Since when what is due waits, by programme, at these instants of their clocks."""
    found = await rows(
        "SELECT p.id, a.next_due_at AS at "
        "FROM unnest($1::uuid[], $2::timestamptz[]) AS p (id, now) CROSS JOIN LATERAL ("
        "SELECT a.next_due_at FROM account a WHERE a.programme_id = p.id "
        "AND a.next_due_at <= p.now ORDER BY a.next_due_at LIMIT 1) a",
        list(clocks),
        list(clocks.values()),
    )
    return {one["id"]: one["at"] for one in found}


async def sweep(programme: Programme, now: datetime) -> AsyncIterator[SweepResult]:
    """Write what is due, short transactions; stopped and run again it goes on."""
    async for one in together(programme, now):
        if isinstance(one, SweepResult):
            yield one
        else:
            yield SweepResult(one, await post(programme, one, now))


async def together(programme: Programme, now: datetime) -> AsyncGenerator[SweepResult | UUID, None]:
    """Write what is due, several members a transaction; a member is given by its id where that has
    to be done by `post`, alone.

    So is each of those among whom one cannot be written: it is then seen which. The longest due
    come first. They are read a batch at a time, so memory stays flat whatever is due, and none is
    met twice, even if nothing could be written for it.

    Raises: what says that the database is away.
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
    """Write what is due for one member without waiting for it; whether anything was written: it is
    not where somebody else is writing the member or has written it, or it cannot be at once.

    Raises: what says that the database is away.
    """
    return bool((await _post_together(programme, [member_id], now)).get(member_id))


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
        f"AND {beyond('next_due_at, member_id', 3, *AT_ID, descending=False)} "
        "ORDER BY next_due_at, member_id LIMIT $5",
        programme.id,
        now,
        after[0] if after else None,
        after[1] if after else None,
        BATCH,
    )
    return [(due["next_due_at"], due["member_id"]) for due in found]
