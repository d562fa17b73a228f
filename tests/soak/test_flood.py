from tests.conftest import Database
from tests.soak import flood, proofs
from tests.soak.attacks import ATTACKS

ANSWERED = ("quotes", "allowed", "fragments", "kinds", "mutations", "unknown")
"""Attacks whose requests are answered."""


async def test_an_honest_client_is_answered_beside_attackers(fresh_database: Database) -> None:
    # a third of a second of each: what counts is who is answered, not how often
    done = await flood.run(fresh_database, range(3), 1, proofs.silent)
    for name in ATTACKS:
        assert done[f"{name}: honest answered"] > 0, name
    for name in ANSWERED:
        # or given up, on a busy machine
        assert [end for end in done if end.startswith(f"{name}: ") and "honest" not in end], done
    assert done["headers: opened"] > 0
    assert done["idle: opened"] > 0
