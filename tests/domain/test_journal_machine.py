"""Random histories of one account, against a ledger kept point by point.

Every point is a token of its lot; spending sorts the tokens and takes the first ones. It is
slow and obviously right. After each step the journal agrees with it, and every invariant
of the ledger holds.
"""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    precondition,
    rule,
)

from domain import journal as journals
from domain import lots as lot_rules
from domain.errors import InsufficientPoints
from domain.ids import new_id
from domain.journal import FIRST_HASH, Balances, Cause, Entry, EntryKind, Journal
from domain.lots import Lot, Touch

BEGIN = datetime(2026, 3, 15, 2, 30, tzinfo=UTC)
CAUSE = Cause("partner:1")
NEVER = datetime.max.replace(tzinfo=UTC)

SIGNS = {
    EntryKind.EARN: 1,
    EntryKind.REDEEM: -1,
    EntryKind.REINSTATE: 1,
    EntryKind.EXPIRE: -1,
}
"""What each kind does to the available balance."""


class Spent:
    """A redemption: the tokens that it took in order, and what the journal says it took."""

    def __init__(self, tokens: list[UUID], touches: tuple[Touch, ...]) -> None:
        self.tokens = tokens
        self.touches = touches


class JournalMachine(RuleBasedStateMachine):
    redemptions: Bundle[Spent] = Bundle("redemptions")

    def __init__(self) -> None:
        super().__init__()
        self.journal = Journal(member_id=new_id(), now=BEGIN)
        self.now = BEGIN
        self.terms: dict[UUID, Lot] = {}
        self.tokens: list[UUID] = []
        self.counts = {"issued": 0, "redeemed": 0, "expired": 0}

    def order(self, lot_id: UUID) -> tuple[datetime, datetime, UUID]:
        lot = self.terms[lot_id]
        return (lot.expires_at or NEVER, lot.earned_at, lot.id)

    def lock(self) -> None:
        """What every write does first: what is due by now is posted."""
        journals.advance(self.journal, self.now)
        self.expire()

    def expire(self) -> None:
        live = [t for t in self.tokens if self.now < (self.terms[t].expires_at or NEVER)]
        self.counts["expired"] += len(self.tokens) - len(live)
        self.tokens = live

    @rule(minutes=st.integers(0, 90))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(points=st.integers(1, 9), minutes=st.none() | st.integers(1, 120))
    def earn(self, points: int, minutes: int | None) -> None:
        self.lock()
        lot = Lot(
            id=new_id(),
            points=points,
            remaining=points,
            earned_at=self.now,
            available_at=self.now,
            expires_at=None if minutes is None else self.now + timedelta(minutes=minutes),
            policy_version_id=UUID(int=1),
            funder="programme",
        )
        journals.earn(self.journal, lot, CAUSE)
        self.terms[lot.id] = lot
        self.tokens += [lot.id] * points
        self.counts["issued"] += points

    @rule(target=redemptions, points=st.integers(1, 25))
    def redeem(self, points: int) -> "Spent | MultipleResults[Spent]":
        self.lock()
        if points > len(self.tokens):
            before = (len(self.journal.entries), dict(self.journal.lots), self.journal.balances)
            with pytest.raises(InsufficientPoints) as refused:
                journals.redeem(self.journal, points, CAUSE)
            assert (refused.value.available, refused.value.required) == (len(self.tokens), points)
            after = (len(self.journal.entries), dict(self.journal.lots), self.journal.balances)
            assert after == before
            return multiple()
        entry = journals.redeem(self.journal, points, CAUSE)
        self.tokens.sort(key=self.order)
        taken, self.tokens = self.tokens[:points], self.tokens[points:]
        self.counts["redeemed"] += points
        return Spent(taken, entry.touches)

    @rule(spent=consumes(redemptions))
    def cancel(self, spent: Spent) -> None:
        self.lock()
        self.reinstate(spent, len(spent.tokens))

    @rule(target=redemptions, spent=consumes(redemptions), data=st.data())
    def cancel_in_part(self, spent: Spent, data: st.DataObject) -> "Spent | MultipleResults[Spent]":
        self.lock()
        points = data.draw(st.integers(1, len(spent.tokens)))
        left = self.reinstate(spent, points)
        return left if left.tokens else multiple()

    def reinstate(self, spent: Spent, points: int) -> Spent:
        entry = journals.reinstate(self.journal, spent.touches, points, CAUSE)
        back = spent.tokens[-points:]
        assert {t.lot_id: t.points for t in entry.touches} == {
            lot_id: back.count(lot_id) for lot_id in back
        }
        self.tokens += back
        self.counts["redeemed"] -= points
        self.expire()
        given = {touch.lot_id: touch.points for touch in entry.touches}
        left = (Touch(t.lot_id, t.points + given.get(t.lot_id, 0)) for t in spent.touches)
        return Spent(spent.tokens[:-points], tuple(t for t in left if t.points))

    @rule(minutes=st.integers(1, 60))
    def write_by_a_clock_that_is_behind(self, minutes: int) -> None:
        self.lock()
        last = self.journal.last_recorded_at
        journals.advance(self.journal, self.now - timedelta(minutes=minutes))
        if last is not None:
            assert self.journal.now >= last

    @invariant()
    def a_reader_sees_what_is_left_without_anything_being_written(self) -> None:
        left = [t for t in self.tokens if self.now < (self.terms[t].expires_at or NEVER)]
        assert lot_rules.spendable_points(self.journal.lots.values(), self.now) == len(left)
        due = sum(one.points for one in lot_rules.due(self.journal.lots.values(), self.now))
        assert self.journal.balances.available - due == len(left)

    @invariant()
    def every_lot_holds_its_tokens(self) -> None:
        held = {lot.id: lot.remaining for lot in self.journal.lots.values()}
        assert held == {lot_id: self.tokens.count(lot_id) for lot_id in self.terms}
        assert all(0 <= lot.remaining <= lot.points for lot in self.journal.lots.values())

    @invariant()
    def balances_are_the_sum_of_lots_and_of_entries(self) -> None:
        available = len(self.tokens)
        assert self.journal.balances == Balances(available=available)
        assert sum(SIGNS[e.kind] * e.points for e in self.journal.entries) == available
        assert self.counts["issued"] == (
            available + self.counts["redeemed"] + self.counts["expired"]
        )

    @invariant()
    def every_entry_is_fully_allocated(self) -> None:
        for entry in self.journal.entries:
            assert sum(touch.points for touch in entry.touches) == SIGNS[entry.kind] * entry.points
            assert len({touch.lot_id for touch in entry.touches}) == len(entry.touches)
        allocated: dict[UUID, int] = dict.fromkeys(self.terms, 0)
        for entry in self.journal.entries:
            for touch in entry.touches:
                allocated[touch.lot_id] += touch.points
                assert 0 <= allocated[touch.lot_id] <= self.terms[touch.lot_id].points
        assert allocated == {lot.id: lot.remaining for lot in self.journal.lots.values()}

    @precondition(lambda self: self.journal.entries)
    @invariant()
    def sequence_instants_and_hashes_run_on(self) -> None:
        entries = self.journal.entries
        assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
        for earlier, later in pairwise(entries):
            assert earlier.recorded_at <= later.recorded_at
            assert earlier.effective_at <= later.effective_at
        assert all(entry.effective_at <= entry.recorded_at for entry in entries)
        previous, balances = FIRST_HASH, Balances()
        for entry in entries:
            credited = [self.terms[t.lot_id] for t in entry.touches if self.credits(entry)]
            assert entry.hash == journals.digest(previous, self.journal.member_id, entry, credited)
            balances = balances.moved(entry.points, entry.source, entry.target)
            assert entry.after == balances
            previous = entry.hash
        assert self.journal.last_hash == previous

    @staticmethod
    def credits(entry: Entry) -> bool:
        return entry.kind is EntryKind.EARN

    @invariant()
    def what_is_due_next_is_known(self) -> None:
        live = [self.terms[t].expires_at for t in self.tokens]
        upcoming = min((instant for instant in live if instant is not None), default=None)
        assert lot_rules.next_due_at(self.journal.lots.values()) == upcoming


TestJournalMachine = JournalMachine.TestCase
