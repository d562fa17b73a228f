"""Overdue lines: where the policy lets nothing mature by itself, people have to act.

A line whose completion is not reported N days after its last day is listed for review once, with an
event. It leaves the list when it is completed, refunded, or moved to other dates.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

from domain.accounts import accounts
from domain.bookings.amended_lines import AMENDED, as_amended
from domain.kernel import dates, sealed_rows
from domain.kernel.callers import partner_of
from domain.kernel.database import Row, row, rows, transact
from domain.kernel.ids import new_id
from domain.kernel.outbox import Topic
from domain.kernel.pages import AT_ID, beyond
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme

BATCH = 500


def overdue_at(
    policy: Policy, booked_at: datetime, travel_from: date | None, travel_to: date | None
) -> datetime:
    """Instant from which an unreported line is overdue: N days after its scheduled end.

    That is the last day of travel, else the first, else the day it was booked on.
    """
    last = travel_to or travel_from or dates.local_date(booked_at, policy.zone)
    return dates.end_of_day(dates.add_days(last, policy.completion.overdue_days), policy.zone)


def _waiting(where: str, whose: str = "") -> str:
    """SQL for lines with points that only a report makes spendable, and from when they are overdue;
    of the members that meet `whose`, such as `= $1`, or of all.
    """
    return f"""
SELECT o.member_id, o.booking_id, b.reporter, o.line_number, sum(o.remaining)::bigint AS points, (
        (coalesce(l.travel_to, l.travel_from, (b.booked_at AT TIME ZONE t.zone)::date)
            + t.days + 1)::timestamp AT TIME ZONE t.zone) AS overdue_at
FROM unnest($1::uuid[], $2::int[], $3::text[]) AS t (version_id, days, zone)
JOIN lot o ON o.policy_version_id = t.version_id AND o.available_at IS NULL
    AND o.matures_at IS NULL AND o.remaining > 0
JOIN booking b ON b.member_id = o.member_id AND b.id = o.booking_id
JOIN LATERAL (SELECT {AMENDED} FROM booking_line l {as_amended(whose)}
    WHERE l.member_id = o.member_id {whose and f"AND l.member_id {whose}"}
    AND l.booking_id = o.booking_id AND l.number = o.line_number) l ON true
WHERE {where} {whose and f"AND o.member_id {whose}"}
GROUP BY o.member_id, o.booking_id, b.reporter, o.line_number, l.travel_from, l.travel_to,
    b.booked_at, t.days, t.zone
