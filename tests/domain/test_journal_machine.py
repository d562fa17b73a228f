"""Random histories of one account, against a ledger kept point by point.

Every point is a token of its lot; spending sorts the tokens and takes the first ones, a hold
puts them aside until it dies. It is slow and obviously right. After each step the journal
agrees with it, and every invariant of the ledger holds.
"""

from collections.abc import Callable
from dataclasses import replace
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
from domain.journal import FIRST_HASH, Balances, Bucket, Cause, Entry, EntryKind, Journal
from domain.ledger import Live, state_now
from domain.lots import Lot, Touch

BEGIN = datetime(2026, 3, 15, 2, 30, tzinfo=UTC)
CAUSE = Cause("partner:1")
NEVER = datetime.max.replace(tzinfo=UTC)

CREDITS = (EntryKind.EARN, EntryKind.TRANSFER_IN, EntryKind.ADJUST)
"""The kinds of entries that may make lots."""


def available_change(entry: Entry) -> int:
    into, out = entry.target is Bucket.AVAILABLE, entry.source is Bucket.AVAILABLE
    return entry.points * (into - out)


class Held:
    """A hold: the tokens that it put aside in order, and when it dies."""

    def __init__(self, tokens: list[UUID], touches: tuple[Touch, ...], until: datetime) -> None:
        self.tokens = tokens
        self.touches = touches
        self.until = until


class Spent:
    """A redemption: the tokens that it took in order, and what the journal says it took."""

    def __init__(self, tokens: list[UUID], touches: tuple[Touch, ...]) -> None:
        self.tokens = tokens
        self.touches = touches


