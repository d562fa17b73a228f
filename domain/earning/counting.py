"""Counting in memory: what one booking, of which nothing was refunded, adds to a count."""

from collections.abc import Iterable

from domain.earning import matching
from domain.earning.values import Line
from domain.programmes.counts import BookingCount


def added(count: BookingCount, lines: Iterable[Line]) -> int:
    """What these lines of one new booking add to the count; spend is in minor units."""
    lines = list(lines)
    found = [line for line in lines if matching.is_of(count, line)]
    if count.of == "spend":
        return sum(line.cash_minor for line in found)
    if count.of == "nights":
        costs = any(line.amount_minor for line in lines)
        return sum(line.nights or 0 for line in found) if costs else 0
    return int(count.of == "bookings" and any(line.amount_minor for line in found))
