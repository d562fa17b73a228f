"""CDNOW's figures worked out a second time, from the purchases and the rules alone.

Nothing but the standard library, and none of the product's code: what the API answers of the same
history is compared with this. Money is whole fen, days are local.
"""

import calendar
import csv
import gzip
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from pathlib import Path

FACTOR = 10
LEVELS = (
    ("silver", 0, Fraction(1)),
    ("gold", 5_000, Fraction(6, 5)),
    ("platinum", 20_000, Fraction(3, 2)),
    ("diamond", 50_000, Fraction(2)),
)
FIRST, LAST, HALF = date(1997, 1, 1), date(1998, 6, 30), date(1998, 1, 1)
WITHIN = (90, 180, 365)

Bought = tuple[date, int]
"""A purchase: its day and its price."""


@dataclass
class Figures:
    """Everything that examples 1 to 5 name."""

    members: int = 0
    bookings: int = 0
    cash: int = 0
    granted: int = 0
    cash_by_tier: Counter[str] = field(default_factory=Counter)
    members_by_tier: Counter[str] = field(default_factory=Counter)
    rises: Counter[str] = field(default_factory=Counter)
    silver_at_half: int = 0
    risen_since: int = 0
    again: Counter[int] = field(default_factory=Counter)
    cohorts: dict[str, int] = field(default_factory=dict)
    active: dict[str, list[int]] = field(default_factory=dict)
    ltv: dict[str, list[str]] = field(default_factory=dict)
    expired: Counter[str] = field(default_factory=Counter)
    """By the month in which points died."""
    outstanding: Counter[str] = field(default_factory=Counter)
    """By the month of the last day on which they can be spent."""


def ratio(numerator: int | Fraction, denominator: int) -> str:
    """Six decimals, half-even."""
    divided = Fraction(numerator, denominator)
    scaled = Decimal(divided.numerator * 10**6) / Decimal(divided.denominator)
    return str(
        scaled.quantize(Decimal(1), ROUND_HALF_EVEN).scaleb(-6).quantize(Decimal("1.000000"))
    )


def read(source: Path) -> dict[str, list[Bought]]:
    """Purchases by customer, in the order of the file, which is that of their days."""
    found: defaultdict[str, list[Bought]] = defaultdict(list)
    with gzip.open(source, "rt", newline="") as text:
        for row in csv.DictReader(text):
            fen = Decimal(row["amount"]) * FACTOR * 100
            found[row["customer"]].append((date.fromisoformat(row["date"]), int(fen)))
    return {customer: sorted(bought, key=lambda one: one[0]) for customer, bought in found.items()}


def reckon(purchases: dict[str, list[Bought]]) -> Figures:
    """The figures of everybody from January 1997 through June 1998."""
    made = Figures(members=len(purchases))
    cash_of: defaultdict[str, Counter[int]] = defaultdict(Counter)
    active_of: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for bought in purchases.values():
        _tiers_and_points(bought, made)
        days = sorted({day for day, _ in bought})
        for within in WITHIN:
            made.again[within] += any(1 <= (day - days[0]).days <= within for day in days[1:])
        cohort = f"{days[0]:%Y-%m}"
        made.cohorts[cohort] = made.cohorts.get(cohort, 0) + 1
        for offset in {_months(days[0], day) for day in days}:
            active_of[cohort][offset] += 1
        for day, fen in bought:
            cash_of[cohort][_months(days[0], day)] += fen
    for cohort, members in made.cohorts.items():
        year, month = map(int, cohort.split("-"))
        whole, following = 0, []
        for offset in range(_months(date(year, month, 1), LAST) + 1):
            whole += cash_of[cohort][offset]
            following.append(ratio(Fraction(whole, 100), members))
        made.ltv[cohort] = following
        made.active[cohort] = [active_of[cohort][offset] for offset in range(len(following))]
    return made


def _months(first: date, later: date) -> int:
    return (later.year - first.year) * 12 + later.month - first.month


def _tiers_and_points(bought: list[Bought], made: Figures) -> None:
    paid, rank, at_half = 0, 0, 0
    for day, fen in bought:
        code, _, multiplier = LEVELS[rank]
        points = int(Fraction(fen, 100) * multiplier)
        made.bookings += 1
        made.cash += fen
        made.granted += points
        made.cash_by_tier[code] += fen
        _life(day, points, made)
        paid += fen
        reached = max(n for n, (_, least, _) in enumerate(LEVELS) if paid >= least * 100)
        if reached > rank:
            made.rises[code] += 1
            rank = reached
        if day < HALF:
            at_half = rank
    made.members_by_tier[LEVELS[rank][0]] += 1
    made.silver_at_half += at_half == 0
    made.risen_since += at_half == 0 and rank > 0


def _life(day: date, points: int, made: Figures) -> None:
    """Points die as the day after the same day of the next year begins."""
    end = min(day.day, calendar.monthrange(day.year + 1, day.month)[1])
    last = date(day.year + 1, day.month, end)
    dies = last + timedelta(days=1)
    if dies <= LAST:
        made.expired[f"{dies:%Y-%m}"] += points
    else:
        made.outstanding[f"{last:%Y-%m}"] += points
