"""A whole number divided over weights by largest remainder."""

from collections.abc import Mapping
from fractions import Fraction
from math import lcm


def spread(total: int, weights: Mapping[int, Fraction | int], parts: int = 1) -> dict[int, int]:
    """Largest remainder: whole shares that add up to `total`; ties go to the lower number.

    Weights whose sum rounds down to `total` are the exact shares themselves, so a whole one stays
    as it is; `parts` of a weight make one whole. If all weights are zero, the first takes all.
    """
    scale = lcm(*[weight.denominator for weight in weights.values()])
    exact = {
        number: weight.numerator * (scale // weight.denominator)
        for number, weight in weights.items()
    }
    return spread_whole(total, exact, scale * parts)


def spread_whole(total: int, weights: Mapping[int, int], parts: int = 1) -> dict[int, int]:
    """`spread` over weights that are whole numbers."""
    if len(weights) == 1:
        return dict.fromkeys(weights, total)
    whole = sum(weights.values())
    if whole == 0:
        first = min(weights, default=None)
        return {number: total if number == first else 0 for number in weights}
    factor, divisor = (1, parts) if total == whole // parts else (total, whole)
    shares = {number: weight * factor // divisor for number, weight in weights.items()}
    if rest := total - sum(shares.values()):
        left = {number: -(weight * factor % divisor) for number, weight in weights.items()}
        for number in sorted(left, key=lambda number: (left[number], number))[:rest]:
            shares[number] += 1
    return shares
