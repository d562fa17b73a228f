"""Money is whole minor units; what cannot be exact is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel import money
from domain.kernel.refusals import InvalidInput


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("0", "CNY", 0),
        ("19.90", "CNY", 1990),
        ("19.9", "CNY", 1990),
        ("1500", "CNY", 150000),
        ("1.5E+3", "CNY", 150000),
        ("0.01", "CNY", 1),
        ("19.900000", "CNY", 1990),
        ("1500", "JPY", 1500),
        ("1.234", "KWD", 1234),
        ("100000000000", "CNY", 10**13),
    ],
)
def test_an_amount_is_whole_minor_units(amount: str, currency: str, minor: int) -> None:
    assert money.to_minor_units(Decimal(amount), currency) == minor


@pytest.mark.parametrize(
    ("amount", "currency", "reason", "allowed"),
    [
        ("-0.01", "CNY", "negative_amount", ""),
        ("-1E+999999", "CNY", "negative_amount", ""),
        ("0.001", "CNY", "too_many_decimals", "2"),
        ("19.905", "CNY", "too_many_decimals", "2"),
        ("1.5", "JPY", "too_many_decimals", "0"),
        ("1.2345", "KWD", "too_many_decimals", "3"),
        ("1E-999999", "CNY", "too_many_decimals", "2"),
        ("0." + "1" * 60, "CNY", "too_many_decimals", "2"),
        ("100000000000.01", "CNY", "amount_too_large", "100000000000.00"),
        ("1E+999999", "CNY", "amount_too_large", "100000000000.00"),
    ],
)
def test_an_amount_that_cannot_be_is_refused_with_its_path(
    amount: str, currency: str, reason: str, allowed: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        money.to_minor_units(Decimal(amount), currency, path=("lines", "0", "amount"))
    found = refused.value
    assert (found.reason, found.allowed) == (reason, (allowed,) if allowed else ())
    assert found.path == ("lines", "0", "amount")
    assert len(found.value or "") < 64


@pytest.mark.parametrize("amount", ["Infinity", "-Infinity"])
def test_what_is_without_end_is_refused(amount: str) -> None:
    with pytest.raises(InvalidInput):
        money.to_minor_units(Decimal(amount), "CNY")


@given(st.integers(0, money.AMOUNT_MINOR_MAX), st.sampled_from(["CNY", "JPY", "KWD", "EUR"]))
def test_minor_units_and_amounts_are_one_to_one(minor: int, currency: str) -> None:
    assert money.to_minor_units(money.to_amount(minor, currency), currency) == minor
