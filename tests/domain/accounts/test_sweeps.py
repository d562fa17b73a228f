"""The sweep writes what every read had known already, once, and can be stopped and resumed."""

import asyncio
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from domain.accounts import accounts, sweeps
from domain.kernel.database import rows, transact
from domain.programmes.programmes import Programme
from tests.conftest import Database
from tests.support import factories as make
from tests.support import reading

LATER = make.NOW + timedelta(days=400)


async def test_a_sweep_writes_what_is_due_once(database: Database) -> None:
    programme = await make.establish()
    members = [await make.enrol(programme) for _ in range(3)]
    for member_id in members:
        await make.book(programme, member_id, ("hotel", "100"))
    before = [await reading.balances_at(member_id, LATER) for member_id in members]
    assert await sweeps.count_due(programme, LATER) == 3

    swept = [one async for one in sweeps.sweep(programme, LATER)]

    assert sorted(one.member_id for one in swept) == sorted(members)
    assert [one.entries for one in swept] == [1, 1, 1]
    for member_id in members:
        kinds = [e.kind for e in await reading.entries(member_id, limit=9)]
        assert kinds == ["EXPIRE", "EARN"]
    assert [await reading.balances_at(member_id, LATER) for member_id in members] == before
    assert await sweeps.count_due(programme, LATER) == 0
    assert [one async for one in sweeps.sweep(programme, LATER)] == []


async def test_a_sweep_that_was_stopped_goes_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "TOGETHER_MAX", 1)
    programme = await make.establish()
    for _ in range(3):
        await make.book(programme, await make.enrol(programme), ("hotel", "100"))

    async for _ in sweeps.sweep(programme, LATER):
        break

    assert await sweeps.count_due(programme, LATER) == 2
    assert len([one async for one in sweeps.sweep(programme, LATER)]) == 2


async def test_a_sweep_leaves_other_programmes_and_what_is_not_due(database: Database) -> None:
    programme, other = await make.establish(), await make.establish()
    await make.book(programme, await make.enrol(programme), ("hotel", "100"))
    await make.book(other, await make.enrol(other), ("hotel", "100"))

    assert [one async for one in sweeps.sweep(programme, make.NOW)] == []
    assert len([one async for one in sweeps.sweep(programme, LATER)]) == 1
    assert await sweeps.count_due(other, LATER) == 1


async def sleeper(programme: Programme) -> UUID:
    """A member with 500 points, nine lots that expired on nine days, and a hold that died."""
    member_id = await make.enrol(programme)
    for day in range(9):
        await make.give(programme, member_id, 10, now=make.NOW + timedelta(days=day))
    recently = make.NOW + timedelta(days=36)
    await make.give(programme, member_id, 500, now=recently)
    reward = await make.reward(programme, list_points=5, stock=1)
    await make.redeem(programme, member_id, reward, hold=True, now=recently)
    return member_id


async def transactions_of(member_id: UUID) -> list[int]:
    """How many of the member's due entries each transaction wrote, the first one first."""
    found = await rows(
        "SELECT count(*) AS entries FROM ledger_entry WHERE member_id = $1 AND actor = 'system' "
        "GROUP BY xmin::text ORDER BY min(sequence)",
        member_id,
    )
    return [one["entries"] for one in found]


async def shown(member_id: UUID) -> list[tuple[object, ...]]:
    return [
        (e.sequence, e.kind, e.points, e.available_after, e.effective_at, e.recorded_at)
        for e in await reading.entries(member_id, limit=100)
    ]


async def test_a_write_with_much_due_writes_it_in_several_transactions(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme = await make.establish()
    patient, hurried, swept = [await sleeper(programme) for _ in range(3)]
    reward = await make.reward(programme, list_points=100)
    await make.redeem(programme, patient, reward, now=LATER)
    monkeypatch.setattr(accounts, "DUE_MAX", 4)

    both = (make.redeem(programme, hurried, reward, now=LATER) for _ in range(2))
    await asyncio.gather(*both)
    assert await sweeps.post(programme, swept, LATER) == 10

    assert await transactions_of(patient) == [10]
    assert await transactions_of(hurried) == await transactions_of(swept) == [4, 4, 2]
    assert (await shown(hurried))[1:] == await shown(patient)
    assert await make.available(hurried, LATER) == 300
    assert await make.faults(patient, hurried, swept) == []


async def test_what_a_transaction_leaves_behind_is_whole(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme = await make.establish()
    member_id = await sleeper(programme)
    before = await reading.balances_at(member_id, LATER)
    monkeypatch.setattr(accounts, "DUE_MAX", 4)

    for expected in ((4, True), (4, True), (2, False), (0, False)):
        written = await transact(partial(accounts._write_due, programme, member_id, LATER))
        assert written == expected
        assert await make.faults(member_id) == []
        assert await reading.balances_at(member_id, LATER) == before
        assert await make.available(member_id, LATER) == 500
