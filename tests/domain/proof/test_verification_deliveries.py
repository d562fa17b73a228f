"""Verification of what is sent: planted changes of events, deliveries, attempts and lanes."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from domain.delivery import lanes, targets
from domain.delivery.targets import Channel
from domain.kernel.database import rows
from domain.proof import delivery_checks, verification
from ops.postgres.connections import connection
from ops.postgres.database import connected
from tests.conftest import Database
from tests.support import factories as make
from tests.support import numbered
from tests.support.hooked import Endpoint, endpoint
from tests.support.sending import NOON, Worker


@pytest.fixture
async def listener() -> AsyncIterator[Endpoint]:
    async with endpoint() as made:
        yield made


@pytest.fixture
async def sent(fresh_database: Database, listener: Endpoint) -> AsyncIterator[UUID]:
    """A member of whom an endpoint has taken one event, and one waits for its second attempt; a
    text waits as well.
    """
    async with connected(fresh_database.serving, everywhere=False):
        programme = await make.establish()
        member_id = await make.enrol(programme)
        await numbered.number(programme, NOON - timedelta(hours=2))
        early = NOON - timedelta(hours=1)
        await make.webhook(programme, url=listener.url, topics=("points.adjusted",), now=early)
        worker = Worker(programme)
        await make.adjust(programme, member_id, 1)
        await worker.work()
        listener.answer = lambda _: 503
        await make.adjust(programme, member_id, 2)
        events = await numbered.number(programme, NOON)
        sms = await targets.opened(programme.id, Channel.SMS)
        await lanes.add(programme.id, member_id, [(events[-1], sms, NOON)])
        await worker.work()
        yield member_id


async def faults() -> list[str]:
    return [str(fault) async for batch in verification.batches() for fault in batch.faults]


FIRST = "(SELECT d.id FROM delivery d JOIN webhook w ON w.id = d.target AND d.status = 'DELIVERED')"
SECOND = "(SELECT d.id FROM delivery d JOIN webhook w ON w.id = d.target AND d.status = 'WAITING')"

PLANTED = {
    "an event without its place": (
        (
            "DELETE FROM feed_entry WHERE event_id = (SELECT event_id FROM delivery WHERE "
            f"id = {FIRST})"
        ),
        {
            "delivery position is ",
            "outbox_event its place in the feed is null",
        },
    ),
    "an event marked at another instant": (
        (
            "UPDATE outbox_event SET numbered_at = numbered_at + interval '1 s' WHERE id "
            f"= (SELECT event_id FROM delivery WHERE id = {FIRST})"
        ),
        {
            "outbox_event its place in the feed is 2026-12-01 12:00:00+00:00, should be 2026-12-01",
        },
    ),
    "an event that is gone": (
        (f"DELETE FROM outbox_event WHERE id = (SELECT event_id FROM delivery WHERE id = {FIRST})"),
        {
            "delivery its event is null",
        },
    ),
    "another position": (
        (f"UPDATE delivery SET position = 77 WHERE id = {SECOND}"),
        {
            "delivery position is 77, should be ",
        },
    ),
    "an endpoint that is gone": (
        ("DELETE FROM webhook"),
        {
            "delivery its endpoint is null",
        },
    ),
    "a target that is gone": (
        (
            "ALTER TABLE delivery DROP CONSTRAINT delivery_to_target; ALTER TABLE "
            "delivery_lane DROP CONSTRAINT delivery_lane_target; DELETE FROM "
            "delivery_target WHERE channel = 'sms'"
        ),
        {
            "delivery its endpoint is null",
        },
    ),
    "an attempt that is gone": (
        (f"DELETE FROM delivery_attempt WHERE delivery_id = {FIRST}"),
        {
            "delivery attempts is 1, should be at most 0",
            "delivery status is DELIVERED, should be another, for no attempt was accepted",
        },
    ),
    "an answer that was none": (
        (f"UPDATE delivery_attempt SET status = 500 WHERE delivery_id = {FIRST}"),
        {
            "delivery status is DELIVERED, should be another, for no attempt was accepted",
        },
    ),
    "an attempt more": (
        (f"UPDATE delivery SET attempts = attempts + 1 WHERE id = {SECOND}"),
        {
            "delivery attempts is 2, should be at most 1",
        },
    ),
    "attempts of nothing": (
        (
            "ALTER TABLE delivery_attempt DROP CONSTRAINT delivery_attempt_delivery; "
            f"DELETE FROM delivery WHERE id = {FIRST}"
        ),
        {
            "delivery_attempt its delivery is null",
        },
    ),
    "a lane that is gone": (
        ("DELETE FROM delivery_lane WHERE target IN (SELECT id FROM webhook)"),
        {
            "delivery its lane is null, should be 2026-12-01 12:00:05+00:00 at the latest",
        },
    ),
    "a lane that sleeps": (
        ("UPDATE delivery_lane SET due_at = NULL"),
        {
            "delivery its lane is null, should be 2026-12-01 12:00:00+00:00 at the latest",
            "delivery its lane is null, should be 2026-12-01 12:00:05+00:00 at the latest",
        },
    ),
    "a lane that oversleeps": (
        (
            "UPDATE delivery_lane SET due_at = due_at + interval '1 s' WHERE target IN "
            "(SELECT id FROM webhook)"
        ),
        {
            "delivery its lane is 2026-12-01 12:00:06+00:00, should be 2026-12-01 12:00:05+",
        },
    ),
}


@pytest.mark.parametrize("name", PLANTED)
async def test_a_planted_change_is_named(sent: UUID, fresh_database: Database, name: str) -> None:
    sql, said = PLANTED[name]
    async with connection(fresh_database.owner) as owner:
        await owner.execute(sql)
    found = await faults()
    of = f" of member {sent}: "
    assert found, name
    shown = {f"{one.split()[0]} {one.partition(of)[2]}" for one in found if of in one}
    for expected in said:
        assert any(one.startswith(expected) for one in shown), (expected, found)


async def test_what_was_sent_as_it_should_be_has_no_fault(
    sent: UUID, owner_of_it: asyncpg.Connection
) -> None:
    assert await faults() == []
    # a lane that somebody has may be due later than what waits by then
    await owner_of_it.execute(
        "UPDATE delivery_lane SET lease = target, leased_until = due_at, "
        "due_at = due_at + interval '1 hour' WHERE due_at IS NOT NULL"
    )
    assert await faults() == []
    [member] = await rows("SELECT member_id FROM member")
    assert member["member_id"] == sent
    before = UUID(int=sent.int - 1)
    await owner_of_it.execute("DELETE FROM delivery_lane")
    assert len(await delivery_checks.of_members(before, sent)) == 2
    assert await delivery_checks.of_members(sent, UUID(int=2**128 - 1)) == []


@pytest.fixture
async def owner_of_it(fresh_database: Database) -> AsyncIterator[asyncpg.Connection]:
    async with connection(fresh_database.owner) as opened:
        yield opened
