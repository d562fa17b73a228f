"""Amounts of points (pure): their expected cost, their share of a price, and the part of a lot's
value that leaves with them. Whole minor units, rounded down once.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor

from domain.kernel.money import digits_of
from domain.kernel.spreading import spread_whole
from domain.programmes.policy import Policy


def expected(policy: Policy, points: int) -> int:
    """Worth of points, less those that are expected never to be redeemed."""
    return floor(points * policy.minor_per_point * (1 - Fraction(policy.finance.breakage)))


def paid(points: int, price: Decimal, currency: str) -> int:
    """Amount that a partner owes for points at its price for one, in units of the currency."""
    return floor(points * Fraction(price) * int(10 ** digits_of(currency)))


def share(cash: int, worth: int) -> int:
    """The part of a booking's cash that is the price of its points: in proportion to the
    stand-alone prices of trip and points (IFRS 15.74).
    """
    return cash * worth // (cash + worth) if cash and worth else 0


def of_booking(policy: Policy, cash: int, points: Sequence[int]) -> list[int]:
    """Value of each lot with these points, which a booking's price includes."""
    return spread(share(cash, expected(policy, sum(points))), points)


def spread(amount: int, points: Sequence[int]) -> list[int]:
    """An amount divided over lots with these points, by largest remainder."""
    shares: Mapping[int, int] = spread_whole(amount, dict(enumerate(points)))
    return [shares[place] for place in range(len(points))]


def carried(amount: int, points: int, gone: int) -> int:
    """Amount that the first `gone` points of a lot carry; all of them carry all of it."""
    return amount * gone // points


def carry(amount: int, points: int, gone: int, leaving: int) -> int:
    """Amount carried by points that leave a lot after `gone` others; below zero, by returning
    ones.
    """
    return carried(amount, points, gone + leaving) - carried(amount, points, gone)
