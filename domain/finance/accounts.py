"""Accounts of the journal, and amounts that are moved between two of them (pure)."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from domain.programmes.rules import PROGRAMME_FUNDER

NONE = "-"
"""The cohort of rows without one, and the expiry month of points that do not expire."""


class Account(StrEnum):
    """Accounts that every programme has; each partner has one more, `receivable:` or `prepaid:`
    and its code, for the points that it pays for.
    """

    TRAVEL_REVENUE = "travel_revenue"
    MARKETING = "marketing"
    OPENING = "opening"
    DEFERRED = "deferred"
    POINTS_REVENUE = "points_revenue"
    BREAKAGE = "breakage"
    CONTRA = "contra"
    REWARD_COST = "reward_cost"
    PAYABLE = "payable"
    ARREARS = "arrears"
    SETTLEMENT = "settlement"
    TRANSFERS = "transfers"


def of_partner(code: str, *, prepaid: bool) -> str:
    """The account to which a partner's points are charged."""
    return f"{'prepaid' if prepaid else 'receivable'}:{code}"


class JournalKey(NamedTuple):
    """The unique key of a row of the journal."""

    day: date
    account: str
    funder: str = PROGRAMME_FUNDER
    cohort: str = NONE


@dataclass(frozen=True, slots=True)
class Moved:
    """Minor units debited and credited in a row; points credited less those debited."""

    debit: int = 0
    credit: int = 0
    points: int = 0

    def plus(self, other: "Moved") -> "Moved":
        return Moved(
            self.debit + other.debit, self.credit + other.credit, self.points + other.points
        )

    @property
    def balance(self) -> int:
        """The credited amount less the debited one."""
        return self.credit - self.debit

    @property
    def is_nothing(self) -> bool:
        return self == _NOTHING


_NOTHING = Moved()


class Position(NamedTuple):
    """The key of a change of the liability, with its day."""

    day: date
    expiry_month: str
    funder: str


class Books:
    """Amounts moved, by key of the journal, and changes of the liability; additions commute."""

    def __init__(self) -> None:
        self.lines: dict[JournalKey, Moved] = {}
        self.points: Counter[Position] = Counter()
        self.amounts: Counter[Position] = Counter()

    def move(self, debit: JournalKey, credit: JournalKey, amount: int, points: int = 0) -> None:
        """Debit one account and credit the other with an amount; an amount below zero moves in the
        other direction.
        """
        if amount < 0:
            debit, credit, amount, points = credit, debit, -amount, -points
        self.add(debit, Moved(amount, 0, -points))
        self.add(credit, Moved(0, amount, points))

    def add(self, key: JournalKey, moved: Moved) -> None:
        """Add amounts and points to a row."""
        known = self.lines.get(key)
        self.lines[key] = moved if known is None else known.plus(moved)

    def hold(self, position: Position, points: int, amount: int) -> None:
        """Add points and their amount to the liability."""
        self.points[position] += points
        self.amounts[position] += amount

    def include(self, other: "Books", since: date = date.min, through: date = date.max) -> None:
        """Add the sums of other books on days from one through another."""
        for key, moved in other.lines.items():
            if since <= key.day <= through:
                self.add(key, moved)
        for mine, theirs in ((self.points, other.points), (self.amounts, other.amounts)):
            mine.update({of: n for of, n in theirs.items() if since <= of.day <= through})
