from collections import Counter

from tests.conftest import Database
from tests.soak import flood, proofs
from tests.soak.attacks import ATTACKS

ANSWERED = ("quotes", "allowed", "fragments", "kinds", "mutations", "unknown")
"""Attacks whose requests are answered."""


async def test_an_honest_client_is_answered_beside_attackers(fresh_database: Database) -> None:
    done: Counter[str] = Counter()
    # a third of a second of each: what counts is who is answered, not how often; on a busy machine
    # an attacker may give up by then on all that it sent
    for seconds in (3, 30, 150):
        done = await flood.run(fresh_database, range(seconds), 1, proofs.silent)
        for name in ATTACKS:
            assert done[f"{name}: honest answered"] > 0, name
        if any(end.startswith(ANSWERED) and "honest" not in end for end in done):
            break
    else:
        raise AssertionError(f"no attack was answered: {done}")
    assert done["headers: opened"] > 0
    assert done["idle: opened"] > 0
