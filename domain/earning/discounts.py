"""Discounts: what a tier takes off the price of a booking.

They are shown with a quote; a booking reports what was paid. Each line takes the matching
discount with the most selectors, of equals the lower. The lines' discounts are summed exactly,
rounded down once, and spread over the lines by largest remainder.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from domain.earning import matching
from domain.earning.spreading import spread
from domain.earning.values import Line
from domain.programmes.levels import Discount
from domain.programmes.policy import Policy


def on_lines(policy: Policy, tier: str, lines: Sequence[Line]) -> dict[int, int]:
    """The discount on each line by its number, in minor units; lines without any are left out."""
    offered = policy.level(tier).all_discounts
    exact = {
        line.number: line.amount_minor * _percent(policy, offered, line) / 100 for line in lines
    }
    whole = sum(exact.values(), Fraction(0))
    shares: Mapping[int, int] = spread(whole.numerator // whole.denominator, exact)
    return {number: share for number, share in shares.items() if share}


def _percent(policy: Policy, offered: Sequence[Discount], line: Line) -> Fraction:
    found = [discount for discount in offered if _matches(policy, discount, line)]
    best = max((discount.specificity for discount in found), default=0)
    percents = [Fraction(one.percent) for one in found if one.specificity == best]
    return min(percents, default=Fraction(0))


def _matches(policy: Policy, discount: Discount, line: Line) -> bool:
    seasons, day = discount.travel_seasons, line.travel_from
    in_season = seasons is None or (day is not None and policy.in_season(seasons, day))
    return in_season and matching.is_of(discount, line)
