"""Coming events: the members with reminders due by now, found a batch at a time.

Members are reminded a number of days before the day of an event, as the policy says; a worker that
was stopped catches up for a week, and older reminders are dropped.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.kernel import dates
from domain.kernel.database import rows
from domain.members.statuses import MemberStatus
from domain.notices.kinds import Kind
from domain.programmes.programmes import Programme, in_force
from domain.rewards.coupons import END

BATCH = 500
CATCH_UP_DAYS = 7
BALANCE_HOUR = 10
"""The local hour at which members are notified of their balance, on the first day of a month."""

_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Occasion:
    """The object of a reminder to a member: `about` is a redemption or a booking, otherwise the
    member itself.
    """

    member_id: UUID
    kind: Kind
    about: UUID


@dataclass(frozen=True, slots=True)
class Days:
    """The local days, from `first` through `last`, of events for which reminders are due by now."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The exclusive ends of these days: events lie after the first instant, and until the
        second.
        """
        return dates.start_of_day(self.first, zone), dates.end_of_day(self.last, zone)


def days(now: datetime, before: int, zone: ZoneInfo) -> Days:
    """Days of things that are due for a reminder this many days before; nothing that is over."""
    today = dates.local_date(now, zone)
    last = dates.add_days(today, before)
    return Days(max(today, dates.add_days(last, 1 - CATCH_UP_DAYS)), last)


def month(now: datetime, zone: ZoneInfo) -> tuple[str, datetime] | None:
    """The month, as 2026-12, whose notice of the balance is due now, and its first instant; None
    outside its first week.
    """
    today = dates.local_date(now, zone)
    first = today.replace(day=1)
    begins = dates.at_hour(first, BALANCE_HOUR, zone)
    due = begins <= now < begins + timedelta(days=CATCH_UP_DAYS)
    return (f"{first:%Y-%m}", begins) if due else None


def key_of(about: object, end: datetime) -> str:
    """The key of a reminder of something that ends at an instant."""
    return f"{about}:{int(end.timestamp())}"


_BALANCES = """
SELECT a.member_id, a.member_id AS about, $5::text AS key
FROM account a JOIN member j ON j.member_id = a.member_id
WHERE a.programme_id = $1 AND a.available > 0 AND j.joined_at < $6
"""
_TIERS = """
SELECT a.member_id, a.member_id AS about,
    a.member_id || ':' || floor(extract(epoch FROM a.tier_review_due_at))::bigint AS key
FROM account a
WHERE a.programme_id = $1 AND a.tier_review_due_at > $5 AND a.tier_review_due_at <= $6
"""
_COUPONS = f"""
SELECT c.member_id, c.redemption_id AS about,
    c.redemption_id || ':' || floor(extract(epoch FROM {END}))::bigint AS key
FROM coupon_code c
WHERE c.programme_id = $1 AND c.status = 'ISSUED' AND {END} > $5 AND {END} <= $6
"""
_TRIPS = """
SELECT l.member_id, l.booking_id AS about, l.booking_id || ':' || l.travel_from AS key
FROM booking_line l WHERE l.travel_from >= $5 AND l.travel_from <= $6
UNION ALL
SELECT l.member_id, l.booking_id, l.booking_id || ':' || l.travel_from
FROM amendment_line l WHERE l.travel_from >= $5 AND l.travel_from <= $6
"""

_FOUND = """
SELECT DISTINCT f.member_id, f.about FROM ({found}) f JOIN member m ON m.member_id = f.member_id
WHERE m.programme_id = $1 AND m.status = $2 AND (f.member_id, f.about) > ($3::uuid, $4::uuid)
AND NOT EXISTS (SELECT FROM reminder r WHERE r.member_id = f.member_id AND r.kind = '{kind}'
    AND r.key = f.key)
ORDER BY f.member_id, f.about LIMIT {batch}
"""
"""Enrolled members who were not reminded of it; the first ones by id after a member."""


async def balances(programme: Programme, now: datetime) -> AsyncGenerator[Occasion, None]:
    """Members with points to spend who had joined when a month began, in its first week."""
    version = in_force(programme.versions, now)
    found = month(now, version.policy.zone) if version else None
    if found is not None:
        async for one in _found(programme, Kind.BALANCE, _BALANCES, found):
            yield one


async def tiers(programme: Programme, now: datetime) -> AsyncGenerator[Occasion, None]:
    """Members with a period or grace of the tier that ends soon."""
    if version := in_force(programme.versions, now):
        zone = version.policy.zone
        bounds = days(now, version.policy.notices.tier_days, zone).bounds(zone)
        async for one in _found(programme, Kind.TIER_EXPIRING, _TIERS, bounds):
            yield one


async def coupons(programme: Programme, now: datetime) -> AsyncGenerator[Occasion, None]:
    """Redemptions with coupons that expire soon."""
    if version := in_force(programme.versions, now):
        zone = version.policy.zone
        bounds = days(now, version.policy.notices.coupon_days, zone).bounds(zone)
        async for one in _found(programme, Kind.COUPON_EXPIRING, _COUPONS, bounds):
            yield one


async def trips(programme: Programme, now: datetime) -> AsyncGenerator[Occasion, None]:
    """Bookings with lines that depart soon, or would have before they were amended."""
    if version := in_force(programme.versions, now):
        due = days(now, version.policy.notices.trip_days, version.policy.zone)
        async for one in _found(programme, Kind.TRIP_SOON, _TRIPS, [due.first, due.last]):
            yield one


async def _found(
    programme: Programme, kind: Kind, found: str, values: Sequence[Any]
) -> AsyncGenerator[Occasion, None]:
    """Each once, in the order of members."""
    sql = _FOUND.format(found=found, kind=kind.value, batch=BATCH)
    after = _NOBODY, _NOBODY
    while batch := await _batch(sql, programme.id, after, values):
        for after in batch:
            yield Occasion(after[0], kind, after[1])


async def _batch(
    sql: str, programme_id: UUID, after: tuple[UUID, UUID], values: Sequence[Any]
) -> list[tuple[UUID, UUID]]:
    found = await rows(sql, programme_id, MemberStatus.ENROLLED, *after, *values)
    return [(one["member_id"], one["about"]) for one in found]
