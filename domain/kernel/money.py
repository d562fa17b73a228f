"""Money as integer minor units of a currency; decimals only at the edges, floats nowhere."""

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from babel.numbers import get_currency_precision

from domain.kernel.refusals import InvalidInput

AMOUNT_MINOR_MAX = 10**13
"""The largest amount accepted in one line, in minor units; sums stay far inside 64 bits."""

AMOUNT_DIGITS_MAX = 40
"""Decimals written with more digits or larger exponents are refused before any arithmetic."""


def to_minor_units(amount: Decimal, currency: str, *, path: tuple[str, ...] = ()) -> int:
    """`Decimal("19.90")` CNY → 1990. Refused: negative, too precise, or beyond the limit."""
    digits = digits_of(currency)
    limit = to_amount(AMOUNT_MINOR_MAX, currency)
    if amount < 0:
        raise InvalidInput("negative_amount", plain(amount), path=path)
    if amount > limit:
        raise InvalidInput("amount_too_large", plain(amount), (str(limit),), path=path)
    places = amount.as_tuple()
    if -int(places.exponent) > AMOUNT_DIGITS_MAX or len(places.digits) > AMOUNT_DIGITS_MAX:
        raise InvalidInput("too_many_decimals", plain(amount), (str(digits),), path=path)
    minor = Fraction(amount) * int(10**digits)
    if minor.denominator != 1:
        raise InvalidInput("too_many_decimals", str(amount), (str(digits),), path=path)
    return minor.numerator


def plain(number: Decimal) -> str:
    """A number as it was written, with digits alone where these are not too many to read."""
    shown = f"{number:f}" if abs(number.adjusted()) < AMOUNT_DIGITS_MAX else ""
    return shown if 0 < len(shown) <= AMOUNT_DIGITS_MAX else f"{number:.10g}"


def to_amount(minor: int, currency: str) -> Decimal:
    """1990 CNY → `Decimal("19.90")`."""
    return Decimal(minor).scaleb(-digits_of(currency))


def to_json(minor: int, currency: str) -> dict[str, str]:
    """1990 CNY → `{"amount": "19.90", "currency": "CNY"}`."""
    return {"amount": str(to_amount(minor, currency)), "currency": currency}


@lru_cache(maxsize=512)
def digits_of(currency: str) -> int:
    """How many decimals its amounts have."""
    return int(get_currency_precision(currency))
