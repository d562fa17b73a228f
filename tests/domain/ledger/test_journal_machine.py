"""Random histories of one account, against a ledger kept point by point.

After each step of `tests/support/journal_steps.py` the journal agrees with the tokens, and every
invariant of the ledger holds.
"""

from collections import Counter
from itertools import pairwise
from uuid import UUID

from hypothesis.stateful import invariant

from domain.ledger import digest
from domain.ledger import lots as lot_rules
from domain.ledger.states import Live, state_now
from domain.ledger.values import FIRST_HASH, Balances, Bucket, Entry, EntryKind
from tests.support.journal_steps import JournalSteps
from tests.support.tokens import Tokens

IN_LOTS = (Bucket.PENDING, Bucket.AVAILABLE)


def change_in_lots(entry: Entry) -> int:
    return entry.points * ((entry.target in IN_LOTS) - (entry.source in IN_LOTS))


class JournalMachine(JournalSteps):
    @invariant()
    def a_reader_sees_what_is_left_without_anything_being_written(self) -> None:
        journal, account = self.journal, self.account.copy()
        account.advance(self.now)
        live = Live(tuple(journal.lots.values()), tuple(journal.holds.values()))
        seen = state_now(journal.member_id, journal.balances, live, self.now)
        assert seen.balances == Balances(*account.balances())
        assert lot_rules.spendable_points(seen.lots, self.now) == len(account.tokens)
        assert {lot.id: lot.remaining for lot in seen.lots} == self.in_lots(account)

    def in_lots(self, account: Tokens) -> Counter[UUID]:
        pending = {self.lots[one.credit]: one.points for one in account.waiting}
        return self.by_lot(account.tokens) + Counter(pending)

    @invariant()
    def every_lot_holds_its_tokens(self) -> None:
        lots = self.journal.lots.values()
        assert {lot.id: lot.remaining for lot in lots if lot.remaining} == self.in_lots(
            self.account
        )
        assert all(0 <= lot.remaining <= lot.points for lot in lots)

    @invariant()
    def balances_are_the_sum_of_lots_and_of_entries(self) -> None:
        assert self.journal.balances == Balances(*self.account.balances())
        pending, available, held, owed = self.account.balances()
        assert sum(map(change_in_lots, self.journal.entries)) == pending + available
        expired = [e.points for e in self.journal.entries if e.kind is EntryKind.EXPIRE]
        gone = self.counts["redeemed"] + self.counts["clawed_back"] + self.counts["away"]
        assert self.counts["issued"] == pending + available + held - owed + gone + sum(expired)

    @invariant()
    def who_owes_has_nothing_to_spend(self) -> None:
        balances = self.journal.balances
        assert not (balances.owed and balances.available)

    @invariant()
    def open_holds_are_those_put_aside(self) -> None:
        assert {key: (h.points, h.expires_at) for key, h in self.journal.holds.items()} == {
            key: (len(held.tokens), held.until) for key, held in self.account.held.items()
        }

    @invariant()
    def every_entry_is_fully_allocated(self) -> None:
        for entry in self.journal.entries:
            assert sum(touch.points for touch in entry.touches) == change_in_lots(entry)
            assert len({touch.lot_id for touch in entry.touches}) == len(entry.touches)
        allocated: dict[UUID, int] = dict.fromkeys(self.terms, 0)
        for entry in self.journal.entries:
            for touch in entry.touches:
                allocated[touch.lot_id] += touch.points
                assert 0 <= allocated[touch.lot_id] <= self.terms[touch.lot_id].points
        assert allocated == {lot.id: lot.remaining for lot in self.journal.lots.values()}

    def teardown(self) -> None:
        """Sequence, instants and hashes run on; nothing takes an entry back, so once is enough."""
        entries = self.journal.entries
        assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
        for earlier, later in pairwise(entries):
            assert earlier.recorded_at <= later.recorded_at
            assert earlier.effective_at <= later.effective_at
        assert all(entry.effective_at <= entry.recorded_at for entry in entries)
        matured = {entry_id: lot_id for lot_id, entry_id in self.journal.matured.items()}
        previous, balances, known = FIRST_HASH, Balances(), set[UUID]()
        for entry in entries:
            sealed = [self.terms[t.lot_id] for t in entry.touches if t.lot_id not in known]
            known.update(lot.id for lot in sealed)
            if entry.kind is EntryKind.MATURE:
                sealed = [self.journal.lots[matured[entry.id]]]
            assert entry.hash == digest.digest(previous, self.journal.member_id, entry, sealed)
            balances = balances.moved(entry.points, entry.source, entry.target)
            assert entry.after == balances
            previous = entry.hash
        assert self.journal.last_hash == previous

    @invariant()
    def what_is_due_next_is_known(self) -> None:
        journal = self.journal
        upcoming = lot_rules.next_due_at(journal.lots.values(), journal.holds.values())
        assert upcoming == self.account.next_due()


TestJournalMachine = JournalMachine.TestCase
