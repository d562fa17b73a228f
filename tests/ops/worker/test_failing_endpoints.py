"""Endpoints that fail: events are tried again, then dead; who fails for days is off."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.kernel.database import rows
from domain.webhooks import keeping
from domain.webhooks.endpoints import PAUSING_FAILURES
from domain.webhooks.keeping import Change
from tests.support import factories as make
from tests.support.hooked import Endpoint, status
from tests.support.listening import adjust, deliveries, opened, target, told
from tests.support.sending import NOON

pytestmark = pytest.mark.usefixtures("database")


async def test_an_event_that_is_never_accepted_is_dead_and_the_next_goes_out(
    listener: Endpoint,
) -> None:
    """Answered 503 from noon on the 1st while others succeed: dead at 11:35:05 on the 4th."""
    worker, member_id, hook = await opened(listener)
    other = await make.enrol(worker.programme)
    listener.answer = lambda got: 503 if got.said["data"]["points"] == 1 else 204
    await adjust(worker, member_id, 1, 2)
    for hour in range(72):
        await worker.until(NOON + timedelta(hours=hour))
        # the endpoint accepts another member's all the while
        await adjust(worker, other, 3)
        worker.now = NOON + timedelta(hours=hour)
        await worker.work()
    await worker.until(NOON + timedelta(hours=72))

    first = next(one for one in await deliveries(hook) if one["status"] == "DEAD")
    assert (first["attempts"], first["made"]) == (10, 10)
    assert first["ended_at"] == datetime(2026, 12, 4, 11, 35, 5, tzinfo=UTC)
    assert told(listener.got).count(1) == 10
    assert told(listener.got).count(2) == 1
    assert told(listener.got).index(2) > max(
        place for place, points in enumerate(told(listener.got)) if points == 1
    )


async def test_an_event_that_is_refused_is_dead_after_three(listener: Endpoint) -> None:
    """Answered 422: dead after 5 min 5 s, and the member's next event goes out."""
    worker, member_id, hook = await opened(listener)
    listener.answer = lambda got: (
        status(422, b"no such shop") if got.said["data"]["points"] == 1 else 204
    )
    await adjust(worker, member_id, 1, 2)
    await worker.until(NOON + timedelta(days=1))

    first, second = await deliveries(hook)
    assert (first["status"], first["made"]) == ("DEAD", 3)
    assert first["ended_at"] == NOON + timedelta(minutes=5, seconds=5)
    assert (second["status"], told(listener.got)) == ("DELIVERED", [1, 1, 1, 2])
    assert (await target(hook))["failures"] == 0
    [attempt, *_] = await rows(
        "SELECT * FROM delivery_attempt WHERE member_id = $1 ORDER BY at, id", member_id
    )
    assert (attempt["status"], attempt["answer"], attempt["error"]) == (422, "no such shop", None)


async def test_an_endpoint_may_ask_for_a_wait(listener: Endpoint) -> None:
    worker, member_id, _ = await opened(listener)
    listener.answer = lambda _: status(503, retry_after="90")
    await adjust(worker, member_id, 1)
    await worker.work()
    await worker.work(NOON + timedelta(seconds=89))
    assert len(listener.got) == 1
    await worker.work(NOON + timedelta(seconds=90))
    assert len(listener.got) == 2


async def test_a_day_of_failures_pauses_an_endpoint_and_loses_nothing(listener: Endpoint) -> None:
    worker, member_id, hook = await opened(listener)
    others = [await make.enrol(worker.programme) for _ in range(8)]
    listener.answer = lambda _: status(500, location="http://127.0.0.1/")
    for one in [member_id, *others]:
        await adjust(worker, one, 1)
    await worker.until(NOON + timedelta(days=1))

    assert (await target(hook))["failures"] >= PAUSING_FAILURES
    tried = [one["made"] for one in await deliveries(hook)]
    # some begin at once, before it is known; from then on one lane alone is tried
    assert sum(1 for made in tried if made > 2) == 1
    listener.answer = lambda _: 204
    await worker.until(NOON + timedelta(days=4))
    assert {one["status"] for one in await deliveries(hook)} == {"DELIVERED"}
    assert (await target(hook))["failures"] == 0


async def test_who_is_gone_is_turned_off_and_what_waits_is_cancelled(listener: Endpoint) -> None:
    worker, member_id, hook = await opened(listener)
    listener.answer = lambda _: 410
    await adjust(worker, member_id, 1, 2)
    await worker.work()

    assert [one["status"] for one in await deliveries(hook)] == ["CANCELLED", "CANCELLED"]
    assert len(listener.got) == 1
    [said] = await make.payloads("webhook.disabled", programme_id=worker.programme.id)
    assert said["webhook"] == str(hook)
    # what is numbered while it is off is never sent
    await adjust(worker, member_id, 3)
    await worker.work(NOON + timedelta(minutes=1))
    listener.answer = lambda _: 204
    staff = make.request(make.staff(worker.programme))
    await keeping.enable(Change(staff, "it", hook, NOON + timedelta(minutes=2)))
    await adjust(worker, member_id, 4)
    await worker.work(NOON + timedelta(minutes=3))
    assert told(listener.got) == [1, 4]


async def test_five_days_without_success_turn_an_endpoint_off(listener: Endpoint) -> None:
    worker, member_id, hook = await opened(listener)
    listener.answer = lambda _: 500
    await adjust(worker, member_id, 1, 2)
    await worker.until(NOON + timedelta(days=4, hours=23))
    assert (await target(hook))["failures"] >= 10
    assert await make.payloads("webhook.disabled", programme_id=worker.programme.id) == []
    await worker.until(NOON + timedelta(days=6, hours=23))
    [said] = await make.payloads("webhook.disabled", programme_id=worker.programme.id)
    assert datetime.fromisoformat(said["since"]) >= NOON + timedelta(days=5)
    assert [one["status"] for one in await deliveries(hook)] == ["DEAD", "CANCELLED"]


async def test_an_endpoint_that_refuses_every_event_is_turned_off_too(listener: Endpoint) -> None:
    """It is never paused, for its answers speak of the events; after five days nobody believes
    that."""
    worker, member_id, hook = await opened(listener)
    listener.answer = lambda _: 400
    for day in range(6):
        assert await make.payloads("webhook.disabled", programme_id=worker.programme.id) == []
        worker.now = NOON + timedelta(days=day)
        await adjust(worker, member_id, day + 1)
        await worker.until(worker.now + timedelta(hours=1))
        assert (await target(hook))["failures"] == 0
    [said] = await make.payloads("webhook.disabled", programme_id=worker.programme.id)
    assert datetime.fromisoformat(said["since"]) == NOON + timedelta(days=5)
    assert [one["status"] for one in await deliveries(hook)] == [*["DEAD"] * 5, "CANCELLED"]
    # one success is enough to begin anew
    assert (await target(hook))["refused"] == 16
