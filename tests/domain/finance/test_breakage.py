"""Breakage, to the figures of standards and handbooks."""

from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.finance import breakage
from domain.finance.breakage import Cohort
from domain.programmes.terms import FinanceTerms
from domain.valuation import amounts


def cohort(amount: int, points: int, redeemed: int = 0, dead: int = 0) -> Cohort:
    """Points that were deferred at an amount, redeemed first; the others died behind them."""
    revenue = amounts.carried(amount, points, redeemed)
    released = amounts.carried(amount, points, redeemed + dead) - revenue
    return Cohort(
        points - redeemed - dead, amount - revenue - released, redeemed, revenue, dead, released
    )


def terms(rate: str, method: Literal["remote", "proportional"] = "proportional") -> FinanceTerms:
    return FinanceTerms(breakage=Decimal(rate), method=method)


@pytest.mark.parametrize(
    ("redeemed", "dead", "revenue", "earned"),
    [
        (0, 0, 0, 0),
        (1000, 0, 793, 198),
        (1600, 0, 1269, 318),
        (1600, 400, 1269, 318),
        (1000, 600, 793, 340),
        (1800, 0, 1428, 159),
        (2000, 0, 1587, 0),
        (0, 2000, 0, 1587),
    ],
)
def test_breakage_is_earned_in_proportion_to_what_is_redeemed(
    redeemed: int, dead: int, revenue: int, earned: int
) -> None:
    own = cohort(1587, 2000, redeemed, dead)
    assert own.revenue == revenue
    assert breakage.earned(own, terms("0.2")) == earned


def test_what_dies_is_earned_then_where_it_is_remote() -> None:
    assert breakage.earned(cohort(1587, 2000, 1000), terms("0.2", "remote")) == 0
    own = cohort(1587, 2000, 1000, 600)
    assert breakage.earned(own, terms("0.2", "remote")) == own.released == 476


def test_the_handbooks_come_to_these_figures() -> None:
    """KPMG, Revenue – IFRS 15 handbook, examples 10A and 10B: 9 000 for 10 000 points, of which
    9 700 are expected, then 9 900 or 9 200. IFRS 15, example 52: 8 676, of which 9 500, then 9 700.
    """

    def earned(amount: int, redeemed: int, expected: int) -> Decimal:
        kept = 1 - Decimal(expected) / 10_000
        found = breakage.proportional(cohort(amount, 10_000, redeemed), kept)
        return Decimal(found).scaleb(-2)

    second = earned(900_000, 4_500, 9_700)
    assert round(second) == 4175
    assert round(earned(900_000, 8_500, 9_900) - second) == 3552
    assert round(earned(900_000, 8_500, 9_200) - second) == 4140
    assert round(earned(900_000, 9_900, 9_900)) == 9000
    points = amounts.share(100_000_00, 9_500_00)
    first = earned(points, 4_500, 9_500)
    assert round(first) == 4110
    assert round(Decimal(points).scaleb(-2) - first) == 4566
    assert round(earned(points, 8_500, 9_700) - first) == 3493


@given(
    st.integers(0, 10**9),
    st.integers(1, 10**6),
    st.integers(0, 1_000_000),
    st.data(),
)
def test_nothing_is_earned_twice_and_all_in_the_end(
    amount: int, points: int, millionths: int, data: st.DataObject
) -> None:
    rate = Decimal(millionths).scaleb(-6)
    redeemed = data.draw(st.integers(0, points))
    dead = data.draw(st.integers(0, points - redeemed))
    own = cohort(amount, points, redeemed, dead)
    whole = breakage.proportional(own, rate)
    assert own.revenue <= whole <= amount
    if redeemed < points - dead:
        following = cohort(amount, points, redeemed + 1, dead)
        assert breakage.proportional(following, rate) >= whole
    assert (
        breakage.proportional(cohort(amount, points, redeemed, points - redeemed), rate) == amount
    )
