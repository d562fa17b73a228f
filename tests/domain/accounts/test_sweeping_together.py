"""Several members' due entries are one transaction, which waits for nobody and is whole."""

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from domain.accounts import accounts, sweeps
from domain.accounts.sweeps import SweepResult
from domain.kernel.database import Unavailable, row, rows, update
from domain.programmes.programmes import Programme
from ops.postgres.connections import connection
from tests.conftest import Database
from tests.domain.test_races import waiting
from tests.support import factories as make

LATER = make.NOW + timedelta(days=400)


async def due_members(programme: Programme, count: int) -> list[UUID]:
    """Members with 130 points that are gone by then, in the order of their ids."""
    return sorted([await make.rich_member(programme, 130) for _ in range(count)])


async def together(programme: Programme) -> list[SweepResult | UUID]:
    """What became of each, in the order of ids."""
    found = [one async for one in sweeps.together(programme, LATER)]
    return sorted(found, key=lambda one: one if isinstance(one, UUID) else one.member_id)


async def transactions(members: list[UUID]) -> int:
    """How many wrote what fell due."""
    found = await row(
        "SELECT count(DISTINCT xmin::text) AS count FROM ledger_entry "
        "WHERE member_id = ANY($1::uuid[]) AND actor = 'system'",
        members,
    )
    return int(found["count"]) if found else 0


async def lock_lot(raw: asyncpg.Connection, member_id: UUID) -> None:
    """A lot is locked by nobody but under its account: so a sweep can be stopped in its middle."""
    await raw.execute("SELECT 1 FROM lot WHERE member_id = $1 FOR UPDATE", member_id)


async def test_several_members_are_one_transaction(database: Database) -> None:
    programme = await make.establish()
    members = await due_members(programme, 3)
    for day in (1, 2):
        await make.give(programme, members[1], 10, now=make.NOW + timedelta(days=day))

    assert await together(programme) == [
        SweepResult(members[0], 1),
        SweepResult(members[1], 3),
        SweepResult(members[2], 1),
    ]

    assert await transactions(members) == 1
    assert await make.entries(members[0]) == [("EARN", 130), ("EXPIRE", 130)]
    told = await make.payloads("points.expired", member_id=members[1])
    assert sorted(one["points"] for one in told) == [10, 10, 130]
    assert await make.faults(*members) == []


async def test_what_others_wait_for_is_written_alone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A member that somebody writes, one whose dead hold gives back a stock, and one with more due
    than is left for all.
    """
    monkeypatch.setattr(accounts, "DUE_MAX", 4)
    programme = await make.establish()
    locked, holder, late, plain = await due_members(programme, 4)
    reward = await make.reward(programme, list_points=100, stock=1)
    await make.redeem(programme, holder, reward, hold=True)
    for day in range(1, 5):
        await make.give(programme, late, 10, now=make.NOW + timedelta(days=day))

    async with connection(database.serving) as raw, raw.transaction():
        await raw.execute("SELECT 1 FROM account WHERE member_id = $1 FOR UPDATE", locked)
        assert await together(programme) == [locked, holder, late, SweepResult(plain, 1)]

    swept = [one async for one in sweeps.sweep(programme, LATER)]
    assert {one.member_id: one.entries for one in swept} == {locked: 1, holder: 2, late: 5}
    assert await make.stock(reward) == 1
    assert await make.faults(locked, holder, late, plain) == []


async def test_one_that_cannot_be_written_holds_up_no_other(database: Database) -> None:
    programme = await make.establish()
    sound, broken, other = await due_members(programme, 3)
    await update("UPDATE account SET available = 99 WHERE member_id = $1", broken)

    assert await together(programme) == [sound, broken, other]

    assert [await sweeps.post(programme, one, LATER) for one in (sound, other)] == [1, 1]
    with pytest.raises(ValueError, match="leaves less than nothing"):
        await sweeps.post(programme, broken, LATER)


async def test_a_write_beside_it_waits_and_finds_all_written(database: Database) -> None:
    programme = await make.establish()
    members = await due_members(programme, 3)
    reward = await make.reward(programme, list_points=100, stock=1)
    await make.give(programme, members[0], 200, now=make.NOW + timedelta(days=100))
    async with connection(database.serving) as raw, raw.transaction():
        await lock_lot(raw, members[2])
        swept = asyncio.ensure_future(together(programme))
        await waiting(1)
        made = asyncio.ensure_future(make.redeem(programme, members[0], reward, now=LATER))
        await waiting(2)
    await asyncio.gather(swept, made)
    assert await transactions(members) == 1
    assert await make.entries(members[0]) == [
        ("EARN", 130),
        ("EARN", 200),
        ("EXPIRE", 130),
        ("REDEEM", 100),
    ]
    assert await make.faults(*members) == []


async def test_what_is_killed_in_the_middle_has_written_nothing(database: Database) -> None:
    programme = await make.establish()
    members = await due_members(programme, 3)
    before = await make.everything(programme)
    async with connection(database.serving) as raw, raw.transaction():
        await lock_lot(raw, members[1])
        swept = asyncio.ensure_future(together(programme))
        await waiting(1)
        await rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        with pytest.raises(Unavailable):
            await swept
    assert await make.everything(programme) == before

    assert await together(programme) == [SweepResult(one, 1) for one in members]
    assert await make.faults(*members) == []


async def test_two_sweeps_at_once_write_each_entry_once(database: Database) -> None:
    programme = await make.establish()
    members = await due_members(programme, 8)

    async def sweep() -> int:
        return sum([one.entries async for one in sweeps.sweep(programme, LATER)])

    assert sum(await asyncio.gather(sweep(), sweep())) == 8
    for member_id in members:
        assert await make.entries(member_id) == [("EARN", 130), ("EXPIRE", 130)]
    assert await make.faults(*members) == []
