"""The sweep writes what every read had known already, once, and can be stopped and resumed."""

from datetime import timedelta

from domain.accounts import sweeps
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


async def test_a_sweep_that_was_stopped_goes_on(database: Database) -> None:
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
