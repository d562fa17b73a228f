"""The tiers and points of members of the `ota` programme, computed a second time.

Written from the rules alone, with the standard library and none of the product's code, for
purchases of one hotel booking each whose points are never refunded or spent: one point per yuan
times the tier's multiplier, rounded down per booking; tiers by all that was paid before; points
valid through the same local day twelve months later.
"""

import calendar
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
LEVELS = (
    ("silver", 0, Fraction(1)),
    ("gold", 5_000, Fraction(6, 5)),
    ("platinum", 20_000, Fraction(3, 2)),
    ("diamond", 50_000, Fraction(2)),
)


@dataclass(frozen=True)
class Purchase:
    member: str
    at: datetime
    yuan: Decimal


@dataclass(frozen=True)
class Result:
    """`earned` are all points up to the instant: the balance and those expired."""

    tier: str
    earned: int
    balance: int
    expired: int


def results(purchases: Iterable[Purchase], as_of: datetime) -> dict[str, Result]:
    """Each member's tier and points at an instant; purchases in file order."""
    by_member: defaultdict[str, list[Purchase]] = defaultdict(list)
    for purchase in purchases:
        if purchase.at <= as_of:
            by_member[purchase.member].append(purchase)
    return {member: _result(bought, as_of) for member, bought in by_member.items()}


def local_midnight(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time(), ZONE)


def _result(bought: list[Purchase], as_of: datetime) -> Result:
    paid, balance, expired = Fraction(0), 0, 0
    for purchase in sorted(bought, key=lambda purchase: purchase.at):
        _, multiplier = _level(paid)
        points = int(Fraction(purchase.yuan) * multiplier)
        paid += Fraction(purchase.yuan)
        if _is_over(purchase.at, as_of):
            expired += points
        else:
            balance += points
    return Result(_level(paid)[0], balance + expired, balance, expired)


def _level(paid: Fraction) -> tuple[str, Fraction]:
    reached = [(code, multiplier) for code, least, multiplier in LEVELS if paid >= least]
    return reached[-1]


def _is_over(earned_at: datetime, as_of: datetime) -> bool:
    earned_on = earned_at.astimezone(ZONE).date()
    year, month = earned_on.year + 1, earned_on.month
    last_day = min(earned_on.day, calendar.monthrange(year, month)[1])
    gone = datetime.combine(date(year, month, last_day) + timedelta(days=1), time(), ZONE)
    return as_of >= gone
