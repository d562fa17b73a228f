"""Sending to targets by a worker: due lanes, several at once, outside any transaction.

A killed worker loses its leases after a minute; deliveries that it sent and could not record are
sent again with the same id, or, for a channel that sends at most once, are left to staff.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from api.edge.logging import log
from domain.delivery import lanes, recording
from domain.delivery.lanes import Delivery, Lane
from domain.delivery.recording import Arrived
from domain.delivery.retrying import AttemptOutcome
from domain.delivery.targets import Channel
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from domain.webhooks.endpoints import PAUSING_FAILURES
from ops.worker.carriers import Carrier, Later, Never, Post
from ops.worker.turns import summary

AT_ONCE_MAX = 32
SENDS_MAX = 20
TURN = timedelta(seconds=30)
"""After this many sends, or this time, a lane is released, so that others have their turn."""

UNWRITTEN = timedelta(seconds=1)
"""For no longer is something that arrived not written down, while the lane's next is sent."""

SECONDS = 0.25
AFTER_FAILURE_SECONDS = 5

Clock = Callable[[], datetime]


def real() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Sender:
    """Sends due deliveries of these channels until it is stopped; the clock is a real one, or a
    test's.
    """

    carriers: Mapping[Channel, Carrier]
    stopping: asyncio.Event
    clock: Clock = real
    found: list[Lane] = field(default_factory=list)
    running: dict[asyncio.Task[None], UUID] = field(default_factory=dict)

    async def run(self) -> None:
        """Run until the worker stops; attempts in progress are finished first."""
        while not self.stopping.is_set():
            try:
                await self.begin()
            except Exception as error:
                log.warning("sending_failed", error=summary(error))
                await self._rest(AFTER_FAILURE_SECONDS, set())
            else:
                await self._rest(SECONDS, set(self.running))
        await self.end()

    async def _rest(self, seconds: float, until: set[asyncio.Task[None]]) -> None:
        """Wait until one of these lanes is done, so that its room is used at once; or the worker
        stops; or this many seconds have passed.
        """
        stopped = asyncio.create_task(self.stopping.wait())
        await asyncio.wait({stopped, *until}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()

    async def begin(self) -> int:
        """Begin to send due lanes, as far as there is room; returns how many."""
        if len(self.running) >= AT_ONCE_MAX:
            return 0
        # those found a moment ago are due as well; lanes taken meanwhile are skipped
        if begun := await self._take():
            return begun
        self.found = await lanes.due(self.clock(), PAUSING_FAILURES, self.carriers)
        return await self._take()

    async def _take(self) -> int:
        """Begin those that were found for which there is room; the others stay."""
        begun, of_target = 0, Counter(self.running.values())
        found, self.found = self.found, []
        for place, lane in enumerate(found):
            if len(self.running) >= AT_ONCE_MAX:
                self.found += found[place:]
                break
            if of_target[lane.target] >= lanes.OF_TARGET_MAX:
                self.found.append(lane)
            elif await lanes.take(lane, self.clock(), PAUSING_FAILURES):
                task = asyncio.create_task(self._send(lane))
                self.running[task] = lane.target
                task.add_done_callback(self._done)
                of_target[lane.target] += 1
                begun += 1
        return begun

    async def end(self) -> None:
        """Wait for attempts in progress, and close connections."""
        while self.running:
            await asyncio.wait(self.running)
        for carrier in self.carriers.values():
            await carrier.close()

    def _done(self, task: asyncio.Task[None]) -> None:
        del self.running[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            # the lane is free again when its lease ends
            log.warning("lane_failed", error=summary(error))

    async def _send(self, lane: Lane) -> None:
        programme = await programmes.get(await programmes.code_of(lane.programme_id))
        until, arrived = self.clock() + TURN, list[Arrived]()
        try:
            for delivery in await lanes.waiting(lane, SENDS_MAX):
                if self.stopping.is_set() or self.clock() > until:
                    break
                if not await self._step(programme, lane, delivery, arrived):
                    # others that were found with it may have to wait now
                    self.found.clear()
                    break
        except Exception:
            # the lane is not released, so that it is not tried again at once; deliveries that
            # arrived before would be repeated each time
            await self._write(lane, arrived)
            raise
        await recording.end_turn(lane, arrived, self.clock())

    async def _step(
        self, programme: Programme, lane: Lane, delivery: Delivery, arrived: list[Arrived]
    ) -> bool:
        """Send or cancel the next delivery; returns whether there may be more to do now."""
        carrier = self.carriers[lane.channel]
        if delivery.begun_at is not None and carrier.at_most_once:
            return await recording.lose(lane, delivery, delivery.begun_at, self.clock())
        post: Post | Never | Later = Never()
        if delivery.event is not None:
            event, now = delivery.event, self.clock()
            post = await carrier.prepare(programme, lane, delivery, event, now)
        if isinstance(post, Never):
            return await self._write(lane, arrived) and await recording.cancel(
                lane, delivery, self.clock(), post.reason
            )
        if delivery.due_at > self.clock():
            return False
        if isinstance(post, Later):
            return await self._write(lane, arrived) and await recording.postpone(
                lane, delivery, post.until, self.clock()
            )
        if carrier.at_most_once and not await recording.begin(lane, delivery, self.clock()):
            return False
        result = await post(self.clock())
        one = Arrived(delivery, result, self.clock())
        return await self._arrive(programme, lane, one, arrived)

    async def _arrive(
        self, programme: Programme, lane: Lane, one: Arrived, arrived: list[Arrived]
    ) -> bool:
        """Record arrived deliveries together with earlier ones, except those that must not be sent
        twice; record a failure at once, after the arrived ones.
        """
        accepted = one.result.outcome is AttemptOutcome.ACCEPTED
        if accepted and not self.carriers[lane.channel].at_most_once:
            arrived.append(one)
            waited = one.at - arrived[0].at
            return waited < UNWRITTEN or await self._write(lane, arrived)
        return await self._write(lane, arrived) and await recording.record(
            programme, lane, one.delivery, one.result, one.at
        )

    async def _write(self, lane: Lane, arrived: list[Arrived]) -> bool:
        """Record arrived deliveries; returns False if the lease has ended."""
        written = not arrived or await recording.accept(lane, arrived, self.clock())
        arrived.clear()
        return written
