"""What senders send: in order, until it arrives, and no more to who is off; against real servers.

The clock is an argument: a day of failures takes a moment.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks import Webhook

from domain.delivery import fan_out, forgetting, lanes, recording
from domain.delivery.events import NumberedEvent
from domain.delivery.retrying import Outcome
from domain.delivery.targets import Channel
from domain.kernel.callers import Caller, Scope
from domain.kernel.database import rows, update
from domain.kernel.ids import new_id
from domain.partners import partner_keys
from domain.webhooks import endpoints, keeping
from domain.webhooks.endpoints import PAUSING_FAILURES
from domain.webhooks.keeping import Change
from ops.worker import senders
from ops.worker.carriers import Never, Post
from ops.worker.endpoints import Endpoints
from tests.support import factories as make
from tests.support import numbered, travel
from tests.support.hooked import Endpoint, Got, endpoint, status
from tests.support.sending import NOON, Worker, next_of

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def listener() -> AsyncIterator[Endpoint]:
    async with endpoint() as made:
        yield made


async def opened(listener: Endpoint, **sent: Any) -> tuple[Worker, UUID, UUID]:
    """A worker, a member, and an endpoint of staff that hears of adjustments."""
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await numbered.number(programme, NOON - timedelta(hours=2))
    hook = await make.webhook(
        programme,
        url=listener.url,
        topics=("points.adjusted", "webhook.disabled"),
        now=NOON - timedelta(hours=1),
        **sent,
    )
    return Worker(programme), member_id, hook


async def adjust(worker: Worker, member_id: UUID, *points: int) -> None:
    for one in points:
        await make.adjust(worker.programme, member_id, one)


def told(got: Sequence[Got]) -> list[int]:
    return [one.said["data"]["points"] for one in got]


async def deliveries(hook: UUID) -> list[dict[str, Any]]:
    return await rows(
        "SELECT d.status, d.attempts, d.ended_at, count(a.id) AS made FROM delivery d "
        "LEFT JOIN delivery_attempt a ON a.member_id = d.member_id AND a.delivery_id = d.id "
        "WHERE d.target = $1 GROUP BY d.member_id, d.id ORDER BY d.position",
        hook,
    )


async def target(hook: UUID) -> dict[str, Any]:
    [found] = await rows("SELECT * FROM delivery_target WHERE target = $1", hook)
    return found


async def test_a_members_events_arrive_in_order_and_are_signed(listener: Endpoint) -> None:
    worker, member_id, hook = await opened(listener)
    await adjust(worker, member_id, *range(1, 31))

    await worker.work()

    assert told(listener.got) == list(range(1, 31))
    secret = await make.secret_of(hook)
    said = Webhook(secret).verify(listener.got[0].body, dict(listener.got[0].headers))
    assert said["type"] == "points.adjusted"
    assert said["id"] == listener.got[0].headers["webhook-id"]
    assert {one["status"] for one in await deliveries(hook)} == {"DELIVERED"}
    await worker.work()
    assert len(listener.got) == 30


async def test_it_hears_of_what_is_numbered_since_it_is_on_and_of_its_topics(
    listener: Endpoint,
) -> None:
    worker, member_id, hook = await opened(listener)
    await update("UPDATE webhook SET heard_from = $2 WHERE id = $1", hook, NOON)
    await adjust(worker, member_id, 1)
    await worker.work()
    await adjust(worker, member_id, 2)
    await make.book(worker.programme, member_id, ("flight", "100"))
    await worker.work(NOON + timedelta(seconds=1))
    assert told(listener.got) == [2]


async def _hook_of(worker: Worker, shop: Caller, listener: Endpoint) -> UUID:
    return await make.webhook(
        worker.programme,
        caller=shop,
        url=listener.url,
        topics=("booking.recorded",),
        now=NOON - timedelta(hours=1),
    )


async def test_a_partner_hears_of_its_own_unless_a_key_reads_all(listener: Endpoint) -> None:
    worker, member_id, _ = await opened(listener)
    shop, inn = [await make.partner_of(worker.programme, code) for code in ("shop", "inn")]
    await _hook_of(worker, shop, listener)

    async def heard(now: datetime) -> list[str]:
        before = len(listener.got)
        for caller in (shop, inn):
            line = make.line_of("flight", "100")
            await travel.pay(worker.programme, member_id, f"B-{new_id()}", line, caller=caller)
        await worker.work(now)
        return [one.said["data"]["reference"] for one in listener.got[before:]]

    assert len(await heard(NOON)) == 1
    assert shop.partner_id is not None
    key = await partner_keys.issue(
        worker.programme, shop.partner_id, [Scope.READ], make.NOW, environment="development"
    )
    assert len(await heard(NOON + timedelta(minutes=1))) == 2
    await update(
        "UPDATE partner_key SET revoked_at = $2 WHERE id = $1", partner_keys.named(key), make.NOW
    )
    assert len(await heard(NOON + timedelta(minutes=2))) == 1


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

    result = recording.Result(NOON, 5, Outcome.ACCEPTED, 200, answer="")
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


async def test_two_workers_send_each_event_once(listener: Endpoint) -> None:
    worker, member_id, _ = await opened(listener)
    members = [member_id, *[await make.enrol(worker.programme) for _ in range(5)]]
    for one in members:
        await adjust(worker, one, 1, 2, 3)
    await numbered.number(worker.programme, NOON)
    another = Worker(worker.programme)
    await asyncio.gather(worker.work(), another.work())
    heard: dict[str, list[int]] = {}
    for got in listener.got:
        heard.setdefault(got.said["member"]["id"], []).append(got.said["data"]["points"])
    assert list(heard.values()) == [[1, 2, 3]] * 6


async def test_lanes_that_follow_one_another_share_a_connection(listener: Endpoint) -> None:
    worker, member_id, _ = await opened(listener)
    for member in (member_id, await make.enrol(worker.programme)):
        await adjust(worker, member, 1)
        await numbered.number(worker.programme, worker.now)
        await worker.sender.begin()
        await asyncio.wait(worker.sender.running)
    await worker.sender.end()
    assert (len(listener.got), listener.connections) == (2, 1)


async def test_room_that_is_free_is_used_at_once(
    listener: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More lanes than are sent at once do not wait for the next look at what is due."""
    monkeypatch.setattr(senders, "SECONDS", 600)
    worker, member_id, hook = await opened(listener)
    members = [member_id, *[await make.enrol(worker.programme) for _ in range(lanes.OF_TARGET_MAX)]]
    for one in members:
        await adjust(worker, one, 1)
    await numbered.number(worker.programme, worker.now)

    def last_stops(_: Got) -> int:
        if len(listener.got) == len(members):
            worker.sender.stopping.set()
        return 204

    listener.answer = last_stops
    async with asyncio.timeout(30):
        await worker.sender.run()
    assert {one["status"] for one in await deliveries(hook)} == {"DELIVERED"}


