"""The relay delivers each member's events in order, at least once, and nobody waits for another."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from domain.delivery import relay
from domain.delivery.relay import OutgoingEvent, RelayResult
from domain.kernel import outbox
from domain.kernel.database import row, rows, update
from domain.kernel.outbox import Event, Topic
from domain.kernel.writes import Writes
from domain.programmes.programmes import Programme
from tests.conftest import Database
from tests.support import factories as make

REAL = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
"""The worker's own instant, whatever the programme's clock says."""


@pytest.fixture(autouse=True)
async def nothing_else_waits(database: Database) -> None:
    await update("DELETE FROM outbox_event")


async def tell(programme: Programme, member_id: UUID, *numbers: int, at: datetime = REAL) -> None:
    events = [Event(Topic.POINTS_EARNED, member_id, {"number": n}) for n in numbers]
    writes = Writes(member_id)
    outbox.add(writes, programme.id, at, events)
    await writes.send()


def collecting(got: list[int]) -> Callable[[OutgoingEvent], Awaitable[None]]:
    async def deliver(event: OutgoingEvent) -> None:
        got.append(event.payload["number"])

    return deliver


async def member_of(programme: Programme) -> UUID:
    """A member without events."""
    member_id = await make.enrol(programme)
    await update("DELETE FROM outbox_event WHERE member_id = $1", member_id)
    return member_id


async def waiting(now: datetime = REAL) -> list[UUID]:
    return [member_id async for member_id in relay.waiting(now)]


async def test_events_are_delivered_once_and_in_order(database: Database) -> None:
    programme = await make.establish()
    member_id = await member_of(programme)
    await tell(programme, member_id, *range(100, 250), at=REAL)
    await tell(programme, member_id, *range(100), at=REAL - timedelta(seconds=1))
    got: list[int] = []

    assert await waiting() == [member_id]
    assert await relay.relay(member_id, REAL, collecting(got)) == RelayResult(250)

    assert got == list(range(250))
    assert await waiting() == []
    assert await relay.relay(member_id, REAL, collecting(got)) == RelayResult(0)
    assert len(got) == 250


async def test_an_event_is_told_whole(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    got: list[OutgoingEvent] = []

    async def deliver(event: OutgoingEvent) -> None:
        got.append(event)

    await relay.relay(member_id, REAL, deliver)

    found = await row("SELECT id FROM outbox_event WHERE member_id = $1", member_id)
    assert got == [
        OutgoingEvent(
            member_id=member_id,
            id=found["id"] if found else UUID(int=0),
            programme=programme.code,
            topic="member.enrolled",
            payload={"status": "ENROLLED"},
            recorded_at=make.NOW,
        )
    ]


async def test_two_relays_tell_each_event_once_and_in_order(database: Database) -> None:
    programme = await make.establish()
    member_id = await member_of(programme)
    await tell(programme, member_id, *range(150))
    got: list[int] = []

    async def slowly(event: OutgoingEvent) -> None:
        await asyncio.sleep(0)
        got.append(event.payload["number"])

    relayed = await asyncio.gather(*(relay.relay(member_id, REAL, slowly) for _ in range(4)))

    assert got == list(range(150))
    assert sum(one.events for one in relayed) == 150


async def test_what_fails_is_kept_and_holds_up_its_own_member_only(database: Database) -> None:
    programme = await make.establish()
    stuck_member, other = await member_of(programme), await member_of(programme)
    await tell(programme, stuck_member, 1, 2, 3)
    await tell(programme, other, 4)
    got: list[int] = []

    async def deliver(event: OutgoingEvent) -> None:
        if event.payload["number"] == 2:
            # gone with the savepoint, and the events before stay told
            await update(
                "UPDATE programme SET clock_offset_seconds = 9 WHERE id = $1", programme.id
            )
            await rows("SELECT 1 / 0")
        got.append(event.payload["number"])

    told = {member_id: await relay.relay(member_id, REAL, deliver) for member_id in [other]}
    told[stuck_member] = await relay.relay(stuck_member, REAL, deliver)

    assert got == [4, 1]
    [kept] = await relay.stuck(10)
    assert told == {other: RelayResult(1), stuck_member: RelayResult(1, kept.id)}
    assert (kept.member_id, kept.topic, kept.failures) == (stuck_member, "points.earned", 1)
    assert kept.next_try_at == REAL + timedelta(seconds=5)
    assert kept.error.endswith("OperationalError")
    assert await row("SELECT code FROM programme WHERE id = $1", programme.id) == {
        "code": programme.code
    }


async def test_a_kept_event_is_tried_again_when_it_is_time(database: Database) -> None:
    programme = await make.establish()
    member_id = await member_of(programme)
    await tell(programme, member_id, 1, 2)
    got: list[int] = []

    async def fail(_: OutgoingEvent) -> None:
        raise ValueError("a customer's name")

    for wait in (0, 5, 10):
        now = REAL + timedelta(seconds=wait)
        await relay.relay(member_id, now, fail)
    [kept] = await relay.stuck(10)
    # the one at 10 s came too early, and tried nothing
    assert (kept.failures, kept.next_try_at) == (2, REAL + timedelta(seconds=15))
    assert kept.error == "builtins.ValueError"
    early, due = REAL + timedelta(seconds=14), REAL + timedelta(seconds=15)
    assert await waiting(early) == []
    assert not await relay.any_waiting(early)
    assert await relay.relay(member_id, early, collecting(got)) == RelayResult(0)
    assert await waiting(due) == [member_id]
    assert await relay.any_waiting(due)

    assert await relay.relay(member_id, due, collecting(got)) == RelayResult(2)

    assert got == [1, 2]
    assert await relay.stuck(10) == []


async def test_a_killed_relay_tells_again(database: Database) -> None:
    programme = await make.establish()
    member_id = await member_of(programme)
    await tell(programme, member_id, 1, 2)
    got: list[int] = []

    async def deliver(event: OutgoingEvent) -> None:
        got.append(event.payload["number"])
        if len(got) == 2:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await relay.relay(member_id, REAL, deliver)
    assert await relay.relay(member_id, REAL, deliver) == RelayResult(2)
    assert got == [1, 2, 1, 2]


async def test_every_member_is_met_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "MEMBERS_MAX", 2)
    programme = await make.establish()
    ids = [await make.enrol(programme) for _ in range(5)]

    assert await waiting() == sorted(ids)


async def test_old_events_are_forgotten_once_relayed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "FORGOTTEN_MAX", 2)
    programme = await make.establish()
    member_id, other = await member_of(programme), await member_of(programme)
    await tell(programme, member_id, 1, 2, 3)
    await relay.relay(member_id, REAL, collecting([]))
    await tell(programme, other, 4)
    day = timedelta(days=1)

    assert await relay.forget(REAL + 30 * day) == 0
    later = REAL + 30 * day + timedelta(microseconds=1)
    assert [await relay.forget(later) for _ in range(3)] == [2, 1, 0]
    assert await rows("SELECT payload FROM outbox_event") == [{"payload": '{"number": 4}'}]


def test_the_wait_doubles_up_to_an_hour() -> None:
    waits = [relay.retry_delay(failures).seconds for failures in range(1, 13)]
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]
    assert relay.retry_delay(10**9).seconds == 3600
