"""Rows that move in twice, in small."""

from tests.soak import moves, proofs
from tests.support.servers import Database


async def test_what_moves_in_twice_through_killed_workers_stands_once(
    fresh_database: Database,
) -> None:
    done = await moves.run(fresh_database, range(40), 1, proofs.silent)
    assert (done["workers killed"], done["entries verified"]) == (2, 40)
