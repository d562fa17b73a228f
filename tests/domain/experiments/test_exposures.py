"""Exposures: written once for ever, whoever comes first."""

import asyncio

import pytest

from domain.experiments import exposures
from domain.experiments.exposures import Met
from domain.kernel.database import rows, transact
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
