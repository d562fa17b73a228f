"""Ratios: two exact numbers, divided once."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Ratio:
    """A numerator over a denominator."""

    numerator: Decimal
    denominator: Decimal

    @property
    def value(self) -> Decimal | None:
        """Rounded half-even to 6 decimals; None over 0."""
        if not self.denominator:
            return None
        divided = Fraction(self.numerator) / Fraction(self.denominator)
        return Decimal(round(divided * 10**DECIMALS)).scaleb(-DECIMALS)


def of(numerator: int, denominator: int) -> Ratio:
    return Ratio(Decimal(numerator), Decimal(denominator))


def exact(numerator: Fraction, denominator: Fraction) -> Ratio:
    """A ratio of two decimals that is equal to that of two fractions; both are as given where the
    numerator has an end.
    """
    factor = _without(numerator.denominator, 2, 5)
    return Ratio(_decimal(numerator * factor), _decimal(denominator * factor))


def _without(number: int, *primes: int) -> int:
    for prime in primes:
        while number % prime == 0:
            number //= prime
    return number


def _decimal(value: Fraction) -> Decimal:
    """A fraction whose denominator has no prime factors but 2 and 5."""
    places, scaled = 0, value
    while scaled.denominator != 1:
        places, scaled = places + 1, scaled * 10
    return Decimal(scaled.numerator).scaleb(-places)
