"""Local days, months and last valid dates in a programme's zone.

Expiry counts in local calendar days: points posted on 15 March with 12 months are valid
through 15 March of the next year, stored as the exclusive instant 16 March 00:00 local.

Dates beyond the calendar's first or last day become that day, so that nothing here overflows.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

FOREVER = date(9999, 12, 31)
"""The date shown for points that never expire, where a date must be shown."""
_FIRST_INSTANT = datetime.min.replace(tzinfo=UTC)
_LAST_INSTANT = datetime.max.replace(tzinfo=UTC)


def add_days(day: date, days: int) -> date:
    """The day this many days later; earlier, where negative."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def add_months(day: date, months: int) -> date:
    """The same day of the month, clamped: 31 January + 1 month is 28 or 29 February."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not date.min.year <= year <= date.max.year:
        return date.min if months < 0 else date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


@lru_cache(maxsize=4096)
def local(instant: datetime, zone: ZoneInfo) -> tuple[date, int]:
    """The local day at this instant (UTC), and the hour of that day, 0 to 23."""
    try:
        found = instant.astimezone(zone)
    except OverflowError:
        return (date.min, 0) if instant.year == date.min.year else (date.max, 23)
    return found.date(), found.hour


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    """The local day at this instant."""
    return local(instant, zone)[0]


def days_between(first: datetime, second: datetime, zone: ZoneInfo) -> int:
    """Number of local days from the first instant to the second; negative when it is earlier."""
    return (local_date(second, zone) - local_date(first, zone)).days


def local_hour(instant: datetime, zone: ZoneInfo) -> int:
    """The hour of the local day at this instant, 0 to 23."""
    return local(instant, zone)[1]


@lru_cache(maxsize=4096)
def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which `day` begins in `zone`."""
    try:
        return datetime.combine(day, time(), zone).astimezone(UTC)
    except OverflowError:
        return _FIRST_INSTANT if day.year == date.min.year else _LAST_INSTANT


def at_hour(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which a local hour of the day begins."""
    return datetime.combine(day, time(hour), zone).astimezone(UTC)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The exclusive instant (UTC) at which `day` is over in `zone`."""
    return _LAST_INSTANT if day == date.max else start_of_day(add_days(day, 1), zone)


@lru_cache(maxsize=4096)
def last_valid_date(expires_at: datetime | None, zone: ZoneInfo) -> date:
    """The last local date on which points with this exclusive expiry can be spent."""
    if expires_at is None:
        return FOREVER
    return local_date(expires_at - timedelta(microseconds=1), zone)


def period_bounds(instant: datetime, period: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Start and exclusive end (UTC) of the local day, month or year around `instant`."""
    day = local_date(instant, zone)
    if period == "day":
        first, following = day, add_days(day, 1)
    elif period == "month":
        first = day.replace(day=1)
        following = add_months(first, 1)
    else:
        first = date(day.year, 1, 1)
        following = add_months(first, 12)
    return start_of_day(first, zone), start_of_day(following, zone)
