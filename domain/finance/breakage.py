"""Breakage: what is kept of points that are never redeemed, cohort by cohort (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from domain.finance.accounts import NONE, Account, Books, JournalKey, Moved
from domain.programmes.terms import FinanceTerms


class CohortKey(NamedTuple):
    """The month in which points were earned, as `2026-12`, and who pays for them."""

    month: str
    funder: str


@dataclass(slots=True)
class Cohort:
    """Points by what became of them, with what they carried in minor units; `recognised` is the
    breakage that is revenue so far.
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
        """All that were earned, less those that were taken back."""
        return self.left + self.redeemed + self.dead

    @property
    def amount(self) -> int:
        """What was deferred for them."""
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
    """The breakage that a cohort has earned: what its dead points carried (`remote`), or what
    those redeemed earn beyond what they carried, each for its part of those that are expected to
    be redeemed in the end (`proportional`).
    """
    if terms.method == "remote":
        return cohort.released
    return proportional(cohort, terms.breakage) - cohort.revenue


def proportional(cohort: Cohort, breakage: Decimal) -> int:
    """What a cohort has earned in all, by the points redeemed so far."""
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
    """What a month's last day moves between contra and breakage; the cohorts have it from then on.

    Where the method changed, what the other one left is evened out.
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
