"""What a booking is entitled to keep of its points, by what refunds and amendments left of it."""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor

from domain.earning.values import Evaluation


def entitled(first: Mapping[str, int], left: Evaluation) -> dict[str, int]:
    """By rule, what is kept of what it granted at `first`, where `left` is earned by what is left.

    No rule is above what it granted, and all together earn what is left earns. Both hold where
    one rule's rounded share grows by a point because that of a rule before it falls: a rule may
    keep such a point up to what it granted, so that what is kept only falls from refund to refund,
    and depends on nothing but what is left. A bonus is whole: what its limit, a cap or its budget
    took off is no rounding, and nobody's to keep.
    """
    found = {award.rule: award.points for award in left.awards}
    kept = {rule: min(points, found.get(rule, 0)) for rule, points in first.items()}
    shares = left.shares
    exact = (min(share, Fraction(first.get(rule, 0) + 1)) for rule, share in shares.items())
    total = floor(sum(exact, Fraction(0)))
    missing = total - sum(kept.get(rule, 0) for rule in shares)
    for rule, points in first.items():
        if rule in shares:
            more = min(missing, min(points, ceil(shares[rule])) - kept[rule])
            kept[rule], missing = kept[rule] + more, missing - more
    return kept