async def test_an_event_that_comes_while_a_lane_is_given_back_is_not_forgotten(
    listener: Endpoint,
) -> None:
    worker, member_id, hook = await opened(listener)
    await adjust(worker, member_id, 1)
    await numbered.number(worker.programme, NOON)
    lane = await worker.lease(hook)
    delivery = await next_of(lane)
    result = recording.Result(NOON, 5, Outcome.ACCEPTED, 200, answer="")
    await recording.record(worker.programme, lane, delivery, result, NOON)
    await adjust(worker, member_id, 2)
    await asyncio.gather(
        numbered.number(worker.programme, NOON), recording.end_turn(lane, [], NOON)
    )
    await worker.work()
    assert told(listener.got) == [2]


async def test_what_waits_is_kept_and_the_rest_goes_after_30_days(listener: Endpoint) -> None:
    worker, member_id, hook = await opened(listener)
    other = await make.enrol(worker.programme)
    await adjust(worker, member_id, 1)
    await worker.work()
    listener.answer = lambda _: 503
    await adjust(worker, other, 2)
    await worker.work()
    later = NOON + timedelta(days=31)
    while await forgetting.forget(later):
        pass
    assert [one["status"] for one in await deliveries(hook)] == ["WAITING"]
    events = await rows(
        "SELECT member_id, id FROM outbox_event WHERE programme_id = $1", worker.programme.id
    )
    kept = await fan_out.awaited([(one["member_id"], one["id"]) for one in events])
    assert len(kept) == 1
    assert len(events) >= 1
    assert new_id() not in kept
