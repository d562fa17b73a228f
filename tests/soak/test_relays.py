from tests.conftest import Database
from tests.soak import proofs, relays


async def test_a_killed_worker_leaves_nothing_undone_and_does_nothing_twice(
    fresh_database: Database,
) -> None:
    done = await relays.run(fresh_database, range(1), 1, proofs.silent)
    assert (done["killed"], done["swept"]) == (1, relays.SWEPT)
    assert done["left by the blow"] > 0
