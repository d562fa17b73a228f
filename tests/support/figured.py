"""Settle days with their figures, and compare, remove and add rows of figures."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import asyncpg

from domain.accounts import settled_days
from domain.accounts.settled_days import DayRecord
from domain.books import books
from domain.insight.figures import Figure, Rows, of_member
from domain.kernel import dates
from domain.kernel.database import Row, rows
from domain.programmes.programmes import Programme
from ops.worker.jobs import DAY_RECORDS


async def settle(programme: Programme, first: date, through: date) -> None:
    """Settle each of these days as the worker does, opening the books if they are not open."""
    zone = programme.versions[0].policy.zone
    await books.open_from(programme, first, dates.start_of_day(first, zone))
    now = dates.end_of_day(through, zone)
    for _ in range((through - first).days + 1):
        await settle_next(programme, now)


async def settle_next(
    programme: Programme, now: datetime, records: Sequence[DayRecord] = DAY_RECORDS
) -> date | None:
    """Settle the oldest unsettled day that has ended, in as many turns as it takes; None if another
    has settled it, or none has ended.

    A turn ends without it while anybody has written something in a transaction that is older: in
    any database of the server, as another test may in its own.
    """
    while (day := await settled_days.settle_next(programme, now, records)) is None:
        found = await books.get(programme.id)
        zone = programme.as_of(now).policy.zone
        if found is None or dates.end_of_day(found.next_day, zone) > now:
            return None
    return day


async def kept(programme: Programme) -> dict[str, list[dict[str, Any]]]:
    """All rows of figures of the programme and of its members."""
    whose = "member_id IN (SELECT member_id FROM member WHERE programme_id = $1)"
    return {
        "figure_day": await rows(
            "SELECT * FROM figure_day WHERE programme_id = $1 ORDER BY measure, day, known_day, "
            "product, city, tier, status",
            programme.id,
        ),
        "member_month": await rows(
            f"SELECT * FROM member_month WHERE {whose} ORDER BY member_id, month", programme.id
        ),
        "member_span": await rows(
            f"SELECT * FROM member_span WHERE {whose} ORDER BY member_id", programme.id
        ),
    }


KNOWN_BY = {"member": "joined_at", "ledger_entry": "effective_at"}
"""The column with the instant from which a row is known, where it is not `recorded_at`."""

PARTS = {
    "booking_line": ("booking", "booking_id"),
    "refund_line": ("refund", "refund_id"),
    "amendment_line": ("amendment", "amendment_id"),
    "allocation": ("ledger_entry", "entry_id"),
}
"""Tables whose rows belong to a row of another table: that table, and the column with its id."""


CAUSES = (
    *("booking_id", "activity_id", "refund_id", "amendment_id"),
    "activity_reversal_id",
)
"""Columns with the fact by which an award becomes known."""


def as_of(tables: Rows, programme: Programme, day: date) -> dict[str, list[Row]]:
    """A member's rows as they stood when a day was settled."""
    zone = programme.versions[0].policy.zone

    def known(table: str, row: Row) -> bool:
        at = row.get(KNOWN_BY.get(table, "recorded_at"))
        return at is None or dates.local_date(at, zone) <= day

    kept = {table: [row for row in found if known(table, row)] for table, found in tables.items()}
    for table, (whole, column) in PARTS.items():
        ids = {row["id"] for row in kept.get(whole, ())}
        kept[table] = [row for row in kept.get(table, ()) if row[column] in ids]
    ids = {row["id"] for found in kept.values() for row in found if "id" in row}
    for table, names in (("award", CAUSES), ("booking_line", ("amendment_id",))):
        kept[table] = [
            row
            for row in kept.get(table, ())
            if all(row[name] is None or row[name] in ids for name in names)
        ]
    changed = sorted(tables.get("tier_change", ()), key=lambda row: (row["recorded_at"], row["id"]))
    if changed and not kept["tier_change"]:
        kept["account"] = [{**row, "tier": changed[0]["from_tier"]} for row in kept["account"]]
    return kept


def prove_days(tables: Rows, programme: Programme) -> int:
    """Assert that the rows as of each day give the same figures as all rows, and that the days add
    up to the figures computed from scratch; the number of days.
    """
    every = of_member(tables, programme, date.max)
    days = sorted({of.known_day for of in every.sums})
    recorded: Counter[Figure] = Counter()
    for day in days:
        then = of_member(as_of(tables, programme, day), programme, day)
        now = of_member(tables, programme, day)
        assert then == now, f"{day}: {then} then, {now} now"
        recorded.update({of: value for of, value in then.sums.items() if of.known_day == day})
    assert recorded == every.sums
    _prove_sums(tables, every.sums)
    return len(days)


def _prove_sums(tables: Rows, sums: Counter[Figure]) -> None:
    """Assert the measures that are sums over lines, awards or entries."""
    found: Counter[str] = Counter()
    for of, value in sums.items():
        found[of.measure] += value
    entries: Counter[str] = Counter()
    for entry in tables.get("ledger_entry", ()):
        entries[entry["kind"]] += entry["points"]
    spent = entries["REDEEM"] + entries["CAPTURE"] - entries["REINSTATE"]
    awards = tables.get("award", ())
    lines: dict[Any, Row] = {}
    for line in tables.get("booking_line", ()):
        if line["amendment_id"] is None:
            lines[line["booking_id"], line["number"]] = line
    versions = {row["id"]: row["recorded_at"] for row in tables.get("amendment", ())}
    for line in sorted(
        tables.get("amendment_line", ()),
        key=lambda row: (versions[row["amendment_id"]], row["amendment_id"]),
    ):
        lines[line["booking_id"], line["line_number"]] = line
    back = tables.get("refund_line", ())
    cash = sum(line["cash_minor"] for line in lines.values())
    assert found == Counter(
        {
            **found,
            "cash": cash - sum(part["cash_minor"] for part in back),
            "granted": sum(one["points"] for one in awards if one["booking_id"]),
            "activity_granted": sum(one["points"] for one in awards if one["activity_id"]),
            "earned": entries["EARN"] - entries["CLAW_BACK"],
            "redeemed": spent,
            "expired": entries["EXPIRE"],
            "members": found["joined"],
        }
    )


async def remove(owner: asyncpg.Connection, table: str, row: dict[str, Any]) -> None:
    """Delete the one row that has exactly these values."""
    same = " AND ".join(f"{name} IS NOT DISTINCT FROM ${n}" for n, name in enumerate(row, 1))
    assert await owner.execute(f"DELETE FROM {table} WHERE {same}", *row.values()) == "DELETE 1"


async def add(owner: asyncpg.Connection, table: str, row: dict[str, Any]) -> None:
    """Insert a row."""
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    columns = ", ".join(row)
    await owner.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", *row.values())
