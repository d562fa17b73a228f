"""Days that are settled with their figures, and these as rows."""

from datetime import date
from typing import Any

from domain.accounts import settled_days
from domain.books import books
from domain.insight import rollups
from domain.kernel import dates
from domain.kernel.database import rows
from domain.programmes.programmes import Programme

TABLES = ("figure_day", "member_month", "member_span")


async def settle(programme: Programme, first: date, through: date) -> None:
    """Settle each of these days as the worker does; books that are open go on."""
    zone = programme.versions[0].policy.zone
    await books.open_from(programme, first, dates.start_of_day(first, zone))
    now = dates.end_of_day(through, zone)
    for _ in range((through - first).days + 1):
        while await settled_days.settle(programme, now, [rollups.record_day]) is None:
            found = await books.get(programme.id)
            if found is not None and found.settled_through == through:
                return


async def kept(programme: Programme) -> dict[str, list[dict[str, Any]]]:
    """All figures of the programme, and all its members' rows."""
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
