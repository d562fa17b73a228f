"""A whole number spread over weights by largest remainder."""

from collections.abc import Mapping
from fractions import Fraction


def spread(total: int, weights: Mapping[int, Fraction]) -> dict[int, int]:
    """Largest remainder: whole shares that add up to `total`; ties go to the lower number.

    Weights that round down to `total` in all are the exact shares themselves, so that a whole
    one stays as it is. Without any weight the first one takes all.
    """
    whole = sum(weights.values(), Fraction(0))
    if whole == 0:
        first = min(weights, default=None)
        return {number: total if number == first else 0 for number in weights}
    scale = Fraction(1) if total == whole.numerator // whole.denominator else total / whole
    exact = {number: weight * scale for number, weight in weights.items()}
    shares = {number: value.numerator // value.denominator for number, value in exact.items()}
    rest = total - sum(shares.values())
    by_remainder = sorted(exact, key=lambda number: (shares[number] - exact[number], number))
    for number in by_remainder[:rest]:
        shares[number] += 1
    return shares
