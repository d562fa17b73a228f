"""CDNOW's figures through the API, beside those of an independent program.

`python -m benchmarks.cdnow.figures CDNOW.csv.gz [PROGRAMME]` settles every day of the imported
history through 30 June 1998 as the worker does, asks `kpis` and `cohorts` over GraphQL, and prints
each figure beside that of `reckoning`, which shares no code with the product; what differs makes
it end with 1.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks.cdnow import reckoning
from benchmarks.cdnow.reckoning import FIRST, HALF, LAST, Figures, ratio
from domain.accounts import settled_days
from domain.books import books
from domain.kernel import dates
from domain.kernel.database import rows
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from ops import settings
from ops.postgres import database
from ops.worker.jobs import DAY_RECORDS
from tests.support.callers import Client, Stage

KPIS = """query($period: PeriodInput!) { kpis(period: $period) {
    total { joined bookings granted expired earned cash { amount }
        pointsPerBooking { value } pointsPerUnit { value } }
    rows { from figures { expired } }
    repurchase { days members { numerator denominator value } }
    tiers { tier { code } members cash { amount }
        risen { numerator denominator value } } } }"""
COHORTS = """query($period: PeriodInput!) { cohorts(period: $period) {
    month members active ltv { value } } }"""

_OUTSTANDING = """
SELECT coalesce(sum(a.points), 0)::bigint AS points FROM lot l
JOIN allocation a ON a.member_id = l.member_id AND a.lot_id = l.id
JOIN ledger_entry e ON e.member_id = a.member_id AND e.id = a.entry_id
JOIN member m ON m.member_id = l.member_id
WHERE m.programme_id = $1 AND l.expires_at > $2 AND l.expires_at <= $3 AND e.effective_at < $4
"""

Compared = tuple[str, object, object]
"""A figure's name, as found and as worked out."""


async def settle(programme: Programme) -> None:
    zone = programme.versions[0].policy.zone
    await books.open_from(programme, FIRST, dates.start_of_day(FIRST, zone))
    begun, days = time.monotonic(), 0
    ends = dates.end_of_day(LAST, zone)
    while await settled_days.settle_next(programme, ends, DAY_RECORDS) is not None:
        days += 1
    print(f"{days} days settled in {time.monotonic() - begun:.0f} s")


async def asked(staff: Client, query: str, first: date, last: date = LAST) -> Any:
    period = {"from": str(first), "through": str(last)}
    begun = time.monotonic()
    found = await staff.read(query, period=period)
    [name] = found
    print(f"{name} {first} to {last}: {1000 * (time.monotonic() - begun):.0f} ms")
    return found[name]


def of_kpis(found: Any, since_half: Any, made: Figures) -> Iterator[Compared]:
    """Examples 1, 2, 3 and what expired of 5."""
    total = found["total"]
    yield "members", total["joined"], made.members
    for name in ("bookings", "granted"):
        yield name, total[name], getattr(made, name)
    yield "cash", total["cash"]["amount"], f"{made.cash / 100:.2f}"
    a_booking = ratio(made.granted, made.bookings)
    yield "points a booking", total["pointsPerBooking"]["value"], a_booking
    a_unit = ratio(Fraction(made.granted * 100), made.cash)
    yield "points per CNY", total["pointsPerUnit"]["value"], a_unit
    for share in found["tiers"]:
        code = share["tier"]["code"]
        yield f"members {code}", share["members"], made.members_by_tier[code]
        yield f"cash {code}", share["cash"]["amount"], f"{made.cash_by_tier[code] / 100:.2f}"
        yield f"rises of {code}", share["risen"]["numerator"], str(made.rises[code])
    risen = since_half["tiers"][0]["risen"]
    yield "silver, higher since 1997", risen["value"], ratio(made.risen_since, made.silver_at_half)
    for one in found["repurchase"]:
        days, again = one["days"], one["members"]
        yield f"again in {days} days", again["numerator"], str(made.again[days])
        yield f"share in {days} days", again["value"], ratio(made.again[days], made.members)
    yield "expired", total["expired"], sum(made.expired.values())
    for row in found["rows"]:
        month = row["from"][:7]
        yield f"expired {month}", row["figures"]["expired"], made.expired[month]
    left = total["earned"] - total["expired"]
    yield "outstanding", left, sum(made.outstanding.values())


def of_cohorts(found: Any, made: Figures) -> Iterator[Compared]:
    """Example 4, for every cohort and month."""
    for one in found:
        month = one["month"]
        yield f"cohort {month}", one["members"], made.cohorts[month]
        yield f"active of {month}", one["active"], made.active[month]
        yield f"LTV of {month}", [value["value"] for value in one["ltv"]], made.ltv[month]


async def of_lots(programme: Programme, made: Figures) -> list[Compared]:
    """Points that are left, by the month of their last day."""
    zone = programme.versions[0].policy.zone
    settled, compared = dates.end_of_day(LAST, zone), list[Compared]()
    for month, points in sorted(made.outstanding.items()):
        first = date.fromisoformat(f"{month}-01")
        ends = dates.end_of_day(dates.month_end(first), zone)
        begins = dates.start_of_day(first, zone)
        [found] = await rows(_OUTSTANDING, programme.id, begins, ends, settled)
        compared.append((f"outstanding {month}", found["points"], points))
    return compared


async def compare(url: str, source: Path, code: str) -> int:
    """How many figures differ."""
    made = reckoning.reckon(reckoning.read(source))
    async with database.connected(url, statement_seconds=None):
        programme = await programmes.get(code)
        await settle(programme)
        staff = Stage(programme).staff()
        found, since_half = [await asked(staff, KPIS, first) for first in (FIRST, HALF)]
        cohorts = await asked(staff, COHORTS, FIRST)
        compared = [
            *of_kpis(found, since_half, made),
            *of_cohorts(cohorts, made),
            *await of_lots(programme, made),
        ]
    differing = 0
    for name, one, other in compared:
        differing += one != other
        print(f"{name}: {one}" + ("" if one == other else f", worked out as {other}"))
    print(f"{len(compared)} figures compared, {differing} differ")
    return differing


def main(source: Path, code: str) -> int:
    with database.available(settings.load()) as urls:
        return 1 if asyncio.run(compare(urls.serving, source, code)) else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python -m benchmarks.cdnow.figures CDNOW.csv.gz [PROGRAMME]")
    sys.exit(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) == 3 else "ota"))
