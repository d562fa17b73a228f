"""Ratios: two exact numbers, divided once."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from domain.kernel import decimals

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
    """A ratio of two decimals equal to that of two fractions; both are as given if the numerator is
    a finite decimal.
    """
    factor = decimals.endless(numerator)
    return Ratio(decimals.exact(numerator * factor), decimals.exact(denominator * factor))
