"""Instants and spans as an operator types them: a date is that day's local midnight."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.kernel import dates
from ops.errors import OperationError

_SPAN = re.compile(r"(\d{1,6})\s*(second|minute|hour|day|week|month|year)s?", re.ASCII)
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
    """`1 year`, `2 weeks` or `36 hours` after an instant; months are local and clamp.

    Raises: OperationError
    """
    said = _SPAN.fullmatch(span.strip().lower())
    if said is None:
        raise OperationError(f"{span!r} is not a span such as '1 year', '2 weeks' or '36 hours'")
    number, unit = int(said[1]), said[2]
    try:
        if unit not in _MONTHS:
            return instant + timedelta(**{f"{unit}s": number})
        local = instant.astimezone(zone)
        day = dates.add_months(local.date(), number * _MONTHS[unit])
        return datetime.combine(day, local.time(), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise OperationError(f"{span!r} is beyond the calendar") from None


def show(instant: datetime, zone: ZoneInfo) -> str:
    """`2027-03-16 09:30:00 Asia/Shanghai`: as it is read where the programme is."""
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M:%S} {zone.key}"
