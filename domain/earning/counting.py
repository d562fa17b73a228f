"""Counting in memory: what one booking, of which nothing was refunded, adds to a count."""

from collections.abc import Iterable

from domain.earning.values import Line
from domain.programmes import selectors
from domain.programmes.counts import BookingCount


def added(count: BookingCount, lines: Iterable[Line]) -> int:
    """What these lines of one new booking add to the count; spend is in minor units."""
    lines = list(lines)
    matching = [line for line in lines if _matches(count, line)]
    if count.of == "spend":
        return sum(line.cash_minor for line in matching)
    if count.of == "nights":
        costs = any(line.amount_minor for line in lines)
        return sum(line.nights or 0 for line in matching) if costs else 0
    return int(count.of == "bookings" and any(line.amount_minor for line in matching))


def _matches(count: BookingCount, line: Line) -> bool:
    return (count.products is None or line.product in count.products) and selectors.match(
        count.attributes, line.attributes
    )
