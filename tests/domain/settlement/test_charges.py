"""What a month comes to: exact sums, each rounded once."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.partners.terms import (
    FEE_DECIMALS_MAX,
    FEE_PERCENT_MAX,
    PRICE_DECIMALS_MAX,
    PRICE_MAX,
    Terms,
    TermsBasis,
)
from domain.settlement import charges
from domain.settlement.charges import Volumes

DECEMBER = date(2026, 12, 1)
POINTS = st.integers(0, 2**62)


def agreed(price: str, fee: str = "0", *, prepaid: bool = False, redeemed: bool = False) -> Terms:
    basis = TermsBasis.REDEEMED if redeemed else TermsBasis.ISSUED
    return Terms(DECEMBER, basis, Decimal(price), Decimal(fee), prepaid)


def decimals(most: Decimal, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(0, most, places=places, allow_nan=False, allow_infinity=False)


def half_away(exact: Fraction) -> int:
    """To the nearest whole number, halves away from zero, without decimals."""
    nearest = floor(abs(exact) + Fraction(1, 2))
    return nearest if exact >= 0 else -nearest


def test_a_month_by_its_numbers() -> None:
    """CNY 0.012 a point, fee 5 %, 12 345 issued, 1000 reversed, two deliveries at 80."""
    volumes = Volumes(issued=12_345, reversed=1000, redeemed=700, delivered_minor=2 * 80_00)
    made = charges.charge(volumes, agreed("0.012", "5"), 2)
    assert (made.charge_minor, made.fee_minor, made.delivered_minor) == (136_14, 6_81, 160_00)
    assert made.net_minor == -17_05


@pytest.mark.parametrize(
    ("points", "price", "digits", "minor"),
    [
        (1, "0.005", 2, 1),
        (-1, "0.005", 2, -1),
        (1, "0.00499999", 2, 0),
        (3, "0.005", 2, 2),
        (1, "0.5", 0, 1),
        (1, "0.0005", 3, 1),
    ],
)
def test_halves_go_away_from_zero(points: int, price: str, digits: int, minor: int) -> None:
    volumes = Volumes(redeemed=points)
    assert charges.charge(volumes, agreed(price, redeemed=True), digits).charge_minor == minor


def test_the_fee_is_of_the_exact_charge() -> None:
    """50 % of 0.009 is 0.0045; of the rounded 0.01 it would be 0.005, and rounded up."""
    made = charges.charge(Volumes(issued=1), agreed("0.009", "50"), 2)
    assert (made.charge_minor, made.fee_minor) == (1, 0)


def test_prepaid_points_are_charged_nothing_and_deliveries_are_paid() -> None:
    volumes = Volumes(issued=500, redeemed=100, delivered_minor=30_00)
    made = charges.charge(volumes, agreed("1", "5", prepaid=True), 2)
    assert (made.charge_minor, made.fee_minor, made.net_minor) == (0, 0, -30_00)


@given(
    issued=POINTS,
    taken=POINTS,
    redeemed=st.integers(-(2**62), 2**62),
    price=decimals(PRICE_MAX, PRICE_DECIMALS_MAX),
    fee=decimals(FEE_PERCENT_MAX, FEE_DECIMALS_MAX),
    by_redeemed=st.booleans(),
    digits=st.sampled_from([0, 2, 3]),
)
def test_every_sum_is_exact_and_rounded_once(
    issued: int,
    taken: int,
    redeemed: int,
    price: Decimal,
    fee: Decimal,
    by_redeemed: bool,
    digits: int,
) -> None:
    terms = agreed(str(price), str(fee), redeemed=by_redeemed)
    volumes = Volumes(issued=issued, reversed=taken, redeemed=redeemed)
    made = charges.charge(volumes, terms, digits)
    exact = Fraction(price) * (redeemed if by_redeemed else issued - taken) * 10**digits
    assert made.charge_minor == half_away(exact)
    assert made.fee_minor == half_away(exact * Fraction(fee) / 100)


def test_volumes_add_up() -> None:
    one = Volumes(1, 2, 3, 4, 5)
    assert one.plus(one) == Volumes(2, 4, 6, 8, 10)
