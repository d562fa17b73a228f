"""Steps of a random history of one account, each applied to a journal and to a model of tokens.

In the model (`tests/support/tokens.py`) every point is a token of its credit: spending sorts the
tokens and takes the first ones, a hold sets them aside until it ends, arrears take the first new
ones.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    multiple,
    precondition,
    rule,
)

from domain.kernel.ids import new_id
from domain.ledger import journal as journals
from domain.ledger import lots as lot_rules
from domain.ledger.journal import Journal
from domain.ledger.lots import Lot, Touch
from domain.ledger.refusals import InsufficientPoints
from domain.ledger.values import Bucket, Cause, Entry
from tests.support.tokens import NEVER, Held, Token, Tokens, Waiting

BEGIN = datetime(2026, 3, 15, 2, 30, tzinfo=UTC)
CAUSE = Cause("partner:1")
BOOKING = "B"

few, many, soon = st.integers(1, 9), st.integers(1, 25), st.integers(1, 120)


class Spent:
    """A redemption: the key of its spent tokens, and what the journal took from each lot."""

    def __init__(self, key: UUID, touches: tuple[Touch, ...]) -> None:
        self.key = key
        self.touches = touches


class JournalSteps(RuleBasedStateMachine):
    redemptions: Bundle[Spent] = Bundle("redemptions")
    hold_ids: Bundle[UUID] = Bundle("hold_ids")
    gifts: Bundle[list[Lot]] = Bundle("gifts")

    def __init__(self) -> None:
        super().__init__()
        self.journal = Journal(member_id=new_id(), now=BEGIN)
        self.now = BEGIN
        self.account = Tokens()
        self.lots: dict[int, UUID] = {}
        self.terms: dict[UUID, Lot] = {}
        self.held: dict[UUID, tuple[Touch, ...]] = {}
        self.counts = dict.fromkeys(("issued", "redeemed", "clawed_back", "away"), 0)

    def lock(self) -> None:
        """Post what is due by now, as every write does first."""
        journals.advance(self.journal, self.now)
        self.account.advance(self.now)

    @rule(minutes=st.integers(0, 90))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    def take(self, points: int, post: Callable[[], Entry]) -> tuple[list[Token], Entry] | None:
        """Post a debit and take the same tokens, or assert that it is refused without effect."""
        left = len(self.account.tokens)
        if points > left:
            before = (len(self.journal.entries), dict(self.journal.lots), self.journal.balances)
            with pytest.raises(InsufficientPoints) as refused:
                post()
            assert (refused.value.available, refused.value.required) == (left, points)
            after = (len(self.journal.entries), dict(self.journal.lots), self.journal.balances)
            assert after == before
            return None
        entry, taken = post(), self.account.take(points)
        assert {t.lot_id: -t.points for t in entry.touches} == self.by_lot(taken)
        return taken, entry

    def by_lot(self, tokens: Sequence[Token]) -> Counter[UUID]:
        return Counter(self.lots[credit] for _, _, credit in tokens)

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

    def know(self, lot: Lot) -> int:
        self.account.credits += 1
        self.lots[self.account.credits] = lot.id
        self.terms[lot.id] = lot
        return self.account.credits

    def credit(self, lots: Sequence[Lot], count: str, sign: int) -> None:
        tokens: list[Token] = []
        for lot in lots:
            tokens += [(lot.expires_at or NEVER, lot.earned_at, self.know(lot))] * lot.points
            self.counts[count] += sign * lot.points
        self.account.back(tokens, self.now)

    @rule(points=few, minutes=st.none() | soon)
    def earn(self, points: int, minutes: int | None) -> None:
        self.lock()
        lot = self.lot(points, minutes)
        journals.earn(self.journal, lot, CAUSE)
        self.credit([lot], "issued", 1)

    @rule(points=few, matures_in=st.none() | soon, lasts=soon)
    def earn_pending(self, points: int, matures_in: int | None, lasts: int) -> None:
        """Earn points of a line that are pending; most of them mature by themselves later."""
        self.lock()
        at = None if matures_in is None else self.now + timedelta(minutes=matures_in)
        lot = replace(
            self.lot(points, None),
            available_at=None,
            booking_id=UUID(int=2),
            line_number=1,
            matures_at=at,
            matured_expires_at=at and at + timedelta(minutes=lasts),
        )
        journals.earn_pending(self.journal, lot, CAUSE)
        waiting = Waiting(BOOKING, 1, points, 0, self.now, at, lot.matured_expires_at or NEVER)
        self.account.wait(waiting)
        self.lots[waiting.credit], self.terms[lot.id] = lot.id, lot
        self.counts["issued"] += points

    @precondition(lambda self: self.account.waiting)
    @rule(data=st.data(), lasts=st.none() | soon)
    def mature(self, data: st.DataObject, lasts: int | None) -> None:
        self.lock()
        if not self.account.waiting:
            return
        one = data.draw(st.sampled_from(self.account.waiting))
        until = None if lasts is None else self.now + timedelta(minutes=lasts)
        entry = journals.mature(self.journal, self.lots[one.credit], until, CAUSE)
        assert (entry.points, entry.touches) == (one.points, ())
        self.account.mature(one, until or NEVER, self.now)

    @precondition(lambda self: self.account.waiting)
    @rule(data=st.data())
    def claw_back_pending(self, data: st.DataObject) -> None:
        self.lock()
        if not self.account.waiting:
            return
        one = data.draw(st.sampled_from(self.account.waiting))
        points = data.draw(st.integers(1, one.points))
        entry = journals.claw_back(self.journal, [Touch(self.lots[one.credit], -points)], CAUSE)
        assert (entry.source, entry.points) == (Bucket.PENDING, points)
        one.points -= points
        self.account.waiting = [left for left in self.account.waiting if left.points]
        self.counts["clawed_back"] += points

    @rule(points=many, owed=st.integers(0, 12))
    def claw_back(self, points: int, owed: int) -> None:
        """Claw back available points in spending order; if none are left, some may be owed."""
        self.lock()
        there = min(points, len(self.account.tokens))
        if there:
            drawn = lot_rules.draw_down(self.journal.lots.values(), there, self.now)
            entry = journals.claw_back(self.journal, drawn, CAUSE)
            assert {t.lot_id: -t.points for t in entry.touches} == self.by_lot(
                self.account.take(there)
            )
        if owed and not self.account.tokens:
            entry = journals.owe(self.journal, owed, CAUSE)
            assert (entry.source, entry.touches) == (Bucket.OWED, ())
            self.account.owed += owed
            there += owed
        self.counts["clawed_back"] += there

    @rule(points=few, minutes=st.none() | soon)
    def adjust_up(self, points: int, minutes: int | None) -> None:
        self.lock()
        lot = self.lot(points, minutes)
        journals.adjust_up(self.journal, lot, replace(CAUSE, reason="goodwill"))
        self.credit([lot], "away", -1)

    @rule(points=many)
    def adjust_down(self, points: int) -> None:
        self.lock()
        cause = replace(CAUSE, reason="mistake")
        if self.take(points, lambda: journals.adjust_down(self.journal, points, cause)):
            self.counts["away"] += points

    @rule(target=gifts, points=many)
    def give(self, points: int) -> "list[Lot] | MultipleResults[list[Lot]]":
        self.lock()
        cause = replace(CAUSE, transfer_id=new_id())
        taken = self.take(points, lambda: journals.transfer_out(self.journal, points, cause))
        if taken is None:
            return multiple()
        self.counts["away"] += points
        return [self.on_the_terms_of(touch) for touch in taken[1].touches]

    def on_the_terms_of(self, touch: Touch) -> Lot:
        return replace(
            self.journal.lots[touch.lot_id],
            points=abs(touch.points),
            remaining=abs(touch.points),
            booking_id=None,
            line_number=None,
            matures_at=None,
            matured_expires_at=None,
        )

    @rule(gift=consumes(gifts))
    def get(self, gift: list[Lot]) -> None:
        self.lock()
        alive = [lot for lot in gift if self.now < (lot.expires_at or NEVER)]
        lots = [replace(lot, id=new_id()) for lot in alive]
        if lots:
            journals.transfer_in(self.journal, lots, replace(CAUSE, transfer_id=new_id()))
            self.credit(lots, "away", -1)

    @rule(target=hold_ids, points=many, minutes=st.integers(1, 60))
    def hold(self, points: int, minutes: int) -> "UUID | MultipleResults[UUID]":
        self.lock()
        redemption_id = new_id()
        return redemption_id if self.take_hold(redemption_id, points, minutes) else multiple()

    @rule(redemption_id=hold_ids, points=many, minutes=st.integers(1, 60))
    def retake(self, redemption_id: UUID, points: int, minutes: int) -> None:
        """Hold points again for a redemption whose hold ended; not if it was captured."""
        self.lock()
        if redemption_id not in self.account.held and redemption_id not in self.account.spent:
            self.take_hold(redemption_id, points, minutes)

    def take_hold(self, redemption_id: UUID, points: int, minutes: int) -> bool:
        until = self.now + timedelta(minutes=minutes)
        cause = replace(CAUSE, redemption_id=redemption_id)
        taken = self.take(points, lambda: journals.hold(self.journal, points, until, cause))
        if taken is not None:
            self.account.held[redemption_id] = Held(until, taken[0])
            self.held[redemption_id] = taken[1].touches
        return taken is not None

    @rule(redemption_id=hold_ids)
    def release(self, redemption_id: UUID) -> None:
        self.lock()
        if redemption_id in self.account.held:
            cause = replace(CAUSE, redemption_id=redemption_id)
            journals.release(self.journal, redemption_id, cause)
            self.account.release(redemption_id, self.now)

    @rule(target=redemptions, redemption_id=hold_ids, data=st.data())
    def capture(self, redemption_id: UUID, data: st.DataObject) -> "Spent | MultipleResults[Spent]":
        """Spend points of a hold, even if their lots have expired since; return the rest."""
        self.lock()
        if redemption_id not in self.account.held:
            return multiple()
        most = len(self.account.held[redemption_id].tokens)
        points = data.draw(st.just(most) | st.integers(1, most))
        cause = replace(CAUSE, redemption_id=redemption_id)
        entry = journals.capture(self.journal, redemption_id, points, cause)
        assert (entry.points, entry.touches) == (points, ())
        self.account.capture(redemption_id, points, self.now)
        self.counts["redeemed"] += points
        excess = lot_rules.restore(self.held.pop(redemption_id), most - points)
        return self.spent(redemption_id, [touch for touch in excess if touch.points])

    def spent(self, key: UUID, back: Sequence[Touch]) -> Spent:
        """The tokens spent under this key, by lot, in the order in which they were drawn."""
        assert all(touch.points > 0 for touch in back)
        drawn = groupby(credit for _, _, credit in self.account.spent[key])
        runs = [(credit, len(list(same))) for credit, same in drawn]
        return Spent(key, tuple(Touch(self.lots[credit], -points) for credit, points in runs))

    @rule(target=redemptions, points=many)
    def redeem(self, points: int) -> "Spent | MultipleResults[Spent]":
        self.lock()
        taken = self.take(points, lambda: journals.redeem(self.journal, points, CAUSE))
        if taken is None:
            return multiple()
        key = new_id()
        self.account.spent[key] = taken[0]
        self.counts["redeemed"] += points
        return Spent(key, taken[1].touches)

    @rule(spent=consumes(redemptions))
    def cancel(self, spent: Spent) -> None:
        self.lock()
        self.reinstate(spent, len(self.account.spent[spent.key]))

    @rule(target=redemptions, spent=consumes(redemptions), data=st.data())
    def cancel_in_part(self, spent: Spent, data: st.DataObject) -> "Spent | MultipleResults[Spent]":
        self.lock()
        self.reinstate(spent, data.draw(st.integers(1, len(self.account.spent[spent.key]))))
        return self.spent(spent.key, ()) if self.account.spent[spent.key] else multiple()

    def reinstate(self, spent: Spent, points: int) -> None:
        back = self.account.spent[spent.key][-points:]
        entry = journals.reinstate(self.journal, spent.touches, points, CAUSE)
        assert {t.lot_id: t.points for t in entry.touches} == self.by_lot(back)
        self.account.reinstate(spent.key, points, self.now)
        self.counts["redeemed"] -= points

    @rule(target=redemptions, spent=consumes(redemptions), data=st.data(), grace=st.integers(1, 60))
    def reinstate_anew(
        self, spent: Spent, data: st.DataObject, grace: int
    ) -> "Spent | MultipleResults[Spent]":
        """Return points in new lots valid for `grace` minutes at least, even long expired ones."""
        self.lock()
        points = data.draw(st.integers(1, len(self.account.spent[spent.key])))
        at_least = self.now + timedelta(minutes=grace)
        returned = lot_rules.restore(spent.touches, points)
        lots = [
            replace(
                self.on_the_terms_of(touch),
                id=new_id(),
                available_at=self.now,
                expires_at=self.end_of(touch, at_least),
            )
            for touch in returned
        ]
        journals.reinstate_anew(self.journal, returned, lots, CAUSE)
        self.account.unspend(spent.key, points)
        self.credit(lots, "redeemed", -1)
        return self.spent(spent.key, ()) if self.account.spent[spent.key] else multiple()

    def end_of(self, touch: Touch, at_least: datetime) -> datetime | None:
        ends = self.journal.lots[touch.lot_id].expires_at
        return ends and max(ends, at_least)

    @rule(minutes=st.integers(1, 60))
    def write_by_a_clock_that_is_behind(self, minutes: int) -> None:
        self.lock()
        last = self.journal.last_recorded_at
        journals.advance(self.journal, self.now - timedelta(minutes=minutes))
        if last is not None:
            assert self.journal.now >= last
