"""What senders send: in order, to who listens, and by several workers once; against real servers.

The clock is an argument: a day of failures takes a moment.
"""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from standardwebhooks import Webhook

from domain.delivery import fan_out, forgetting, lanes
from domain.kernel.callers import Caller, Scope
from domain.kernel.database import rows, update
from domain.kernel.ids import new_id
from domain.partners import partner_keys
from ops.worker import senders
from tests.support import factories as make
from tests.support import numbered, travel
from tests.support.hooked import Endpoint, Got
from tests.support.listening import adjust, deliveries, opened, told
from tests.support.processes import WAIT_SECONDS
from tests.support.sending import NOON, Worker

pytestmark = pytest.mark.usefixtures("database")


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
    async with asyncio.timeout(WAIT_SECONDS):
        await worker.sender.run()
    assert {one["status"] for one in await deliveries(hook)} == {"DELIVERED"}


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
