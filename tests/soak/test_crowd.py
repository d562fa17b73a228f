"""A crowd of operations at once, in small."""

from tests.servers import Database
from tests.soak import crowd, proofs


async def test_200_operations_at_once_lock_nobody_out(fresh_database: Database) -> None:
    done = await crowd.run(fresh_database, range(1), 1, proofs.silent)
    assert sum(done.values()) == crowd.AT_ONCE
    assert done["transfer"] > 10
    assert done["redemption"] > 0
