from tests.conftest import Database
from tests.soak import feeds, proofs


async def test_a_reader_has_every_event_once_while_workers_are_killed(
    fresh_database: Database,
) -> None:
    done = await feeds.run(fresh_database, range(5), 1, proofs.silent)
    assert done["killed"] == 5
    assert done["events"] > feeds.WRITERS
