"""What rules have granted after refunds: in any order no more and no less than for what is left."""

from math import ceil

import pytest
from hypothesis import given

from domain.bookings import booking_state, reversals
from domain.bookings.booking_state import BookingState
from domain.earning.values import Allowance
from domain.programmes import reader
from tests.domain.bookings.test_refund_properties import (
    applied,
    booking,
    document,
    stories,
    together,
)
from tests.support import factories as make


@given(story=stories())
def test_what_is_left_earns_as_a_booking_of_just_that(
    story: tuple[BookingState, list[list[tuple[int, int]]]],
) -> None:
    """But for a rule that would grant more than it did: it stays at what it granted. A point by
    which one rule is rounded down may be kept by another, so that no order matters.
    """
    state, parts = story
    after = applied(state, together(parts))
    found = reversals.evaluate(after, booking_state.cash_left(after))
    granted = {award.rule: award.points for award in found.awards}
    for rule, points in after.granted.items():
        least = min(state.awarded[rule], granted.get(rule, 0))
        assert least <= points <= min(state.awarded[rule], least + 1)
    if not state.snapshot["allowances"].keys() - {"over"}:
        most = {
            rule: min(n, ceil(found.shares.get(rule, granted.get(rule, 0))))
            for rule, n in state.awarded.items()
        }
        assert sum(after.granted.values()) == min(found.points, sum(most.values()))


def test_a_point_that_rounding_moves_between_rules_is_kept_in_any_order() -> None:
    """1.59 earns 1, and 1 for its tier: 1.58 earns as much, and 0.86 one point."""
    terms = document(100, 7, "1")
    state = booking(terms, "gold", [("flight", 159, 0)])
    parts = [[(1, 1)], [(1, 72)]]
    kept = []
    for order in (parts, parts[::-1], [together(parts)]):
        after = state
        for part in order:
            after = applied(after, part)
        kept.append(sum(after.granted.values()))
    assert kept == [1, 1, 1]


@pytest.mark.parametrize(
    "left", [Allowance(times=0), Allowance(points=5), Allowance(budget=5)], ids=str
)
def test_what_a_bonus_did_not_grant_is_not_kept_by_another_rule(left: Allowance) -> None:
    """11.99 earns 11, and 3 for its tier. Of 10.59 that is 10 and 2, whatever a bonus would have
    granted that has little left, or nothing.
    """
    base, over = make.rule("rate", "base", points=1), make.rule("bonus", "over", points=77)
    worth = {"worth": {"points": 100, "money": 1}, "available": "at_payment"}
    terms = reader.validate(make.variant(base, over, points=worth))
    state = booking(terms, "gold", [("flight", 1199, 0)], {"over": left})
    bonus = 0 if left.times == 0 else 5
    assert sum(state.granted.values()) == 14 + bonus
    after = applied(state, [(1, 140)])
    assert sum(after.granted.values()) == 12 + bonus
    assert after.granted["base"] == 10


def test_what_was_taken_off_a_rule_is_not_kept_by_another() -> None:
    """40 earn 40, and as much again, of which a budget has 30: 38.03 earn 38 and 30."""
    base = make.rule("rate", "base", points=1)
    double = make.rule("multiplier", "double", factor=2, _class="campaign")
    worth = {"worth": {"points": 100, "money": 1}, "available": "at_payment"}
    terms = reader.validate(make.variant(base, double, points=worth))
    state = booking(terms, "silver", [("flight", 4000, 0)], {"double": Allowance(budget=30)})
    assert state.granted == {"base": 40, "double": 30}
    assert applied(state, [(1, 197)]).granted == {"base": 38, "double": 30}


def test_a_line_keeps_its_base_rule_when_a_refund_takes_it_below() -> None:
    """A hotel of 20 earned by a rule from 7 on, a flight of 5 by another: whichever refund comes
    first, the other rule does not come to the rest of the hotel.
    """
    terms = document(100, 7, "1")
    state = booking(terms, "silver", [("hotel", 2000, 0), ("flight", 500, 0)])
    parts = [[(2, 500)], [(1, 1500)]]
    for order in (parts, parts[::-1], [together(parts)]):
        after = state
        for part in order:
            after = applied(after, part)
        assert after.granted["base"] == 0
        assert after.granted["bulk"] == 0
