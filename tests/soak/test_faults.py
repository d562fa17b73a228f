from tests.conftest import Database
from tests.soak import faults, proofs


async def test_a_failing_line_is_told_and_leaves_nothing_open(fresh_database: Database) -> None:
    done = await faults.run(fresh_database, range(3), 1, proofs.silent)
    assert (done["lost commit"], done["silent"], done["unreachable"]) == (1, 1, 1)
    assert done["UNAVAILABLE"] > 0
    assert done["TIMEOUT"] > 0
    assert done["failures logged"] == done["UNAVAILABLE"] + done["TIMEOUT"]
