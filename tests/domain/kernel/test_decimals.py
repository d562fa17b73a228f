"""Exact decimals: equal to their fractions, with as many places as that takes."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel import decimals


@pytest.mark.parametrize(
    ("value", "text"), [("0", "0"), ("1/4", "0.25"), ("-3/50", "-0.06"), ("135/2", "67.5")]
)
def test_a_decimal_is_written_as_it_is(value: str, text: str) -> None:
    assert str(decimals.exact(Fraction(value))) == text


@given(st.fractions(max_denominator=10**6))
def test_either_a_decimal_is_equal_or_a_factor_is_left(value: Fraction) -> None:
    left = decimals.endless(value)
    found = decimals.exact(value * left)
    assert Fraction(found) == value * left
    # no place too many
    assert found.as_tuple().exponent == 0 or found.as_tuple().digits[-1] != 0
    if left != 1:
        with pytest.raises(ValueError, match="is no decimal"):
            decimals.exact(value)


def test_a_number_of_many_digits_is_not_rounded() -> None:
    value = Fraction(10**40 + 1, 8)
    assert Fraction(decimals.exact(value)) == value
