"""Periods of statements: which there are, and that nothing lies between them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel import dates
from domain.kernel.refusals import InvalidInput
from domain.ledger import statements
from domain.ledger.statements import PERIOD_DAYS_MAX, Period
from tests.domain.ledger.test_statements import SHANGHAI, TICK, local

SINCE, NOW = local(1, 10), local(3, 15)


@pytest.mark.parametrize(
    ("first", "last", "reason", "value", "allowed", "at"),
    [
        ("2026-03-02", "2026-03-01", "period_backwards", "2026-03-01", "2026-03-02", "through"),
        ("2025-03-15", "2026-03-16", "period_too_long", "367", "366", "through"),
        ("2026-03-16", "2026-03-31", "period_in_future", "2026-03-16", "2026-03-15", "from"),
        ("9999-12-31", "9999-12-31", "period_in_future", "9999-12-31", "2026-03-15", "from"),
        (
            "2026-01-01",
            "2026-01-09",
            "period_before_joining",
            "2026-01-09",
            "2026-01-10",
            "through",
        ),
        (
            "0001-01-01",
            "0001-01-31",
            "period_before_joining",
            "0001-01-31",
            "2026-01-10",
            "through",
        ),
    ],
)
def test_a_period_that_cannot_be(
    first: str, last: str, reason: str, value: str, allowed: str, at: str
) -> None:
    period = Period(date.fromisoformat(first), date.fromisoformat(last))
    with pytest.raises(InvalidInput) as refused:
        statements.interval(period, SINCE, NOW, SHANGHAI)
    assert refused.value.facts == {"reason": reason, "value": value, "allowed": (allowed,)}
    assert refused.value.path == ("period", at)


def test_the_longest_period_is_a_leap_year() -> None:
    assert statements.month_of(date(2024, 2, 5)) == Period(date(2024, 2, 1), date(2024, 2, 29))
    joined = datetime(2023, 1, 1, tzinfo=UTC)
    year = Period(date(2024, 1, 1), date(2024, 12, 31))
    over = statements.interval(year, joined, NOW, SHANGHAI)
    assert over.start == datetime(2023, 12, 31, 16, tzinfo=UTC)
    assert over.as_of == datetime(2024, 12, 31, 16, tzinfo=UTC) - TICK
    assert PERIOD_DAYS_MAX == 366


def test_the_first_and_the_last_day_count() -> None:
    for day in (date(2026, 1, 10), date(2026, 3, 15)):
        statements.interval(Period(day, day), SINCE, NOW, SHANGHAI)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("America/Santiago", date(2026, 9, 6), 23),  # where midnight itself is left out
        ("America/Havana", date(2026, 11, 1), 25),  # where it comes twice
        ("Asia/Shanghai", date(2026, 3, 8), 24),
    ],
)
def test_a_day_lasts_as_long_as_it_does_there(zone: str, day: date, hours: int) -> None:
    place, long_ago = ZoneInfo(zone), datetime(2020, 1, 1, tzinfo=UTC)
    now = datetime(2027, 1, 1, tzinfo=UTC)
    days = [
        statements.interval(Period(day + timedelta(n), day + timedelta(n)), long_ago, now, place)
        for n in (-1, 0, 1)
    ]
    assert days[1].as_of + TICK - days[1].start == timedelta(hours=hours)
    assert days[0].as_of + TICK == days[1].start
    assert days[1].as_of + TICK == days[2].start


@given(
    zone=st.sampled_from(["Asia/Shanghai", "America/New_York", "Africa/Cairo", "Asia/Kathmandu"]),
    first=st.dates(date(2020, 1, 1), date(2026, 12, 31)),
    days=st.integers(1, PERIOD_DAYS_MAX),
    more=st.integers(1, PERIOD_DAYS_MAX),
)
def test_periods_that_follow_each_other_leave_nothing_between(
    zone: str, first: date, days: int, more: int
) -> None:
    place, long_ago = ZoneInfo(zone), datetime(2019, 1, 1, tzinfo=UTC)
    now = datetime(2030, 1, 1, tzinfo=UTC)
    then = first + timedelta(days=days)
    one = statements.interval(Period(first, then - timedelta(1)), long_ago, now, place)
    following = Period(then, then + timedelta(more - 1))
    two = statements.interval(following, long_ago, now, place)
    assert one.as_of + TICK == two.start
    assert dates.local_date(one.start, place) == first
    assert dates.local_date(one.as_of, place) == then - timedelta(1)


# Random histories.
