"""Compares an imported CDNOW history with a calculation that shares no code with it.

`python -m benchmarks.cdnow.check CDNOW.csv.gz [PROGRAMME]` works out tier, balance and
expired points of every customer on 1 July 1998, 00:00 in Shanghai, from the purchases and
the rules alone, reads the same from the database's rows by SQL, and prints what differs.
"""

import asyncio
import csv
import gzip
import statistics
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from benchmarks.cdnow.convert import AMOUNT_FACTOR
from ops import settings
from ops.postgres import connections, database
from tests.support import reference
from tests.support.reference import Purchase, Result

AS_OF = "1998-07-01"
SHOWN_MAX = 20

QUERY = """
WITH remaining AS (
    SELECT l.member_id, l.id, l.expires_at, sum(a.points) AS points
    FROM lot l
    JOIN allocation a ON a.member_id = l.member_id AND a.lot_id = l.id
    JOIN ledger_entry e ON e.member_id = a.member_id AND e.id = a.entry_id
    WHERE e.effective_at <= $2
    GROUP BY l.member_id, l.id, l.expires_at
), by_lots AS (
    SELECT member_id, sum(points) FILTER (WHERE expires_at > $2) AS balance,
        sum(points) FILTER (WHERE expires_at <= $2) AS due
    FROM remaining GROUP BY member_id
), by_entries AS (
    SELECT member_id, sum(points) FILTER (WHERE kind = 'EARN') AS earned,
        sum(points) FILTER (WHERE kind = 'EXPIRE') AS expired
    FROM ledger_entry WHERE effective_at <= $2 GROUP BY member_id
)
SELECT m.reference, coalesce(e.earned, 0)::bigint AS earned,
    coalesce(l.balance, 0)::bigint AS balance,
    (coalesce(e.expired, 0) + coalesce(l.due, 0))::bigint AS expired,
    coalesce((SELECT t.to_tier FROM tier_change t
        WHERE t.member_id = m.member_id AND t.effective_at <= $2
        ORDER BY t.recorded_at DESC, t.id DESC LIMIT 1), 'silver') AS tier
FROM member m
JOIN programme p ON p.id = m.programme_id
LEFT JOIN by_lots l ON l.member_id = m.member_id
LEFT JOIN by_entries e ON e.member_id = m.member_id
WHERE p.code = $1
"""


def purchases(source: Path) -> list[Purchase]:
    with gzip.open(source, "rt", newline="") as read:
        return [
            Purchase(
                row["customer"],
                reference.local_midnight(row["date"]),
                Decimal(row["amount"]) * AMOUNT_FACTOR,
            )
            for row in csv.DictReader(read)
        ]


async def recorded(url: str, programme: str, as_of: datetime) -> dict[str, Result]:
    """Each member's tier and points at the instant, from the database's rows."""
    async with connections.connection(url) as reader:
        rows = await reader.fetch(QUERY, programme, as_of)
    return {
        row["reference"]: Result(row["tier"], row["earned"], row["balance"], row["expired"])
        for row in rows
    }


def main(source: Path, programme: str) -> int:
    as_of = reference.local_midnight(AS_OF)
    expected = reference.results(purchases(source), as_of)
    with database.available(settings.load()) as urls:
        found = asyncio.run(recorded(urls.serving, programme, as_of))
    differing = sorted(
        member
        for member in expected.keys() | found.keys()
        if expected.get(member) != found.get(member)
    )
    for member in differing[:SHOWN_MAX]:
        print(f"{member}: {found.get(member)} instead of {expected.get(member)}")
    for name in ("earned", "balance", "expired"):
        values = [getattr(result, name) for result in found.values()]
        print(f"{name}: {sum(values)} points in all, median {statistics.median(values):.0f}")
    for tier, _, _ in reference.LEVELS:
        print(f"{tier}: {sum(result.tier == tier for result in found.values())} members")
    print(f"{len(expected)} members compared, {len(differing)} differ")
    return 1 if differing else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python -m benchmarks.cdnow.check CDNOW.csv.gz [PROGRAMME]")
    sys.exit(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) == 3 else "ota"))
