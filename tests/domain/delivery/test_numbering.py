"""Events get gapless positions in the order of their commits, and each is handed on once."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from domain.delivery import fan_out, forgetting, numbering
from domain.delivery.events import NumberedEvent
from domain.delivery.numbering import Part
from domain.kernel import outbox
from domain.kernel.database import row, rows, update
from domain.kernel.ids import new_id
from domain.kernel.outbox import Event, Topic
from domain.kernel.writes import Writes
from domain.programmes.programmes import Programme
from domain.proof import feed_checks
from ops.postgres.connections import connection
from tests.conftest import Database
from tests.support import factories as make
from tests.support import numbered

REAL = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
"""The worker's own instant, whatever the programme's clock says."""

SECOND = timedelta(seconds=1)


def of_part(number: int) -> UUID:
    """The id of somebody in this part."""
    return UUID(int=new_id().int & ~15 | number)


async def tell(
    programme: Programme, member_id: UUID, *numbers: int, at: datetime = REAL, sequence: int = 0
) -> None:
    events = [Event(Topic.POINTS_ADJUSTED, member_id, {"points": n}) for n in numbers]
    writes = Writes(member_id)
    outbox.add(writes, programme.id, at, events, sequence=sequence)
    await writes.send()


async def without_events() -> Programme:
    programme = await make.establish()
    await update("DELETE FROM outbox_event WHERE programme_id = $1", programme.id)
    return programme


def part(programme: Programme, number: int = 7) -> Part:
    return Part(programme.id, programme.code, number)


async def waiting(programme: Programme) -> list[int]:
    return sorted(
        one.number for one in await numbering.waiting() if one.programme_id == programme.id
    )


def numbers(events: Sequence[NumberedEvent]) -> list[tuple[int, int]]:
    return [(event.position, event.payload["points"]) for event in events]


async def hand_on(placed: Sequence[NumberedEvent]) -> list[int]:
    """Hand all on, and what was told of each, in the order in which it was told."""
    return [event.payload["points"] for event in await numbered.hand_on(placed)]


async def test_events_are_placed_by_instant_sequence_and_id(database: Database) -> None:
    programme = await without_events()
    one, other = of_part(7), of_part(7)
    await tell(programme, one, 3, sequence=2)
    await tell(programme, other, 4, sequence=3)
    await tell(programme, one, 1, 2, sequence=1)
    await tell(programme, other, 0, at=REAL - SECOND, sequence=9)
    await tell(programme, of_part(8), 100)
    assert await waiting(programme) == [7, 8]

    placed = await numbering.place(part(programme), REAL)

    assert numbers(placed) == [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4)]
    assert numbering.by_member(placed) == [
        [event for event in placed if event.member_id == member_id] for member_id in (other, one)
    ]
    assert await hand_on(placed) == [0, 4, 1, 2, 3]
    assert await waiting(programme) == [8]
    await tell(programme, one, 5)
    assert numbers(await numbering.place(part(programme), REAL)) == [(6, 5)]


async def test_an_event_is_told_whole(database: Database) -> None:
    programme = await without_events()
    member_id = await make.enrol(programme)
    number = int(str(member_id)[-1], 16)

    [event] = await numbering.place(part(programme, number), REAL)

    found = await row("SELECT id FROM outbox_event WHERE member_id = $1", member_id)
    assert found is not None
    assert event == NumberedEvent(
        id=found["id"],
        programme_id=programme.id,
        member_id=member_id,
        partner_id=event.partner_id,
        part=number,
        position=1,
        topic="member.enrolled",
        sequence=0,
        recorded_at=make.NOW,
        numbered_at=REAL,
        payload=event.payload,
    )
    assert event.payload["status"] == "ENROLLED"


async def test_a_worker_killed_in_between_leaves_positions_as_they_were(
    database: Database,
) -> None:
    programme = await without_events()
    member_id = of_part(7)
    await tell(programme, member_id, 1, 2)
    placed = await numbering.place(part(programme), REAL)
    await tell(programme, member_id, 3, at=REAL - SECOND)

    again = await numbering.place(part(programme), REAL + SECOND)

    assert numbers(again) == [(1, 1), (2, 2), (3, 3)]
    assert again[:2] == placed
    assert await hand_on(again) == [1, 2, 3]
    assert await hand_on(again) == await hand_on(placed) == []
    assert await waiting(programme) == []
    instants = [event.numbered_at for event in again]
    assert instants == [REAL, REAL, REAL + SECOND]


async def test_instants_never_run_back_within_a_part(database: Database) -> None:
    programme = await without_events()
    member_id = of_part(7)
    for number, now in enumerate([REAL + SECOND, REAL]):
        await tell(programme, member_id, number)
        await numbering.place(part(programme), now)
    placed = await numbering.place(part(programme), REAL)
    assert [event.numbered_at for event in placed] == [REAL + SECOND] * 2


async def test_what_is_being_placed_is_left_to_whoever_does(database: Database) -> None:
    programme = await without_events()
    await tell(programme, of_part(7), 1)
    await numbering.place(part(programme), REAL)
    lock = "SELECT FROM feed_head WHERE part = 7 AND programme_id = $1 FOR UPDATE"
    async with connection(database.serving) as other, other.transaction():
        await other.execute(lock, programme.id)
        assert await numbering.place(part(programme), REAL) == []
    assert len(await numbering.place(part(programme), REAL)) == 1


async def test_workers_at_once_place_and_hand_on_each_once(database: Database) -> None:
    programme = await without_events()
    members = [of_part(n) for n in (3, 3, 3, 4)]
    for number in range(40):
        await tell(programme, members[number % 4], number, at=REAL + number * SECOND)
    told: list[int] = []

    async def work() -> None:
        while parts := [
            one for one in await numbering.waiting() if one.programme == programme.code
        ]:
            for one in parts:
                for events in numbering.by_member(await numbering.place(one, REAL)):
                    await numbering.hand_on(events, lambda e: told.append(e.payload["points"]))

    await asyncio.gather(*(work() for _ in range(4)))

    assert sorted(told) == list(range(40))
    for member in range(4):
        own = [number for number in told if number % 4 == member]
        assert own == sorted(own)
    assert await faults(programme) == []


async def test_a_member_that_fails_keeps_its_events_unmarked(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme = await without_events()
    await tell(programme, of_part(7), 1)
    placed = await numbering.place(part(programme), REAL)

    async def fail(*_: object) -> None:
        await update("UPDATE programme SET clock_offset_seconds = 9 WHERE id = $1", programme.id)
        raise ValueError("of a member")

    with monkeypatch.context() as patch:
        patch.setattr(fan_out, "fan_out", fail)
        with pytest.raises(ValueError, match="of a member"):
            await hand_on(placed)
    assert await waiting(programme) == [7]
    assert await hand_on(placed) == [1]


async def test_a_member_that_always_fails_keeps_nobody_elses_events_from_the_feed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbering, "EVENTS_MAX", 4)
    programme = await without_events()
    stuck, other = of_part(7), of_part(7)
    await tell(programme, stuck, *range(1, 7))
    await numbering.place(part(programme), REAL)
    await numbering.place(part(programme), REAL)
    # of the one more is unmarked now than is read at once
    await tell(programme, other, 10, 11, 12, 13, 14, at=REAL + SECOND)

    handed_on, positions = [], dict[int, int]()
    for _ in range(3):
        placed = await numbering.place(part(programme), REAL)
        positions |= {number: position for position, number in numbers(placed)}
        handed_on += await hand_on([one for one in placed if one.member_id == other])
    assert handed_on == [10, 11, 12, 13, 14]
    # and once it fails no more, it goes on where it was
    for _ in range(2):
        placed = await numbering.place(part(programme), REAL)
        positions |= {number: position for position, number in numbers(placed)}
        handed_on += await hand_on(placed)
    assert handed_on[5:] == [1, 2, 3, 4, 5, 6]
    assert sorted(positions.values()) == list(range(1, 12))
    assert [positions[number] for number in handed_on[5:]] == sorted(
        positions[number] for number in handed_on[5:]
    )
    assert await waiting(programme) == []


async def test_what_the_release_before_wrote_is_numbered_too(database: Database) -> None:
    programme = await without_events()
    old = (
        "INSERT INTO outbox_event "
        "(member_id, id, programme_id, topic, payload, recorded_at, relay_failures) "
        "VALUES ($1, $2, $3, 'points.adjusted', '{\"points\": 1}', $4, 0)"
    )
    await rows(old, of_part(9), new_id(), programme.id, REAL)

    assert await waiting(programme) == [9]
    assert numbers(await numbering.place(part(programme, 9), REAL)) == [(1, 1)]


async def test_who_listens_hears_of_new_positions(database: Database) -> None:
    programme = await without_events()
    heard: asyncio.Queue[str] = asyncio.Queue()
    async with connection(database.serving) as listener:
        await listener.add_listener(numbering.CHANNEL, lambda *said: heard.put_nowait(said[3]))
        await tell(programme, of_part(7), 1)
        await numbering.place(part(programme), REAL)
        assert await heard.get() == f"{programme.id}:7"


async def test_the_feed_forgets_from_its_beginning_and_keeps_what_is_awaited(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "FORGOTTEN_MAX", 2)
    programme = await without_events()
    member_id = of_part(7)
    await tell(programme, member_id, 1, 2, 3, 4)
    placed = await numbering.place(part(programme), REAL)
    await hand_on(placed)
    awaited = {placed[3].id}

    async def find(events: Sequence[tuple[UUID, UUID]]) -> frozenset[UUID]:
        return frozenset(awaited & {event for _, event in events})

    monkeypatch.setattr(fan_out, "awaited", find)
    due, later = REAL + timedelta(days=30), REAL + timedelta(days=30, microseconds=1)

    assert await kept_after(programme, due) == [1, 2, 3, 4]
    assert await kept_after(programme, later) == [3, 4]
    assert await kept_after(programme, later) == [4]
    assert await kept_after(programme, later) == [4]
    left = await rows("SELECT payload FROM outbox_event WHERE member_id = $1", member_id)
    assert left == [{"payload": '{"points": 4}'}]
    assert await faults(programme) == []
    awaited.clear()
    await tell(programme, member_id, 5)
    await numbering.place(part(programme), REAL)
    # the last is not handed on yet
    assert await kept_after(programme, later) == [5]
    assert await kept_after(programme, later) == [5]
    assert await faults(programme) == []


async def kept_after(programme: Programme, now: datetime) -> list[int]:
    await forgetting.forget(now)
    found = await rows(
        "SELECT position FROM feed_entry WHERE programme_id = $1 ORDER BY position", programme.id
    )
    return [entry["position"] for entry in found]


async def faults(programme: Programme) -> list[str]:
    found = await feed_checks.positions()
    return [str(fault) for fault in found if fault.row_id == programme.id]


async def test_gaps_in_the_feed_are_named(
    database: Database, owner_connection: asyncpg.Connection
) -> None:
    programme = await without_events()
    await tell(programme, of_part(7), 1, 2, 3, 4)
    await numbering.place(part(programme), REAL)
    where = f"WHERE programme_id = '{programme.id}' AND position"
    await owner_connection.execute(
        f"UPDATE feed_entry SET numbered_at = numbered_at - interval '1 s' {where} = 2; "
        f"DELETE FROM feed_entry {where} = 3; UPDATE feed_head SET position = 9 {where} = 4"
    )
    assert await faults(programme) == [
        f"feed_entry {programme.id}: position in part 7 is 4, should be 3",
        f"feed_head {programme.id}: position in part 7 is 9, should be 4",
        (
            f"feed_entry {programme.id}: numbered_at in part 7 at 2 is {REAL - SECOND}, "
            f"should be at least {REAL}"
        ),
    ]
