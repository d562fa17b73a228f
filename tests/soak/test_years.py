"""The journal of some months, settled day by day."""

from functools import partial

from tests.soak import proofs, years
from tests.support.servers import Database


async def test_the_journal_ties_to_the_ledger_on_every_day(fresh_database: Database) -> None:
    play = partial(years.play, 1, 45)
    done = await proofs.play_each(fresh_database, range(1), proofs.silent, play)
    assert done["days settled"] == 44, done
    assert done["days tied"] > 15
    assert done["months closed"] >= 1
    for account in ("deferred", "points_revenue", "marketing", "transfers", "receivable:bank"):
        assert done[f"lines {account}"] > 0, done
