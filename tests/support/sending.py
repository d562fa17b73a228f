"""A worker's sender with a clock that the test moves."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from domain.delivery import feed, lanes, targets
from domain.delivery.lanes import Delivery, Lane
from domain.delivery.targets import Channel
from domain.kernel.database import rows, transact
from domain.programmes.programmes import Programme
from domain.webhooks.endpoints import PAUSING_FAILURES
from ops.worker.carriers import Carrier
from ops.worker.deciding import Notices
from ops.worker.endpoints import Endpoints
from ops.worker.senders import Sender
from tests.support import factories as make
from tests.support import numbered

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def carriers() -> dict[Channel, Carrier]:
    """Carriers of webhooks and of notices, as a worker has them."""
    return {Channel.WEBHOOK: Endpoints(make.OUTGOING), Channel.NOTICES: Notices()}


async def notify(programme: Programme, now: datetime) -> None:
    """Number waiting events and decide their notices; nothing is sent to endpoints."""
    await numbered.number(programme, now)
    sender = Sender({Channel.NOTICES: Notices()}, asyncio.Event(), lambda: now)
    while await sender.begin():
        await sender.end()


class Worker:
    """A sender of one programme's events, with a clock that the test sets."""

    def __init__(self, programme: Programme, now: datetime = NOON) -> None:
        self.programme, self.now = programme, now
        self.sender = Sender(carriers(), asyncio.Event(), lambda: self.now)

    async def work(self, now: datetime | None = None) -> None:
        """Number waiting events, and send what is due until nothing is."""
        self.now = now or self.now
        await numbered.number(self.programme, self.now)
        while await self.sender.begin():
            await self.sender.end()

    async def until(self, end: datetime) -> None:
        """Work at each instant at which something is due, through `end`."""
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

    async def lease(self, target: UUID) -> Lane:
        """Lease the one due lane to a target, so that no other sender gets it."""
        due = await lanes.due(self.now, PAUSING_FAILURES, self.sender.carriers)
        [lane] = [one for one in due if one.target == target]
        assert await lanes.take(lane, self.now, PAUSING_FAILURES)
        return lane


async def next_of(lane: Lane) -> Delivery:
    """The next delivery of the lane."""
    [first] = await lanes.waiting(lane, 1)
    return first


async def again(worker: Worker, channel: Channel) -> None:
    """Send the one delivery by a channel again, as staff can, a minute later."""
    worker.now += timedelta(minutes=1)
    target = targets.target_of(worker.programme.id, channel)
    [one] = await rows("SELECT member_id, event_id FROM delivery WHERE target = $1", target)
    event = await feed.find(worker.programme.id, one["member_id"], one["event_id"])
    assert event is not None
    await transact(partial(lanes.add_again, worker.programme.id, event, target, worker.now))
    await worker.work()
