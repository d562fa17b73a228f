"""Turns of a sender that break off: what arrived is written down, and the rest comes again."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.delivery import recording
from domain.delivery.events import NumberedEvent
from domain.delivery.retrying import AttemptOutcome
from domain.delivery.targets import Channel
from domain.kernel.database import update
from domain.webhooks import endpoints
from ops.worker.carriers import Never, Post
from ops.worker.endpoints import Endpoints
from tests.support import factories as make
from tests.support import numbered
from tests.support.hooked import Endpoint
from tests.support.listening import adjust, deliveries, opened, target, told
from tests.support.sending import NOON, next_of

pytestmark = pytest.mark.usefixtures("database")


async def test_who_died_between_sending_and_writing_down_is_followed(listener: Endpoint) -> None:
    """The message comes again with its id, after a minute, and the dead one writes nothing."""
    worker, member_id, hook = await opened(listener)
    await adjust(worker, member_id, 1)
    await numbered.number(worker.programme, NOON)
    dead = await worker.lease(hook)
    delivery = await next_of(dead)

    await worker.work(NOON + timedelta(seconds=59))
    assert listener.got == []
    await worker.work(NOON + timedelta(seconds=61))

    result = recording.Result(NOON, 5, AttemptOutcome.ACCEPTED, 200, answer="")
    assert not await recording.record(worker.programme, dead, delivery, result, worker.now)
    await recording.end_turn(dead, [], worker.now)
    [one] = await deliveries(hook)
    assert (one["status"], one["made"], told(listener.got)) == ("DELIVERED", 1, [1])


class Stumbling(Endpoints):
    """Endpoints of which one loses the database at the third event of each member."""

    async def prepare(self, *asked: Any) -> Post | Never:
        event: NumberedEvent = asked[3]
        if event.payload["points"] == 3:
            raise ConnectionError("the database is away")
        return await super().prepare(*asked)


async def test_what_arrived_is_written_down_also_where_the_next_cannot_be_sent(
    listener: Endpoint,
) -> None:
    """It holds up its own lane, for as long as a lease lasts, and what was before comes once."""
    worker, member_id, hook = await opened(listener)
    await adjust(worker, member_id, 1, 2, 3)
    await numbered.number(worker.programme, NOON)
    worker.sender.carriers = {Channel.WEBHOOK: Stumbling(make.OUTGOING)}
    for minutes in range(3):
        worker.now = NOON + timedelta(minutes=2 * minutes)
        assert await worker.sender.begin() == 1
        await asyncio.wait(worker.sender.running)
        assert await worker.sender.begin() == 0
    await worker.sender.end()
    assert told(listener.got) == [1, 2]
    assert [one["status"] for one in await deliveries(hook)] == [*["DELIVERED"] * 2, "WAITING"]


async def test_who_died_after_the_only_lane_that_is_tried_keeps_nobody_waiting(
    listener: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An endpoint is paused, one lane of it arrives, and its worker dies before that is counted."""
    worker, member_id, hook = await opened(listener)
    await adjust(worker, member_id, 1)
    await numbered.number(worker.programme, NOON)
    await update(
        "UPDATE delivery_target SET failures = 5, failing_since = $2, probe = $3 WHERE target = $1",
        hook,
        NOON,
        member_id,
    )

    async def die(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as dying:
        dying.setattr(endpoints, "succeeded", die)
        await worker.sender.begin()
        await asyncio.wait(worker.sender.running)
    await adjust(worker, await make.enrol(worker.programme), 2)
    await worker.work(NOON + timedelta(minutes=2))
    assert told(listener.got) == [1, 2]
    assert (await target(hook))["failures"] == 0


async def test_an_event_that_comes_while_a_lane_is_given_back_is_not_forgotten(
    listener: Endpoint,
) -> None:
    worker, member_id, hook = await opened(listener)
    await adjust(worker, member_id, 1)
    await numbered.number(worker.programme, NOON)
    lane = await worker.lease(hook)
    delivery = await next_of(lane)
    result = recording.Result(NOON, 5, AttemptOutcome.ACCEPTED, 200, answer="")
    await recording.record(worker.programme, lane, delivery, result, NOON)
    await adjust(worker, member_id, 2)
    await asyncio.gather(
        numbered.number(worker.programme, NOON), recording.end_turn(lane, [], NOON)
    )
    await worker.work()
    assert told(listener.got) == [2]
