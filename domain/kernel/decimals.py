"""Exact decimals of fractions, where there are any."""

from decimal import Decimal
from fractions import Fraction


def endless(value: Fraction) -> int:
    """The part of its denominator that no power of ten is a multiple of: 1 where a decimal is
    equal to it.
    """
    return _parted(value.denominator)[0]


def exact(value: Fraction) -> Decimal:
    """The decimal that is equal, with as many places as it needs. Raises: ValueError."""
    left, places = _parted(value.denominator)
    if left != 1:
        raise ValueError(f"{value} is no decimal")
    # as a text, since arithmetic would round what has more digits than its context
    return Decimal(f"{value.numerator * 10**places // value.denominator}E-{places}")


def _parted(denominator: int) -> tuple[int, int]:
    """What is left of it without its twos and fives, and how many there are of the more frequent
    of these.
    """
    counts = []
    for prime in (2, 5):
        count = 0
        while denominator % prime == 0:
            denominator, count = denominator // prime, count + 1
        counts.append(count)
    return denominator, max(counts)
