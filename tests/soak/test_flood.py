from tests.conftest import Database
from tests.soak import flood, proofs
from tests.soak.attacks import ATTACKS


async def test_an_honest_client_is_answered_beside_attackers(fresh_database: Database) -> None:
    done = await flood.run(fresh_database, range(len(ATTACKS)), 1, proofs.silent)
    for name in ATTACKS:
        assert done[f"{name}: honest answered"] > 0, name
    # on a busy machine an attacker may give up on all that it sent, though not every one
    names = ("quotes", "allowed", "fragments", "kinds", "mutations", "unknown")
    ends = {end for end in done if end.startswith(names) and "honest" not in end}
    assert ends, done
    assert done["headers: opened"] > 0
    assert done["idle: opened"] > 0
