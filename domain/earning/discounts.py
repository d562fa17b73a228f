"""Discounts: the reduction of a booking's price by a tier.

They are shown with a quote; a booking reports what was paid. Each line gets the matching discount
with the most selectors, and among equals the lower one. The lines' discounts are summed exactly,
rounded down once, and spread over the lines by largest remainder.
"""

from collections.abc import Sequence

from domain.earning import matching
from domain.earning.values import Line
from domain.kernel.spreading import spread_whole
from domain.programmes.levels import Discount
from domain.programmes.made import once
from domain.programmes.policy import Policy

PARTS = 10**6
"""Percentages are whole in millionths."""


def on_lines(policy: Policy, tier: str, lines: Sequence[Line]) -> dict[int, int]:
    """The discount on each line by its number, in minor units; lines without any are left out."""
    offered = _offered(policy)[policy.rank(tier)]
    if not offered:
        return {}
    exact = {line.number: line.amount_minor * _parts(policy, offered, line) for line in lines}
    whole = 100 * PARTS
    shares = spread_whole(sum(exact.values()) // whole, exact, whole)
    return {number: share for number, share in shares.items() if share}


def are_offered(policy: Policy, tier: str) -> bool:
    """Whether any tier has a discount."""
    return bool(_offered(policy)[policy.rank(tier)])


@once
def _offered(policy: Policy) -> tuple[tuple[Discount, ...], ...]:
    """By the rank of their tier, the discounts in the order in which a line takes the first."""
    return tuple(
        tuple(sorted(level.all_discounts, key=lambda one: (-one.specificity, one.percent)))
        for level in policy.tiers.levels
    )


def _parts(policy: Policy, offered: Sequence[Discount], line: Line) -> int:
    """The percentage off a line in parts; 0 where none matches."""
    found = (one for one in offered if _matches(policy, one, line))
    taken = next(found, None)
    return 0 if taken is None else int(taken.percent * PARTS)


def _matches(policy: Policy, discount: Discount, line: Line) -> bool:
    seasons, day = discount.travel_seasons, line.travel_from
    in_season = seasons is None or (day is not None and policy.in_season(seasons, day))
    return in_season and matching.is_of(discount, line)
