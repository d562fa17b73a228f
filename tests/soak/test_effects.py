"""Experiments on members whose true effects are known, in small."""

from tests.conftest import Database
from tests.soak import effects, proofs


async def test_intervals_have_the_truth_and_a_broken_split_is_told(
    fresh_database: Database,
) -> None:
    done = await effects.run(fresh_database, range(4), 1, proofs.silent)
    assert done["splits broken"] == done["budgets that ended it"] == 12
    assert done["intervals"] == 12
    assert done["intervals with the truth"] >= 9
