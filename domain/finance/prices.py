"""Prices that partners pay for a point, and whether points are prepaid, by month (pure)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from domain.partners.terms import Saved


class Prices:
    """All terms that partners of a programme ever had."""

    def __init__(self, saved: Iterable[Saved] = ()) -> None:
        self._of: dict[str, list[Saved]] = {}
        for one in sorted(saved, key=lambda one: (one.from_month, one.version)):
            self._of.setdefault(one.partner, []).append(one)

    def _in_force(self, partner: str, day: date) -> Saved | None:
        held = [one for one in self._of.get(partner, ()) if one.from_month <= day]
        return held[-1] if held else None

    def of(self, partner: str, day: date) -> Decimal:
        """Price of a point in the month of a day; 0 before the first terms."""
        found = self._in_force(partner, day)
        return found.price_per_point if found else Decimal(0)

    def prepaid(self, partner: str, day: date) -> bool:
        """Whether points of the month of a day were prepaid."""
        found = self._in_force(partner, day)
        return found is not None and found.prepaid

    def ever(self, partner: str, day: date) -> set[Decimal]:
        """All prices of the month of a day, including those of terms saved during it: each may have
        been its price when a lot was credited.
        """
        held = [one for one in self._of.get(partner, ()) if one.from_month <= day]
        return {Decimal(0), *(one.price_per_point for one in held)}