"""


@dataclass(frozen=True, slots=True)
class OverdueLine:
    """A line on the list, with its pending points."""

    member_id: UUID
    id: UUID
    booking_id: UUID
    line_number: int
    points: int
    overdue_at: datetime
    raised_at: datetime


async def members(programme: Programme, now: datetime) -> AsyncGenerator[UUID, None]:
    """Members with overdue lines that are not on the list, read a batch at a time."""
    terms, after = _terms(programme), UUID(int=0)
    while terms[0]:
        found = await rows(
            f"SELECT DISTINCT w.member_id FROM ({_fresh()}) w WHERE w.member_id > $5 "
            "ORDER BY w.member_id LIMIT $6",
            *terms,
            now,
            after,
            BATCH,
        )
        if not found:
            return
        for line in found:
            after = line["member_id"]
            yield after


async def put_up(programme: Programme, member_id: UUID, now: datetime) -> int:
    """Put a member's overdue lines on the list, each once, in a transaction; returns how many.

    Raises: ConcurrentRequest.
    """
    return await transact(partial(_put_up, programme, member_id, now))


async def _put_up(programme: Programme, member_id: UUID, now: datetime) -> int:
    found = await rows(_fresh("= $5"), *_terms(programme), now, member_id)
    async with accounts.opened(programme, member_id, now) as account:
        rows_added = await _insert(programme.id, member_id, found, account.now)
        account.journal.changed += sealed_rows.of_all("overdue_line", rows_added)
        added = set(map(_key, rows_added))
        for line in (line for line in found if _key(line) in added):
            account.notify(
                Topic.BOOKING_LINE_OVERDUE,
                partner_id=partner_of(line["reporter"]),
                booking_id=line["booking_id"],
                line=line["line_number"],
                points=line["points"],
            )
        return len(added)


async def _insert(
    programme_id: UUID, member_id: UUID, overdue: Sequence[Row], now: datetime
) -> list[Row]:
    """Insert the lines; returns those that were not on the list yet."""
    return await rows(
        "INSERT INTO overdue_line (member_id, id, programme_id, booking_id, line_number, "
        "overdue_at, raised_at) SELECT $1, new.id, $2, new.booking_id, new.line_number, "
        "new.overdue_at, $3 FROM unnest($4::uuid[], $5::uuid[], $6::int[], $7::timestamptz[]) "
        "AS new (id, booking_id, line_number, overdue_at) ON CONFLICT DO NOTHING "
        f"RETURNING {sealed_rows.columns('overdue_line')}",
        member_id,
        programme_id,
        now,
        [new_id() for _ in overdue],
        [line["booking_id"] for line in overdue],
        [line["line_number"] for line in overdue],
        [line["overdue_at"] for line in overdue],
    )


def _key(line: Row) -> tuple[UUID, int]:
    return line["booking_id"], line["line_number"]


def _fresh(whose: str = "") -> str:
    """SQL for lines that are overdue at $4 and not on the list."""
    return (
        f"SELECT w.* FROM ({_waiting('true', whose)}) w WHERE w.overdue_at <= $4 "
        "AND NOT EXISTS (SELECT 1 FROM overdue_line d WHERE d.member_id = w.member_id "
        f"{whose and f'AND d.member_id {whose}'} AND d.booking_id = w.booking_id "
        "AND d.line_number = w.line_number AND d.overdue_at = w.overdue_at)"
    )


async def page(
    programme: Programme,
    reporter: str | None = None,
    *,
    limit: int,
    after: tuple[datetime, UUID] | None = None,
) -> list[OverdueLine]:
    """At most `limit` lines on the list, of bookings of `reporter` where one is named, the
    longest overdue first, after `after`."""
    found = await rows(
        "SELECT d.member_id, d.id, d.booking_id, d.line_number, w.points, d.overdue_at, "
        f"d.raised_at {_LISTED} AND {beyond('d.overdue_at, d.id', 6, *AT_ID, descending=False)} "
        "ORDER BY d.overdue_at, d.id LIMIT $8",
        *_terms(programme),
        programme.id,
        reporter,
        after[0] if after else None,
        after[1] if after else None,
        limit,
    )
    return [OverdueLine(**line) for line in found]


async def count(programme: Programme, reporter: str | None = None) -> int:
    """Number of lines on the list, of bookings of `reporter` where one is named."""
    found = await row(
        f"SELECT count(*) AS count {_LISTED}", *_terms(programme), programme.id, reporter
    )
    return int(found["count"]) if found else 0


_OF_THE_LINE = (
    "o.member_id = d.member_id AND o.booking_id = d.booking_id AND o.line_number = d.line_number"
)
_LISTED = (
    f"FROM overdue_line d JOIN LATERAL ({_waiting(_OF_THE_LINE)}) w "
    "ON w.overdue_at = d.overdue_at WHERE d.programme_id = $4 "
    "AND ($5::text IS NULL OR EXISTS (SELECT FROM booking b WHERE b.member_id = d.member_id "
    "AND b.id = d.booking_id AND b.reporter = $5))"
)


def _terms(programme: Programme) -> tuple[list[UUID], list[int], list[str]]:
    """Versions under which overdue lines are reviewed, after how many days, in which zone."""
    asking = [v for v in programme.versions if v.policy.completion.then == "review"]
    return (
        [version.id for version in asking],
        [version.policy.completion.overdue_days for version in asking],
        [version.policy.timezone for version in asking],
    )
