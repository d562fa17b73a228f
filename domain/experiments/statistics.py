"""Statistics of experiments: whether members were split as declared, and the certainty of a
difference.

Pure, from exact sums, with `Decimal` of 28 digits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction

DIGITS = 28

SPLIT_MAX: Mapping[int, Decimal] = {
    2: Decimal("10.828"),
    3: Decimal("13.816"),
    4: Decimal("16.266"),
    5: Decimal("18.467"),
}
"""By the number of variants, the value that chi-squared exceeds in one of a thousand even
splits.
"""

Z: Mapping[int, Decimal] = {
    2: Decimal("1.959964"),
    3: Decimal("2.241403"),
    4: Decimal("2.393980"),
    5: Decimal("2.497705"),
}
"""By the number of variants, the quantile by which all their intervals are right together in 95 of
100 experiments.
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """Measurements of a variant's members: their number, the sum, and the sum of squares.

    For a share each member has 1 or 0. `cost` is the extra cost of all of them.
    """

    members: int
    total: Decimal
    squares: Decimal
    cost: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate, and the bounds of the true value; `proved` if 0 is outside."""

    estimate: Decimal
    low: Decimal
    high: Decimal
    proved: bool

    def rounded(self, places: int) -> "Interval":
        one = Decimal(1).scaleb(-places)
        return Interval(
            self.estimate.quantize(one, ROUND_HALF_EVEN),
            self.low.quantize(one, ROUND_HALF_EVEN),
            self.high.quantize(one, ROUND_HALF_EVEN),
            self.proved,
        )


def chi_squared(counts: Sequence[int], weights: Sequence[int]) -> Fraction:
    """Deviation of members from a split by these weights, which add up to 100; 0 without
    members.
    """
    whole = sum(counts)
    if not whole:
        return Fraction(0)
    expected = [Fraction(whole * weight, 100) for weight in weights]
    return sum(
        (
            (Fraction(count) - wanted) ** 2 / wanted
            for count, wanted in zip(counts, expected, strict=True)
        ),
        Fraction(0),
    )


def is_split_broken(counts: Sequence[int], weights: Sequence[int]) -> bool:
    """Whether members are split in a way that occurs by chance in at most one of a thousand
    experiments.
    """
    return chi_squared(counts, weights) > Fraction(SPLIT_MAX[len(counts)])


def difference(
    control: Sample, other: Sample, variants: int, *, of_shares: bool
) -> Interval | None:
    """The average difference between a member of `other` and one of the control, for this many
    variants; None if there are too few members to know its certainty.
    """
    least = 1 if of_shares else 2
    if min(control.members, other.members) < least:
        return None
    with localcontext(Context(prec=DIGITS)):
        estimate = _mean(other) - _mean(control)
        spread = sum(_variance(one, of_shares=of_shares) / one.members for one in (control, other))
        margin = Z[variants] * Decimal(spread).sqrt()
        low, high = estimate - margin, estimate + margin
        return Interval(estimate, low, high, proved=not low <= 0 <= high)


def cost_per_extra(control: Sample, other: Sample, found: Interval | None) -> Interval | None:
    """What each extra booking, redemption or unit of money costs; None unless the difference is
    proved.
    """
    if found is None or not found.proved:
        return None
    with localcontext(Context(prec=DIGITS)):
        extra = other.cost / other.members - control.cost / control.members
        low, high = sorted((extra / found.low, extra / found.high))
        return Interval(extra / found.estimate, low, high, proved=True)


def _mean(one: Sample) -> Decimal:
    return one.total / one.members


def _variance(one: Sample, *, of_shares: bool) -> Decimal:
    """The variance: m(1 - m) for a share m, otherwise that of a sample."""
    mean = _mean(one)
    if of_shares:
        return mean * (1 - mean)
    return (one.squares - one.total * one.total / one.members) / (one.members - 1)
