"""Breakage: revenue from points that are never redeemed, cohort by cohort (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from domain.finance.accounts import NONE, Account, Books, JournalKey, Moved
from domain.programmes.terms import FinanceTerms


class CohortKey(NamedTuple):
    """The month in which points were earned, as `2026-12`, and their payer."""

    month: str
    funder: str


@dataclass(slots=True)
class Cohort:
    """Points by their fate, with the amounts that they carried in minor units; `recognised` is the
    breakage recognised as revenue so far.
    """

    left: int = 0
    deferred: int = 0
    redeemed: int = 0
    revenue: int = 0
    dead: int = 0
    released: int = 0
    recognised: int = 0

    @property
    def points(self) -> int:
        """All points earned, less those taken back."""
        return self.left + self.redeemed + self.dead

    @property
    def amount(self) -> int:
        """The amount deferred for them."""
        return self.deferred + self.revenue + self.released

    def add(self, account: str, moved: Moved) -> None:
        """Count a row of the journal."""
        if account == Account.DEFERRED:
            self.left += moved.points
            self.deferred += moved.balance
        elif account == Account.POINTS_REVENUE:
            self.redeemed += moved.points
            self.revenue += moved.balance
        elif account in (Account.BREAKAGE, Account.CONTRA):
            self.dead += moved.points
            self.released += moved.balance
            if account == Account.BREAKAGE:
                self.recognised += moved.balance


def earned(cohort: Cohort, terms: FinanceTerms) -> int:
    """The breakage that a cohort has earned: the amount carried by its expired points (`remote`),
    or the revenue of redeemed points beyond the amount that they carried, in proportion to the
    points expected to be redeemed in the end (`proportional`).
    """
    if terms.method == "remote":
        return cohort.released
    return proportional(cohort, terms.breakage) - cohort.revenue


def proportional(cohort: Cohort, breakage: Decimal) -> int:
    """Total revenue of a cohort, by the points redeemed so far."""
    if not cohort.left:
        return cohort.amount
    kept = cohort.points * (1 - Fraction(breakage))
    ends = max(Fraction(cohort.redeemed), min(Fraction(cohort.points - cohort.dead), kept))
    if not ends:
        return 0
    return int(cohort.amount * cohort.redeemed / ends)


Cohorts = dict[CohortKey, Cohort]


def count(cohorts: Cohorts, account: str, key: CohortKey, moved: Moved) -> None:
    """Count a row of the journal in its cohort."""
    if key.month != NONE:
        cohorts.setdefault(key, Cohort()).add(account, moved)


def recognise(cohorts: Mapping[CohortKey, Cohort], terms: FinanceTerms, day: date) -> Books:
    """The amounts that a month's last day moves between contra and breakage; the cohorts contain
    them from then on.

    After a change of the method, the difference from the other one is corrected.
    """
    moves = Books()
    for key, cohort in sorted(cohorts.items()):
        rise = earned(cohort, terms) - cohort.recognised
        if rise:
            at = day, key.funder, key.month
            moves.move(_at(Account.CONTRA, *at), _at(Account.BREAKAGE, *at), rise)
            cohort.recognised += rise
    return moves


def _at(account: Account, day: date, funder: str, month: str) -> JournalKey:
    return JournalKey(day, account, funder, month)
