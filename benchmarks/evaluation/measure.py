"""Bookings a second that the policy judges: random ones, by the shipped document of `ota`.

`python -m benchmarks.evaluation.measure` draws bookings from a seed, judges all of them a round
by the very functions that a live booking calls, and prints the median of the rounds in bookings
a second of this process's own processor time. No database is asked.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from domain.earning import earning, judging
from domain.earning.judging import Holder, Purchase
from domain.earning.tallies import Tally
from domain.earning.values import Line
from domain.kernel import dates
from domain.programmes import reader
from domain.programmes.policy import Policy
from domain.programmes.programmes import Version
from domain.tiers.values import Holding

DOCUMENTS = Path(reader.__file__).parent / "documents"
NOBODY = UUID(int=0)
FIRST_INSTANT = datetime(2025, 1, 1, tzinfo=UTC)
MINUTES = 2 * 365 * 24 * 60
LINES_MAX = 5
CITIES = ("Shanghai", "Kyoto", "Lisbon", "Oslo")

Drawn = tuple[Purchase, Holder]


def draw(policy: Policy, seed: int, count: int) -> list[Drawn]:
    """So many bookings of one to five lines, each by a member of its own."""
    chance = random.Random(seed)
    version = Version(NOBODY, 1, FIRST_INSTANT, policy)
    return [_drawn(chance, version) for _ in range(count)]


def _drawn(chance: random.Random, version: Version) -> Drawn:
    policy = version.policy
    at = FIRST_INSTANT + timedelta(minutes=chance.randrange(MINUTES))
    lines = [
        _line(chance, policy, number, at.date())
        for number in range(1, chance.randint(1, LINES_MAX) + 1)
    ]
    tier = chance.choice(policy.tiers.levels).code
    holder = Holder(
        NOBODY,
        "ENROLLED",
        date(1990, chance.randint(1, 12), chance.randint(1, 28)),
        {"travel_style": chance.choice(("independent", "group"))},
        at - timedelta(days=chance.randrange(1000)),
        tier=tier,
        holding=Holding.at_joining(NOBODY, tier, at),
        tally=_tally(chance, policy),
    )
    return Purchase(version, lines, at, chance.choice((None, *policy.payment_methods))), holder


def _line(chance: random.Random, policy: Policy, number: int, day: date) -> Line:
    values = {"boolean": (True, False), "text": CITIES, "number": range(10)}
    attributes = {
        key: chance.choice(values[kind])
        for key, kind in policy.attributes.items()
        if chance.random() < 0.5
    }
    first = day + timedelta(days=chance.randrange(200))
    return Line(
        number,
        chance.choice(policy.products),
        chance.randrange(1, 500_000),
        attributes,
        travel_from=first,
        travel_to=first + timedelta(days=chance.randrange(8)),
    )


def _tally(chance: random.Random, policy: Policy) -> Tally:
    segments, codes = policy.tallied_for_bookings
    return Tally({code: chance.randrange(6) for code in codes}, segments)


def evaluations(drawn: Sequence[Drawn]) -> Callable[[], int]:
    """Evaluating alone: all that it asks for is known; points of all bookings."""
    asked = []
    for purchase, holder in drawn:
        policy = purchase.version.policy
        facts = judging.to_facts(policy, holder, holder.tier, purchase.booked_at, holder.tally)
        day = dates.local_date(purchase.booked_at, policy.zone)
        asked.append((policy, purchase.lines, facts, day, purchase.payment_method))

    def evaluate() -> int:
        return sum(
            earning.evaluate(policy, lines, facts, day=day, payment_method=method).points
            for policy, lines, facts, day, method in asked
        )

    return evaluate


def judgements(drawn: Sequence[Drawn]) -> Callable[[], int]:
    """Judging as a live booking is: the member's facts and allowances too; points of all."""

    def judge() -> int:
        return sum(judging.judge(*one).evaluation.points for one in drawn)

    return judge


def measure(work: Callable[[], int], count: int, rounds: int) -> tuple[float, int]:
    """Median of bookings a second of processor time, after a round that warms up; the points."""
    points, rates = work(), []
    for _ in range(rounds):
        before = time.process_time()
        work()
        rates.append(count / (time.process_time() - before))
    return statistics.median(rates), points


def per_second(bookings: int = 5000, rounds: int = 5) -> float:
    """Bookings of `ota` that one core evaluates in a second of processor time."""
    drawn = draw(reader.parse((DOCUMENTS / "ota.yaml").read_text()), 1, bookings)
    return measure(evaluations(drawn), bookings, rounds)[0]


def parser() -> argparse.ArgumentParser:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--bookings", type=int, default=5000)
    asked.add_argument("--rounds", type=int, default=7)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--programme", default="ota", help="code of a shipped document")
    return asked


def main() -> None:
    given = parser().parse_args()
    policy = reader.parse((DOCUMENTS / f"{given.programme}.yaml").read_text())
    drawn = draw(policy, given.seed, given.bookings)
    for name, work in (("evaluate", evaluations(drawn)), ("judge", judgements(drawn))):
        rate, points = measure(work, given.bookings, given.rounds)
        print(f"{name}: {rate:,.0f} bookings/s of processor time, {points} points in all")


if __name__ == "__main__":
    main()
