"""Exposures: written once for ever, whoever comes first."""

import asyncio
from uuid import UUID

import pytest

from domain.experiments import exposures
from domain.experiments.exposures import Met, NotNoted
from domain.kernel.database import rows, transact
from ops.postgres.database import connected
from tests.conftest import Database
from tests.support import factories as make
from tests.support import trials

pytestmark = pytest.mark.usefixtures("database")

DAYS = {"from": "2026-03-01", "until": "2026-03-31"}


async def test_of_many_at_once_one_is_written() -> None:
    """Facts of two members and what was noted of both meanwhile, in whatever order they come."""
    programme = await make.establish(
        trials.document(trials.earn_rate(**DAYS), trials.expiry(**DAYS))
    )
    members = [await trials.member(programme, "earn_rate", code) for code in "ab"]
    met = []
    for member_id in members:
        assignment = programme.of_member(member_id, make.NOW).as_of(make.NOW).assignment
        assert assignment is not None
        met += [Met(member_id, *choice, make.NOW) for choice in assignment.choices]
    exposures.note(reversed(met))

    async def noted() -> None:
        await transact(lambda: exposures.write(reversed(met)))

    await asyncio.gather(
        *(make.book(programme, one, ("hotel", "100")) for one in members * 3),
        *(noted() for _ in range(3)),
        exposures.record(),
    )
    found = await rows(
        "SELECT member_id, experiment, variant FROM exposure WHERE member_id = ANY($1) "
        "ORDER BY member_id, experiment",
        members,
    )
    assert [tuple(one.values()) for one in found] == sorted(
        (one.member_id, one.experiment, one.variant) for one in met
    )
    assert await make.faults(*members) == []
    # what is known to be written is not noted again
    exposures.note(met)
    assert await exposures.record() == 0


async def test_what_a_fact_brings_is_written_with_it(statements: list[str]) -> None:
    programme = await make.establish(
        trials.document(trials.earn_rate(**DAYS), trials.price(**DAYS), trials.expiry(**DAYS))
    )
    member_id = await trials.member(programme, "earn_rate", "b")
    reward = await make.reward(programme, code="coupon_10", list_points=1000)
    statements.clear()
    await make.book(programme, member_id, ("hotel", "1000"))
    await make.redeem(programme, member_id, reward)
    assert [sql for sql in statements if sql.startswith("INSERT INTO exposure")] == []
    found = await rows(
        "SELECT experiment FROM exposure WHERE member_id = $1 ORDER BY experiment", member_id
    )
    assert [one["experiment"] for one in found] == ["coupon_price", "earn_rate", "points_expiry"]
    assert await make.faults(member_id) == []


async def test_more_than_may_wait_are_not_forgotten_in_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    programme = await make.establish(trials.document(trials.earn_rate(**DAYS)))
    members = [await trials.member(programme, "earn_rate", "a") for _ in range(4)]
    met = [Met(member_id, "earn_rate", "a", make.NOW) for member_id in members]
    await exposures.record()
    monkeypatch.setattr(exposures, "WAITING_MAX", 3)
    monkeypatch.setattr(exposures, "RECORDED_MAX", 2)
    exposures.note(met)
    # those that are noted are written, by as many statements as it takes
    with pytest.raises(NotNoted, match="1"):
        await exposures.record()
    assert await written(members) == set(members[:3])
    # the one that was not is with its next look
    exposures.note(met)
    assert await exposures.record() == 1
    assert await written(members) == set(members)


async def written(members: list[UUID]) -> set[UUID]:
    found = await rows("SELECT member_id FROM exposure WHERE member_id = ANY($1)", members)
    return {one["member_id"] for one in found}


async def test_what_is_noted_of_one_database_is_not_written_to_another(
    fresh_database: Database,
) -> None:
    """A process that goes from one to the other forgets what it did not write."""
    programme = await make.establish(trials.document(trials.earn_rate(**DAYS)))
    met = Met(await trials.member(programme, "earn_rate", "a"), "earn_rate", "a", make.NOW)
    await exposures.record()
    async with connected(fresh_database.serving, everywhere=False):
        exposures.note([met])
    assert await exposures.record() == 0
    exposures.note([met])
    assert await exposures.record() == 1
