"""Random histories in small: what `make soak` plays ten thousand times."""

import pytest

from domain.ledger.values import EntryKind
from tests.soak import histories, journal, proofs
from tests.support.servers import Database


@pytest.mark.parametrize("number", range(2))
async def test_every_invariant_holds_after_each_step(database: Database, number: int) -> None:
    done = await histories.play(1, number, length=24, proved=True)
    assert done["steps"] == 24


async def test_histories_are_played_one_after_the_other(fresh_database: Database) -> None:
    told: list[int] = []
    done = await histories.run(fresh_database, range(19, 21), 1, told.append)
    assert told == [1] * 2
    assert done["steps"] == histories.LONG_LENGTH + histories.LENGTH
    kinds = {f"grant {what}: every" for what in ("given", "reversed", "restored")}
    assert kinds <= done.keys()


async def test_a_history_is_the_same_under_the_same_seed(database: Database) -> None:
    first, again, other = [await histories.play(seed, 1, length=12) for seed in (5, 5, 6)]
    assert first == again
    assert first != other


async def test_journals_make_entries_of_every_kind(fresh_database: Database) -> None:
    done = await journal.run(fresh_database, range(60), 1, proofs.silent)
    assert done["histories"] >= 60
    kinds = {f"entry {kind}" for kind in EntryKind}
    assert kinds <= done.keys()
