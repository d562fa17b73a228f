"""Discounts: what a tier takes off the price of a booking.

They are shown with a quote; a booking reports what was paid. Each line takes the matching
discount with the most selectors, of equals the lower. The lines' discounts are summed exactly,
rounded down once, and spread over the lines by largest remainder.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from domain.earning.spreading import spread
from domain.earning.values import Line
from domain.programmes.levels import Discount
from domain.programmes.policy import Policy


def on_lines(
    policy: Policy, tier: str, lines: Sequence[Line], travel: Sequence[date | None]
) -> dict[int, int]:
    """The discount on each line by its number, in minor units; lines without any are left out.

    `travel` has the first day of each line's travel, where known; without it no season matches.
    """
    offered = policy.level(tier).all_discounts
    exact = {
        line.number: line.amount_minor * _percent(policy, offered, line, day) / 100
        for line, day in zip(lines, travel, strict=True)
    }
    whole = sum(exact.values(), Fraction(0))
    shares: Mapping[int, int] = spread(whole.numerator // whole.denominator, exact)
    return {number: share for number, share in shares.items() if share}


def _percent(policy: Policy, offered: Sequence[Discount], line: Line, day: date | None) -> Fraction:
    matching = [discount for discount in offered if _matches(policy, discount, line, day)]
    best = max((discount.specificity for discount in matching), default=0)
    percents = [Fraction(one.percent) for one in matching if one.specificity == best]
    return min(percents, default=Fraction(0))


def _matches(policy: Policy, discount: Discount, line: Line, day: date | None) -> bool:
    wanted, seasons = discount.attributes or {}, discount.travel_seasons
    return (
        (discount.products is None or line.product in discount.products)
        and all(line.attributes.get(name) == value for name, value in wanted.items())
        and (seasons is None or (day is not None and policy.in_season(seasons, day)))
    )