class JournalMachine(RuleBasedStateMachine):
    redemptions: Bundle[Spent] = Bundle("redemptions")
    hold_ids: Bundle[UUID] = Bundle("hold_ids")
    gifts: Bundle[list[Lot]] = Bundle("gifts")

    def __init__(self) -> None:
        super().__init__()
        self.journal = Journal(member_id=new_id(), now=BEGIN)
        self.now = BEGIN
        self.terms: dict[UUID, Lot] = {}
        self.tokens: list[UUID] = []
        self.holds: dict[UUID, Held] = {}
        self.counts = {"issued": 0, "redeemed": 0, "expired": 0, "away": 0}

    def order(self, lot_id: UUID) -> tuple[datetime, datetime, UUID]:
        lot = self.terms[lot_id]
        return (lot.expires_at or NEVER, lot.earned_at, lot.id)

    def lock(self) -> None:
        """What every write does first: what is due by now is posted."""
        journals.advance(self.journal, self.now)
        self.expire()

    def expire(self) -> None:
        for redemption_id, hold in list(self.holds.items()):
            if hold.until <= self.now:
                self.tokens += self.holds.pop(redemption_id).tokens
        live = [t for t in self.tokens if self.now < (self.terms[t].expires_at or NEVER)]
        self.counts["expired"] += len(self.tokens) - len(live)
        self.tokens = live

    @rule(minutes=st.integers(0, 90))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    def visible(self) -> list[UUID]:
        """The tokens that a reader sees: of dead holds too, whether or not that is posted."""
        dead = [t for hold in self.holds.values() if hold.until <= self.now for t in hold.tokens]
        there = [*self.tokens, *dead]
        return [t for t in there if self.now < (self.terms[t].expires_at or NEVER)]

    def take(self, points: int, post: Callable[[], Entry]) -> tuple[list[UUID], Entry] | None:
        """Post a debit and take the same tokens, or see it refused with nothing changed."""
        if points > len(self.tokens):
            before = (len(self.journal.entries), dict(self.journal.lots), self.journal.balances)
            with pytest.raises(InsufficientPoints) as refused:
                post()
            assert (refused.value.available, refused.value.required) == (len(self.tokens), points)
            after = (len(self.journal.entries), dict(self.journal.lots), self.journal.balances)
            assert after == before
            return None
        entry = post()
        self.tokens.sort(key=self.order)
        taken, self.tokens = self.tokens[:points], self.tokens[points:]
        assert {t.lot_id: -t.points for t in entry.touches} == {t: taken.count(t) for t in taken}
        return taken, entry

    def lot(self, points: int, minutes: int | None) -> Lot:
        return Lot(
            id=new_id(),
            points=points,
            remaining=points,
            earned_at=self.now,
            available_at=self.now,
            expires_at=None if minutes is None else self.now + timedelta(minutes=minutes),
            policy_version_id=UUID(int=1),
            funder="programme",
        )

    def credit(self, lots: list[Lot], count: str, sign: int) -> None:
        for lot in lots:
            self.terms[lot.id] = lot
            self.tokens += [lot.id] * lot.points
            self.counts[count] += sign * lot.points

    @rule(points=st.integers(1, 9), minutes=st.none() | st.integers(1, 120))
    def earn(self, points: int, minutes: int | None) -> None:
        self.lock()
        lot = self.lot(points, minutes)
        journals.earn(self.journal, lot, CAUSE)
        self.credit([lot], "issued", 1)

    @rule(points=st.integers(1, 9), minutes=st.none() | st.integers(1, 120))
    def adjust_up(self, points: int, minutes: int | None) -> None:
        self.lock()
        lot = self.lot(points, minutes)
        journals.adjust_up(self.journal, lot, replace(CAUSE, reason="goodwill"))
        self.credit([lot], "away", -1)

    @rule(points=st.integers(1, 25))
    def adjust_down(self, points: int) -> None:
        self.lock()
        cause = replace(CAUSE, reason="mistake")
        if self.take(points, lambda: journals.adjust_down(self.journal, points, cause)):
            self.counts["away"] += points

    @rule(target=gifts, points=st.integers(1, 25))
    def give(self, points: int) -> "list[Lot] | MultipleResults[list[Lot]]":
        self.lock()
        cause = replace(CAUSE, transfer_id=new_id())
        taken = self.take(points, lambda: journals.transfer_out(self.journal, points, cause))
        if taken is None:
            return multiple()
        self.counts["away"] += points
        return [
            replace(self.terms[t.lot_id], id=new_id(), points=-t.points, remaining=-t.points)
            for t in taken[1].touches
        ]

    @rule(gift=consumes(gifts))
    def get(self, gift: list[Lot]) -> None:
        self.lock()
        lots = [lot for lot in gift if self.now < (lot.expires_at or NEVER)]
        if lots:
            journals.transfer_in(self.journal, lots, replace(CAUSE, transfer_id=new_id()))
            self.credit(lots, "away", -1)

    @rule(target=hold_ids, points=st.integers(1, 25), minutes=st.integers(1, 60))
    def hold(self, points: int, minutes: int) -> "UUID | MultipleResults[UUID]":
        self.lock()
        redemption_id = new_id()
        return redemption_id if self.take_hold(redemption_id, points, minutes) else multiple()

    @rule(redemption_id=hold_ids, points=st.integers(1, 25), minutes=st.integers(1, 60))
    def retake(self, redemption_id: UUID, points: int, minutes: int) -> None:
        self.lock()
        if redemption_id not in self.holds:
            self.take_hold(redemption_id, points, minutes)

    def take_hold(self, redemption_id: UUID, points: int, minutes: int) -> bool:
        until = self.now + timedelta(minutes=minutes)
        cause = replace(CAUSE, redemption_id=redemption_id)
        taken = self.take(points, lambda: journals.hold(self.journal, points, until, cause))
        if taken is not None:
            self.holds[redemption_id] = Held(taken[0], taken[1].touches, until)
        return taken is not None

    @rule(redemption_id=hold_ids)
    def release(self, redemption_id: UUID) -> None:
        self.lock()
        if redemption_id in self.holds:
            journals.release(
                self.journal, redemption_id, replace(CAUSE, redemption_id=redemption_id)
            )
            self.tokens += self.holds.pop(redemption_id).tokens
            self.expire()

    @rule(target=redemptions, redemption_id=hold_ids)
    def capture(self, redemption_id: UUID) -> "Spent | MultipleResults[Spent]":
        """Also of points whose lots have expired since: the hold has not."""
        self.lock()
        if redemption_id not in self.holds:
            return multiple()
        hold = self.holds.pop(redemption_id)
        cause = replace(CAUSE, redemption_id=redemption_id)
        entry = journals.capture(self.journal, redemption_id, len(hold.tokens), cause)
        assert (entry.points, entry.touches) == (len(hold.tokens), ())
        self.counts["redeemed"] += len(hold.tokens)
        return Spent(hold.tokens, hold.touches)

    @rule(target=redemptions, points=st.integers(1, 25))
    def redeem(self, points: int) -> "Spent | MultipleResults[Spent]":
        self.lock()
        taken = self.take(points, lambda: journals.redeem(self.journal, points, CAUSE))
        if taken is None:
            return multiple()
        self.counts["redeemed"] += points
        return Spent(taken[0], taken[1].touches)

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
        journal, visible = self.journal, len(self.visible())
        live = Live(tuple(journal.lots.values()), tuple(journal.holds.values()))
        seen = state_now(journal.member_id, journal.balances, live, self.now)
        assert seen.balances.available == visible
        assert lot_rules.spendable_points(seen.lots, self.now) == visible
        alive = [hold for hold in self.holds.values() if self.now < hold.until]
        assert seen.balances.held == sum(len(hold.tokens) for hold in alive)

    @invariant()
    def every_lot_holds_its_tokens(self) -> None:
        held = {lot.id: lot.remaining for lot in self.journal.lots.values()}
        assert held == {lot_id: self.tokens.count(lot_id) for lot_id in self.terms}
        assert all(0 <= lot.remaining <= lot.points for lot in self.journal.lots.values())

    @invariant()
    def balances_are_the_sum_of_lots_and_of_entries(self) -> None:
        available, held = len(self.tokens), sum(len(h.tokens) for h in self.holds.values())
        assert self.journal.balances == Balances(available=available, held=held)
        assert sum(available_change(entry) for entry in self.journal.entries) == available
        assert self.counts["issued"] == (
            available
            + held
            + self.counts["redeemed"]
            + self.counts["expired"]
            + self.counts["away"]
        )

    @invariant()
    def open_holds_are_those_put_aside(self) -> None:
        assert {key: (h.points, h.expires_at) for key, h in self.journal.holds.items()} == {
            key: (len(held.tokens), held.until) for key, held in self.holds.items()
        }

    @invariant()
    def every_entry_is_fully_allocated(self) -> None:
        for entry in self.journal.entries:
            assert sum(touch.points for touch in entry.touches) == available_change(entry)
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
        return entry.kind in CREDITS and entry.target is Bucket.AVAILABLE

    @invariant()
    def what_is_due_next_is_known(self) -> None:
        ends = [self.terms[t].expires_at for t in self.tokens]
        ends += [hold.until for hold in self.holds.values()]
        upcoming = min((instant for instant in ends if instant is not None), default=None)
        journal = self.journal
        assert lot_rules.next_due_at(journal.lots.values(), journal.holds.values()) == upcoming


TestJournalMachine = JournalMachine.TestCase
