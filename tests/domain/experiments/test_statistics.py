"""What an experiment proves, by figures that are written down and by what holds of all."""

from decimal import Decimal
from fractions import Fraction
from statistics import variance

from hypothesis import given
from hypothesis import strategies as st

from domain.experiments.statistics import (
    Interval,
    Sample,
    chi_squared,
    cost_per_extra,
    difference,
    is_split_broken,
)

EVEN = (50, 50)


def share(members: int, reached: int, cost: Decimal = Decimal(0)) -> Sample:
    """Of so many members each has 1 or 0."""
    return Sample(members, Decimal(reached), Decimal(reached), cost)


def compared(first: int, second: int, variants: int = 2, cost: str = "0") -> Interval:
    """Two shares of 5000 members each, the second of which cost so much more a member."""
    control, other = share(5000, first), share(5000, second)
    found = difference(control, other, variants, of_shares=True)
    assert found is not None
    if cost == "0":
        return found.rounded(6)
    dearer = share(5000, second, 5000 * Decimal(cost))
    each = cost_per_extra(control, dearer, found)
    assert each is not None
    return each.rounded(2)


def test_a_split_is_read_or_broken() -> None:
    assert chi_squared((5100, 4900), EVEN) == 4
    assert chi_squared((5200, 4800), EVEN) == 16
    assert not is_split_broken((5100, 4900), EVEN)
    assert is_split_broken((5200, 4800), EVEN)
    assert chi_squared((0, 0), EVEN) == 0
    assert chi_squared((60, 30, 10), (60, 30, 10)) == 0
    # just above and below what three variants have once in a thousand
    assert is_split_broken((1000, 1000, 1151), (34, 33, 33))
    assert not is_split_broken((1000, 1000, 1000), (34, 33, 33))


def test_differences_have_the_intervals_that_are_written_down() -> None:
    assert compared(600, 690) == Interval(
        Decimal("0.018000"), Decimal("0.004865"), Decimal("0.031135"), proved=True
    )
    assert compared(600, 690, 3).low == Decimal("0.002979")
    assert compared(600, 750).low == Decimal("0.016618")
    assert compared(600, 750, cost="0.81") == Interval(
        Decimal("27.00"), Decimal("18.67"), Decimal("48.74"), proved=True
    )
    assert compared(600, 690, cost="0.54") == Interval(
        Decimal("30.00"), Decimal("17.34"), Decimal("110.99"), proved=True
    )
    assert not compared(600, 610).proved


def test_what_cannot_be_said_is_none() -> None:
    nobody, one = share(0, 0), share(1, 1)
    assert difference(nobody, one, 2, of_shares=True) is None
    assert difference(one, one, 2, of_shares=False) is None
    unproved = difference(one, one, 2, of_shares=True)
    assert unproved == Interval(Decimal(0), Decimal(0), Decimal(0), proved=False)
    assert cost_per_extra(one, one, unproved) is None
    assert cost_per_extra(one, one, None) is None


amounts = st.lists(st.integers(0, 10**9), min_size=2, max_size=30)


def sample(values: list[int]) -> Sample:
    squares = sum(value * value for value in values)
    return Sample(len(values), Decimal(sum(values)), Decimal(squares))


@given(amounts, amounts, st.integers(2, 5))
def test_an_interval_is_about_the_difference_of_means(
    first: list[int], second: list[int], variants: int
) -> None:
    found = difference(sample(first), sample(second), variants, of_shares=False)
    assert found is not None
    exact = Fraction(sum(second), len(second)) - Fraction(sum(first), len(first))
    assert abs(Fraction(found.estimate) - exact) < Fraction(1, 10**12)
    assert found.low <= found.estimate <= found.high
    wide = (variance(map(Fraction, one)) / len(one) for one in (first, second))
    half = Fraction(found.high - found.low) / 2
    z = {2: "1.959964", 3: "2.241403", 4: "2.393980", 5: "2.497705"}[variants]
    square = Fraction(z) ** 2 * sum(wide)
    assert abs(half * half - square) <= square / 10**12 + Fraction(1, 10**12)
    # the other way round it is the same with the other sign
    back = difference(sample(second), sample(first), variants, of_shares=False)
    assert back is not None
    assert (back.low, back.high, back.proved) == (-found.high, -found.low, found.proved)


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=5), st.data())
def test_a_split_knows_no_order_and_grows_with_the_numbers(
    counts: list[int], data: st.DataObject
) -> None:
    weights = [100 // len(counts)] * (len(counts) - 1)
    weights.append(100 - sum(weights))
    pairs = list(zip(counts, weights, strict=True))
    mixed = data.draw(st.permutations(pairs))
    found = chi_squared(counts, weights)
    assert chi_squared(*map(list, zip(*mixed, strict=True))) == found
    assert chi_squared([3 * one for one in counts], weights) == 3 * found
    assert found >= 0
