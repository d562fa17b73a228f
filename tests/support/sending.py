"""A worker's sender whose clock a test moves."""

import asyncio
from datetime import UTC, datetime

from domain.kernel.database import rows
from domain.programmes.programmes import Programme
from ops.worker.senders import Sender
from tests.support import factories as make
from tests.support import numbered

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


class Worker:
    """A sender of one programme's events, whose clock stands where it is put."""

    def __init__(self, programme: Programme, now: datetime = NOON) -> None:
        self.programme, self.now = programme, now
        self.sender = Sender(make.OUTGOING, asyncio.Event(), lambda: self.now)

    async def work(self, now: datetime | None = None) -> int:
        """Number what waits, and send what is due, until nothing is."""
        self.now = now or self.now
        await numbered.number(self.programme, self.now)
        begun = 0
        while more := await self.sender.begin():
            begun += more
            await self.sender.end()
        return begun

    async def until(self, end: datetime) -> None:
        """Let time pass from one due instant to the next."""
        while True:
            await self.work()
            [found] = await rows(
                "SELECT min(due_at) AS due FROM delivery_lane WHERE programme_id = $1 "
                "AND due_at > $2",
                self.programme.id,
                self.now,
            )
            if found["due"] is None or found["due"] > end:
                return
            self.now = found["due"]
