"""Instants and spans as an operator types them: a date is that day's local midnight."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.kernel import dates
from ops.errors import OperationError

_SPAN = re.compile(r"(\d{1,6})\s*(second|minute|hour|day|week|month|year)s?", re.ASCII)
_SPANS = re.compile(rf"{_SPAN.pattern}(\s+{_SPAN.pattern})*", re.ASCII)
_MONTHS = {"month": 1, "year": 12}


def parse(text: str, zone: ZoneInfo) -> datetime:
    """`2027-03-16` or `2027-03-16T09:30`, local in `zone` without an offset; UTC.

    Raises: OperationError
    """
    try:
        instant = datetime.fromisoformat(text)
        local = instant if instant.tzinfo else instant.replace(tzinfo=zone)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise OperationError(f"{text!r} is not a date such as 2027-03-16") from None


def later(instant: datetime, span: str, zone: ZoneInfo) -> datetime:
    """`1 year`, `36 hours` or `1 year 1 day` after an instant; months are local and clamp.

    Raises: OperationError
    """
    said = span.strip().lower()
    if not _SPANS.fullmatch(said):
        raise OperationError(f"{span!r} is not a span such as '1 year', '2 weeks' or '36 hours'")
    try:
        for number, unit in _SPAN.findall(said):
            instant = _moved(instant, int(number), unit, zone)
    except (ValueError, OverflowError):
        raise OperationError(f"{span!r} is beyond the calendar") from None
    return instant


def _moved(instant: datetime, number: int, unit: str, zone: ZoneInfo) -> datetime:
    if unit not in _MONTHS:
        return instant + timedelta(**{f"{unit}s": number})
    local, months = instant.astimezone(zone), number * _MONTHS[unit]
    day = dates.add_months(local.date(), months)
    if day == date.max:
        raise OverflowError
    return datetime.combine(day, local.time(), zone).astimezone(UTC)


def show(instant: datetime, zone: ZoneInfo) -> str:
    """`2027-03-16 09:30:00 Asia/Shanghai`: as it is read where the programme is."""
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M:%S} {zone.key}"
