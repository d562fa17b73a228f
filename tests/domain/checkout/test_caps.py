"""Caps in money: what points may pay, and the fewest points that pay it."""

from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.checkout.caps import Cap, LineCap, check_points
from domain.checkout.refusals import ShareExceeded
from domain.programmes.terms import OffsetTerms


def cap_at(cap_minor: int, worth_each: Fraction, *, step: int = 1) -> Cap:
    """A line that points may pay this much of; a point buys `worth_each` minor units."""
    terms = OffsetTerms.model_validate(
        {"step": step, "minimum": step, "shares": [{"percent": 100}]}
    )
    return Cap((LineCap(1, Decimal(100), cap_minor),), cap_minor, worth_each, terms)


def test_the_cap_is_in_money() -> None:
    """JPY 50, of which points may pay all; 100 points are worth JPY 3."""
    cap = cap_at(50, Fraction(3, 100))
    assert cap.points_max == 1667
    check_points(cap, 1667)
    assert (cap.worth_minor(1667), cap.paying(1667)) == (50, 1667)
    # these buy JPY 50 as well, so they are not too many, and no more than 1667 are taken
    check_points(cap, 1699)
    assert cap.paying(1699) == 1667
    with pytest.raises(ShareExceeded) as refused:
        check_points(cap, 1700)
    assert refused.value.facts["max_points"] == 1667


def test_a_point_that_buys_nothing_is_not_offered() -> None:
    cap = cap_at(100, Fraction(1, 13))
    assert [cap.offered(points) for points in (41, 39, 38, 12, 0)] == [39, 39, 26, 0, 0]
    assert cap_at(3, Fraction(1, 13)).points_max == 39
    assert cap_at(100, Fraction(1, 13), step=10).offered(41) == 40
    assert cap_at(100, Fraction(1, 13), step=10).offered(51) == 40
    assert cap_at(0, Fraction(1, 13)).points_max == 0


@given(
    cap_minor=st.integers(0, 10_000),
    worth_each=st.fractions(Fraction(1, 500), 50, max_denominator=500),
    step=st.sampled_from([1, 7, 100]),
    owned=st.integers(0, 20_000),
)
def test_what_is_offered_buys_as_much_as_can_be_bought_and_no_step_of_it_is_idle(
    cap_minor: int, worth_each: Fraction, step: int, owned: int
) -> None:
    cap = cap_at(cap_minor, worth_each, step=step)
    offered = cap.offered(owned)
    steps = range(0, owned + 1, step)
    worths = [floor(points * worth_each) for points in steps]
    best = max(worth for worth in worths if worth <= cap_minor)
    assert offered == steps[worths.index(best)]
    if best:
        check_points(cap, offered)
        assert cap.worth_minor(cap.paying(offered)) == best
        assert offered - step < cap.paying(offered) <= offered


@given(
    cap_minor=st.integers(1, 500),
    worth_each=st.fractions(Fraction(1, 50), 5, max_denominator=50),
    points=st.integers(1, 50_000),
)
def test_points_are_refused_where_their_worth_is_more_than_the_cap(
    cap_minor: int, worth_each: Fraction, points: int
) -> None:
    cap, worth = cap_at(cap_minor, worth_each), floor(points * worth_each)
    if worth > cap_minor:
        with pytest.raises(ShareExceeded):
            check_points(cap, points)
    elif worth:
        check_points(cap, points)
