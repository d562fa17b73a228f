"""A sweep of many lots, in small."""

from tests.soak import lots
from tests.support.servers import Database


async def test_each_lot_expires_once_however_often_the_sweep_is_stopped(
    fresh_database: Database,
) -> None:
    told: list[int] = []
    done = await lots.run(fresh_database, range(1000), 1, told.append)
    assert done["lots expired"] == 1000
    assert done["entries verified"] == 1000 + 10 * lots.INSTANTS
    assert sum(told) == 1000
