from tests.conftest import Database
from tests.soak import proofs, sends


async def test_every_event_reaches_every_endpoint_in_order_while_senders_are_killed(
    fresh_database: Database,
) -> None:
    done = await sends.run(fresh_database, range(3), 1, proofs.silent)
    assert done["killed"] == 3
    assert done["arrived"] >= sends.ENDPOINTS * done["events"] > 0
