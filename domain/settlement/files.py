"""A statement as CSV: one line per row, with ids only, and the digest of the whole."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.kernel import money
from domain.settlement import reading
from domain.settlement.charges import Volumes
from domain.settlement.reading import Month, StatementRow

HEADING = "figure,at,member,id,of,points,amount\n"
"""Names of the columns. Lines end with a line feed; the text is ASCII."""


@dataclass(frozen=True, slots=True)
class MonthRead:
    """The figures of a month's rows, and the SHA-256 of the rows as CSV."""

    volumes: Volumes
    sha256: bytes


def line(row: StatementRow, currency: str) -> str:
    """`issued,2026-12-01T02:30:00.000000Z,<member>,<award>,<booking>,100,`"""
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    of = "" if row.of is None else str(row.of)
    points = "" if row.minor else str(row.points)
    amount = str(money.to_amount(row.minor, currency)) if row.minor else ""
    return f"{row.figure},{at},{row.member_id},{row.id},{of},{points},{amount}\n"


async def pieces(month: Month, now: datetime) -> AsyncIterator[str]:
    """The file: its heading, then the lines of a batch of members at a time, which may be empty."""
    currency = month.programme.as_of(now).policy.currency
    yield HEADING
    async for found in reading.read(month, now):
        yield "".join(line(row, currency) for row in found)


async def read(month: Month, now: datetime) -> MonthRead:
    """Read a whole month without keeping its rows in memory."""
    currency = month.programme.as_of(now).policy.currency
    volumes, digest = Volumes(), hashlib.sha256(HEADING.encode())
    async for found in reading.read(month, now):
        for row in found:
            volumes = volumes.plus(row.volumes)
            digest.update(line(row, currency).encode())
    return MonthRead(volumes, digest.digest())
