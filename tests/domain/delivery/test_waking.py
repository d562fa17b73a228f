"""Deliveries that are woken: once, whoever asks at once, and also while their lane is held."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from domain.delivery import forgetting, recording, waking
from domain.delivery.recording import Result
from domain.delivery.retrying import AttemptOutcome
from domain.kernel.database import rows
from domain.webhooks.keeping import Change
from tests.support import factories as make
from tests.support import numbered
from tests.support.hooked import Endpoint, endpoint
from tests.support.sending import NOON, Worker, next_of

pytestmark = pytest.mark.usefixtures("database")

ACCEPTED = Result(NOON, 5, AttemptOutcome.ACCEPTED, 200, answer="")


@pytest.fixture
async def listener() -> AsyncIterator[Endpoint]:
    async with endpoint() as made:
        yield made


async def dead(listener: Endpoint, members: int) -> tuple[Worker, list[UUID], UUID]:
    """An endpoint that has taken none of the events of these members, one each."""
    programme = await make.establish()
    ids = [await make.enrol(programme) for _ in range(members)]
    await numbered.number(programme, NOON - timedelta(hours=2))
    hook = await make.webhook(
        programme,
        url=listener.url,
        topics=("points.adjusted",),
        now=NOON - timedelta(hours=1),
    )
    worker = Worker(programme)
    listener.answer = lambda _: 422
    for member_id in ids:
        await make.adjust(programme, member_id, 1)
    await worker.until(NOON + timedelta(minutes=6))
    worker.now = NOON + timedelta(hours=1)
    listener.answer = lambda _: 204
    listener.got.clear()
    return worker, ids, hook


async def wake(worker: Worker, hook: UUID) -> int:
    request = make.request(make.staff(worker.programme))
    outcome = await waking.retry(Change(request, "it", hook, worker.now), None)
    count: int = outcome.figures["count"]
    return count


async def states(hook: UUID) -> list[str]:
    found = await rows("SELECT status FROM delivery WHERE target = $1 ORDER BY position", hook)
    return [one["status"] for one in found]


async def test_two_at_once_wake_each_delivery_once(listener: Endpoint) -> None:
    worker, ids, hook = await dead(listener, 6)
    counts = await asyncio.gather(*(wake(worker, hook) for _ in range(4)))
    assert sum(counts) == len(ids)
    await worker.work()
    assert len(listener.got) == len(ids)
    assert set(await states(hook)) == {"DELIVERED"}


async def test_what_is_woken_while_a_sender_has_the_lane_is_sent_after_it(
    listener: Endpoint,
) -> None:
    worker, [member_id], hook = await dead(listener, 1)
    await make.adjust(worker.programme, member_id, 2)
    await numbered.number(worker.programme, worker.now)
    lane = await worker.lease(hook)
    second = await next_of(lane)

    # the sender is at the second event: who wakes the first waits for nothing, and takes nothing
    assert await wake(worker, hook) == 1
    await worker.work()
    assert listener.got == []
    assert await recording.record(worker.programme, lane, second, ACCEPTED, worker.now)
    first = await next_of(lane)
    assert first.id != second.id
    await recording.end_turn(lane, [], worker.now)
    await worker.work()
    assert [got.said["data"]["points"] for got in listener.got] == [1]
    assert await states(hook) == ["DELIVERED", "DELIVERED"]


async def test_what_is_woken_while_a_lane_is_given_back_is_not_forgotten(
    listener: Endpoint,
) -> None:
    worker, [member_id], hook = await dead(listener, 1)
    for points in range(2, 6):
        await make.adjust(worker.programme, member_id, points)
        await numbered.number(worker.programme, worker.now)
        lane = await worker.lease(hook)
        last = await next_of(lane)
        dying = Result(NOON, 5, AttemptOutcome.REFUSED, 422, answer="")
        for attempts in range(3):
            again = replace(last, attempts=attempts)
            await recording.record(worker.programme, lane, again, dying, worker.now)
        _, woken = await asyncio.gather(
            recording.end_turn(lane, [], worker.now), wake(worker, hook)
        )
        assert woken >= 1
        await worker.work()
        assert set(await states(hook)) == {"DELIVERED"}


async def test_what_is_woken_while_old_deliveries_go_is_kept_whole(listener: Endpoint) -> None:
    worker, _, hook = await dead(listener, 3)
    worker.now = NOON + timedelta(days=31)
    woken, _ = await asyncio.gather(wake(worker, hook), forgetting.forget(worker.now))
    while await forgetting.forget(worker.now):
        pass
    assert len(await states(hook)) == woken
    await worker.work()
    assert len(listener.got) == woken
