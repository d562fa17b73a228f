"""Random histories of one journal in memory, with every invariant checked after each step.

The state machine is that of `tests/domain/ledger/test_journal_machine.py`, with more examples.
"""

from collections import Counter

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test

from tests.domain.ledger.test_journal_machine import JournalMachine
from tests.soak.proofs import Proof, Tell
from tests.support.servers import Database


async def run(_: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]:
    """Hypothesis draws all of a part together, so only a whole part can be run again."""
    done: Counter[str] = Counter()

    class Counted(JournalMachine):
        def teardown(self) -> None:
            super().teardown()
            done.update(f"entry {entry.kind}" for entry in self.journal.entries)
            done["histories"] += 1
            tell(1)

    run_state_machine_as_test(
        seeded(f"{seed}:{numbers.start}")(Counted),
        settings=settings(
            max_examples=len(numbers),
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    return done


PROOF = Proof(
    name="journal",
    what="random histories of a journal in memory, all invariants at each step",
    count=10_000,
    part=2_500,
    run=run,
)
