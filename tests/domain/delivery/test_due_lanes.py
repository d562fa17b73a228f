"""Which lanes are found to be due, of targets in every state."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from domain.delivery import lanes
from domain.delivery.targets import Channel
from domain.kernel.database import update
from tests.support import factories as make
from tests.support.sending import NOON

pytestmark = pytest.mark.usefixtures("database")

PAUSING, MINUTE, INSTANT = 5, timedelta(minutes=1), timedelta(microseconds=1)
MEMBERS = [UUID(int=number) for number in range(1, 4)]


async def endpoint(*waits: timedelta) -> UUID:
    """An endpoint with a lane of each member, due so long after noon."""
    programme = await make.establish(make.variant())
    target = await make.webhook(programme)
    for member_id, wait in zip(MEMBERS, waits, strict=True):
        await lanes.make_due(programme.id, target, [member_id], NOON + wait)
    return target


async def fail(target: UUID, failures: int, probe: UUID | None = None) -> None:
    await update(
        "UPDATE delivery_target SET failures = $2, probe = $3, failing_since = $4 "
        "WHERE target = $1",
        target,
        failures,
        probe,
        NOON,
    )


async def due(target: UUID, now: datetime = NOON) -> list[UUID]:
    """The members of its due lanes, in their order."""
    found = await lanes.due(now, PAUSING, [Channel.WEBHOOK])
    return [one.member_id for one in found if one.target == target]


async def take(target: UUID, member_id: UUID) -> None:
    found = await lanes.due(NOON, PAUSING, [Channel.WEBHOOK])
    [lane] = [one for one in found if (one.target, one.member_id) == (target, member_id)]
    assert await lanes.take(lane, NOON, PAUSING)


async def test_lanes_are_found_once_due_the_longest_first() -> None:
    one, other, later = MEMBERS
    target = await endpoint(-MINUTE, -2 * MINUTE, MINUTE)
    assert await due(target) == [other, one]
    assert await due(target, NOON + MINUTE) == [other, one, later]
    others = await lanes.due(NOON, PAUSING, [Channel.SMS])
    assert target not in {lane.target for lane in others}


async def test_a_leased_lane_is_found_once_its_lease_has_ended() -> None:
    one, other, _ = MEMBERS
    target = await endpoint(-MINUTE, -2 * MINUTE, MINUTE)
    await take(target, other)
    assert await due(target) == [one]
    assert await due(target, NOON + lanes.LEASE + INSTANT) == [other, one, MEMBERS[2]]


async def test_of_a_paused_target_only_the_probe_is_found() -> None:
    one, other, later = MEMBERS
    target = await endpoint(-MINUTE, -2 * MINUTE, MINUTE)
    await fail(target, 4, one)
    assert await due(target) == [other, one], "it is not paused yet"
    await fail(target, 5, one)
    assert await due(target) == [one]
    await fail(target, 5, later)
    assert await due(target) == []
    await fail(target, 5, one)
    await take(target, one)
    assert await due(target) == [], "it is leased"


async def test_of_a_paused_target_without_a_probe_one_lane_is_found() -> None:
    """The one that is due for longest, and none while that is leased."""
    _, other, _ = MEMBERS
    target = await endpoint(-MINUTE, -2 * MINUTE, MINUTE)
    await fail(target, 5)
    assert await due(target) == [other]
    await fail(target, 4)
    await take(target, other)
    await fail(target, 5)
    assert await due(target) == []


async def test_of_a_target_turned_off_all_lanes_are_found() -> None:
    """Those that are due later too, although it is paused."""
    one, other, later = MEMBERS
    target = await endpoint(-MINUTE, -2 * MINUTE, 5 * MINUTE)
    await fail(target, 5, one)
    await update("UPDATE webhook SET off_since = $2 WHERE id = $1", target, NOON)
    assert await due(target) == [other, one, later]
    await take(target, other)
    assert await due(target) == [one, later]


async def test_no_target_keeps_the_others_from_being_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each target only some lanes at once, and of all targets only so many."""
    first, second = [await endpoint(-MINUTE, -2 * MINUTE, -3 * MINUTE) for _ in range(2)]
    monkeypatch.setattr(lanes, "FOUND_OF_TARGET_MAX", 2)
    assert await due(first) == await due(second) == [MEMBERS[2], MEMBERS[1]]
    monkeypatch.setattr(lanes, "FOUND_MAX", 2)
    assert len(await lanes.due(NOON, PAUSING, [Channel.WEBHOOK])) == 2
