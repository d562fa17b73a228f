"""Settling a day: nothing more is recorded in it, changes by the passage of time in it are written,
and its totals are recorded.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime

from domain.accounts import sweeps
from domain.accounts.sweeps import SweepResult
from domain.books import books
from domain.kernel import dates
from domain.programmes.programmes import Programme

PAUSE_MILLISECONDS = 20
PAUSES_MAX = 500
"""How long one turn waits for earlier writes; the next turn goes on waiting."""

DayRecord = Callable[[Programme, date], Awaitable[None]]
"""Recorder of a fully written day's totals; a second call changes nothing."""


async def settle_next(
    programme: Programme, now: datetime, records: Sequence[DayRecord] = ()
) -> date | None:
    """Settle the oldest unsettled day that has ended; None where there is none, or where an earlier
    write is still running. If interrupted, the next call finishes it.

    1. From now on nothing is recorded in the day. 2. Transactions that could still record in it
    have ended. 3. Entries due by the end of the day are written, member by member. 4. The day's
    totals are recorded, by each of `records`.

    Raises: ConcurrentRequest.
    """
    found = await books.get(programme.id)
    if found is None:
        return None
    day = found.next_day
    ends = dates.end_of_day(day, programme.as_of(now).policy.zone)
    if ends > now:
        return None
    await books.settle_until(programme.id, ends)
    if not await _barrier():
        return None
    async for one in sweeps.together(programme, ends):
        if not isinstance(one, SweepResult):
            await sweeps.post(programme, one, ends)
    for record in records:
        await record(programme, day)
    await books.settle_through(programme.id, day)
    return day


async def _barrier() -> bool:
    mark = await books.mark()
    for _ in range(PAUSES_MAX):
        if await books.passed(mark):
            return True
        await asyncio.sleep(PAUSE_MILLISECONDS / 1000)
    return False
