from tests.conftest import Database
from tests.soak import flood, proofs
from tests.soak.attacks import ATTACKS


async def test_an_honest_client_is_answered_beside_attackers(fresh_database: Database) -> None:
    done = await flood.run(fresh_database, range(len(ATTACKS)), 1, proofs.silent)
    for name in ATTACKS:
        assert done[f"{name}: honest answered"] > 0, name
    assert done["quotes: 200"] + done["quotes: 429"] > 0
    assert done["unknown: 401"] > 0
    assert done["mutations: 200"] > 0
    assert done["mutations: 429"] > 0
    assert done["headers: closed"] + done["headers: dropped"] > 0
