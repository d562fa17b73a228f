"""Lots: which points go first, where they come back to, and when they are gone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.ledger import lots
from domain.ledger.lots import DueChange, Lot, Touch
from domain.ledger.refusals import InsufficientPoints

NOW = datetime(2026, 3, 15, 2, 30, tzinfo=UTC)
VERSION = UUID(int=99)


def lot(
    number: int,
    points: int,
    expires_at: datetime | None = None,
    *,
    remaining: int | None = None,
    earned_at: datetime = NOW - timedelta(days=30),
    available_at: datetime | None = NOW - timedelta(days=30),
) -> Lot:
    return Lot(
        id=UUID(int=number),
        points=points,
        remaining=points if remaining is None else remaining,
        earned_at=earned_at,
        available_at=available_at,
        expires_at=expires_at,
        policy_version_id=VERSION,
        funder="programme",
    )


def apply(held: list[Lot], touches: tuple[Touch, ...]) -> list[Lot]:
    change = {touch.lot_id: touch.points for touch in touches}
    assert len(change) == len(touches), "a lot is touched once"
    return [replace(one, remaining=one.remaining + change.get(one.id, 0)) for one in held]


A = lot(1, 100, datetime(2026, 6, 30, 16, tzinfo=UTC))
B = lot(2, 50, datetime(2026, 3, 31, 16, tzinfo=UTC))
C = lot(3, 70)


def test_points_go_earliest_expiry_first() -> None:
    taken = lots.draw_down([A, B, C], 120, NOW)
    assert taken == (Touch(B.id, -50), Touch(A.id, -70))
    left = {one.id: one.remaining for one in apply([A, B, C], taken)}
    assert left == {A.id: 30, B.id: 0, C.id: 70}


def test_points_that_never_expire_go_last() -> None:
    assert lots.draw_down([C, A, B], 220, NOW) == (
        Touch(B.id, -50),
        Touch(A.id, -100),
        Touch(C.id, -70),
    )


def test_of_equal_expiry_the_oldest_goes_first_then_the_lower_id() -> None:
    older = lot(9, 10, A.expires_at, earned_at=NOW - timedelta(days=40))
    twin = lot(8, 10, A.expires_at)
    twin_first = lot(7, 10, A.expires_at)
    assert [t.lot_id.int for t in lots.draw_down([twin, twin_first, older], 30, NOW)] == [9, 7, 8]


def test_points_come_back_newest_allocation_first() -> None:
    taken = lots.draw_down([A, B, C], 200, NOW)
    assert taken == (Touch(B.id, -50), Touch(A.id, -100), Touch(C.id, -50))
    assert lots.restore(taken, 60) == (Touch(C.id, 50), Touch(A.id, 10))
    assert lots.restore(taken, 200) == (Touch(C.id, 50), Touch(A.id, 100), Touch(B.id, 50))


def test_no_more_comes_back_than_was_taken() -> None:
    with pytest.raises(ValueError, match="221 points are more than were taken"):
        lots.restore(lots.draw_down([A, B, C], 220, NOW), 221)


def test_more_than_there_is_is_refused_and_says_what_there_is() -> None:
    with pytest.raises(InsufficientPoints) as refused:
        lots.draw_down([A, B, C], 221, NOW)
    assert (refused.value.available, refused.value.required) == (220, 221)


def test_a_lot_is_unspendable_the_instant_it_expires() -> None:
    assert B.expires_at is not None
    moment = timedelta(microseconds=1)
    assert B.spendable(B.expires_at - moment)
    assert not B.spendable(B.expires_at)
    assert lots.spendable_points([A, B, C], B.expires_at - moment) == 220
    assert lots.spendable_points([A, B, C], B.expires_at) == 170


def test_pending_points_cannot_be_spent() -> None:
    pending = lot(4, 10, available_at=None)
    later = lot(5, 10, available_at=NOW + timedelta(seconds=1))
    assert lots.spendable_points([pending, later], NOW) == 0
    assert lots.spendable_points([pending, later], NOW + timedelta(seconds=1)) == 10


def all_due(lots_held: list[Lot], now: datetime) -> tuple[DueChange, ...]:
    """Each thing due in its turn, applied before the next one is asked for."""
    left, found = {one.id: one for one in lots_held}, []
    agenda = lots.Agenda(left, {}, now)
    while one := agenda.next():
        found.append(one)
        left |= {changed.id: changed for changed in apply(list(left.values()), one.touches)}
    return tuple(found)


def test_what_is_due_is_told_per_instant_oldest_first() -> None:
    together = lot(4, 5, B.expires_at, earned_at=NOW - timedelta(days=60))
    empty = lot(5, 9, B.expires_at, remaining=0)
    assert B.expires_at is not None
    assert A.expires_at is not None
    assert all_due([A, B, C, together, empty], NOW) == ()
    assert all_due([A, B, C, together, empty], A.expires_at) == (
        DueChange(B.expires_at, (Touch(together.id, -5), Touch(B.id, -50))),
        DueChange(A.expires_at, (Touch(A.id, -100),)),
    )


def test_the_next_thing_due_is_the_earliest_expiry_of_points_that_are_left() -> None:
    assert lots.next_due_at([C], ()) is None
    assert lots.next_due_at([A, B, C], ()) == B.expires_at
    assert lots.next_due_at([A, replace(B, remaining=0), C], ()) == A.expires_at


held = st.lists(
    st.builds(
        lambda number, points, left, expiry, age: lot(
            number,
            points,
            None if expiry is None else NOW + timedelta(hours=expiry),
            remaining=points * left // 100,
            earned_at=NOW - timedelta(days=age),
        ),
        st.integers(1, 10**6),
        st.integers(1, 10**6),
        st.integers(0, 100),
        st.none() | st.integers(-48, 48),
        st.integers(0, 3),
    ),
    max_size=8,
    unique_by=lambda one: one.id,
)


@given(held, st.data())
def test_drawing_takes_exactly_what_is_asked_in_spend_order(
    lots_held: list[Lot], data: st.DataObject
) -> None:
    spendable = lots.spendable_points(lots_held, NOW)
    assume(spendable)
    wanted = data.draw(st.integers(1, spendable))
    taken = lots.draw_down(lots_held, wanted, NOW)
    after = {one.id: one for one in apply(lots_held, taken)}
    assert sum(touch.points for touch in taken) == -wanted
    assert all(0 <= one.remaining <= one.points for one in after.values())
    in_order = sorted((one for one in lots_held if one.spendable(NOW)), key=lots.spend_order)
    # a lot is only broken when all before it are used up
    broken = [one for one in in_order if after[one.id].remaining]
    untouched = broken[1:]
    assert all(after[one.id] == one for one in untouched)
    assert {touch.lot_id for touch in taken} <= {one.id for one in in_order}


@given(held, st.data())
def test_what_is_drawn_and_restored_leaves_the_same_lots(
    lots_held: list[Lot], data: st.DataObject
) -> None:
    spendable = lots.spendable_points(lots_held, NOW)
    assume(spendable)
    wanted = data.draw(st.integers(1, spendable))
    taken = lots.draw_down(lots_held, wanted, NOW)
    back = lots.restore(taken, wanted)
    assert apply(apply(lots_held, taken), back) == lots_held


@given(held, st.data())
def test_restoring_in_parts_is_restoring_at_once(lots_held: list[Lot], data: st.DataObject) -> None:
    spendable = lots.spendable_points(lots_held, NOW)
    assume(spendable)
    wanted = data.draw(st.integers(1, spendable))
    part = data.draw(st.integers(0, wanted))
    taken = lots.draw_down(lots_held, wanted, NOW)
    back = lots.restore(taken, part)
    assert sum(touch.points for touch in back) == part
    given_back = {touch.lot_id: touch.points for touch in back}
    # what stays taken is the oldest part: a prefix of what was drawn
    kept = [-touch.points - given_back.get(touch.lot_id, 0) for touch in taken]
    assert sum(kept) == wanted - part
    whole = [k == -t.points for k, t in zip(kept, taken, strict=True)]
    assert whole == sorted(whole, reverse=True)


@given(held, st.integers(-71, 72))
def test_what_is_due_and_what_is_left_are_all(lots_held: list[Lot], hours: int) -> None:
    now = NOW + timedelta(hours=hours)
    due = all_due(lots_held, now)
    assert [one.at for one in due] == sorted({one.at for one in due})
    assert all(one.at <= now for one in due)
    assert all(one.points == -sum(t.points for t in one.touches) > 0 for one in due)
    after = lots_held
    for one in due:
        after = apply(after, one.touches)
    assert all_due(after, now) == ()
    spendable = lots.spendable_points(lots_held, now)
    assert lots.spendable_points(after, now) == spendable
    assert sum(one.remaining for one in lots_held) == spendable + sum(one.points for one in due)
    upcoming = lots.next_due_at(after, ())
    assert upcoming is None or upcoming > now
