from tests.conftest import Database
from tests.soak import kills, proofs


async def test_a_killed_server_loses_nothing_and_does_nothing_twice(
    fresh_database: Database,
) -> None:
    # of this seed one unit is killed after a time, the other within a request
    done = await kills.run(fresh_database, range(2), 188, proofs.silent)
    assert done["killed"] == 2
    assert done["unanswered"] > 0
