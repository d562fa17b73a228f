"""Local days and months, across leap years and changes of the clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel import dates
from domain.ledger import lots
from domain.programmes.rules import Expiry

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = [
    ZoneInfo(name)
    for name in (
        "Asia/Shanghai",
        "Europe/Berlin",
        "America/New_York",
        "America/Sao_Paulo",  # once changed its clocks at midnight: days without 00:00
        "America/Havana",  # has days with 00:00 twice
        "Australia/Lord_Howe",  # changes by half an hour
        "Asia/Kathmandu",
        "UTC",
    )
]
zones = st.sampled_from(ZONES)
days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
instants = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 1, 31), 3, date(2026, 4, 30)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2100, 2, 28), 12, date(2101, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 3, 15), 12, date(2027, 3, 15)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 3, 15), 0, date(2026, 3, 15)),
    ],
)
def test_months_are_added_by_the_calendar(day: date, months: int, expected: date) -> None:
    assert dates.add_months(day, months) == expected


@given(days, st.integers(0, 240))
def test_months_never_spill_into_the_next(day: date, months: int) -> None:
    found = dates.add_months(day, months)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == day.day or (found.day < day.day and found == dates.month_end(found))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 2, 1), date(2026, 2, 28)),
        (date(2028, 2, 1), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2026, 12, 31)),
    ],
)
def test_month_end(day: date, expected: date) -> None:
    assert dates.month_end(day) == expected


def test_points_of_15_march_last_through_15_march() -> None:
    posted = datetime(2026, 3, 15, 2, 30, tzinfo=UTC)  # 10:30 in Shanghai
    gone = lots.expires_at(Expiry(months=12), posted, SHANGHAI)
    assert gone == datetime(2027, 3, 16, 0, 0, tzinfo=SHANGHAI)
    assert gone == datetime(2027, 3, 15, 16, 0, tzinfo=UTC)
    assert dates.last_valid_date(gone, SHANGHAI) == date(2027, 3, 15)


def test_a_day_is_the_local_one() -> None:
    """16:30 UTC on 14 March is 15 March in Shanghai."""
    posted = datetime(2026, 3, 14, 16, 30, tzinfo=UTC)
    assert lots.expires_at(Expiry(months=12), posted, SHANGHAI) == datetime(
        2027, 3, 15, 16, tzinfo=UTC
    )


def test_a_month_after_31_january_is_through_the_last_of_february() -> None:
    posted = datetime(2026, 1, 31, 4, tzinfo=UTC)
    gone = lots.expires_at(Expiry(months=1), posted, SHANGHAI)
    assert gone == datetime(2026, 3, 1, 0, 0, tzinfo=SHANGHAI)
    assert dates.last_valid_date(gone, SHANGHAI) == date(2026, 2, 28)


def test_expiry_through_the_month_ends_with_it() -> None:
    posted = datetime(2026, 2, 3, 4, tzinfo=UTC)
    gone = lots.expires_at(Expiry(months=24, through="month"), posted, SHANGHAI)
    assert gone == datetime(2028, 3, 1, 0, 0, tzinfo=SHANGHAI)
    assert dates.last_valid_date(gone, SHANGHAI) == date(2028, 2, 29)


def test_points_without_terms_never_expire() -> None:
    assert lots.expires_at(None, datetime(2026, 3, 15, tzinfo=UTC), SHANGHAI) is None
    assert dates.last_valid_date(None, SHANGHAI) == date(9999, 12, 31)


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("Europe/Berlin", date(2026, 3, 29), datetime(2026, 3, 28, 23, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 3, 30), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 10, 26), datetime(2026, 10, 25, 23, tzinfo=UTC)),
        # at midnight the clock went to 01:00: the day begins there
        ("America/Sao_Paulo", date(2018, 11, 4), datetime(2018, 11, 4, 3, tzinfo=UTC)),
        # midnight comes twice: the day begins at the first
        ("America/Havana", date(2026, 11, 1), datetime(2026, 11, 1, 4, tzinfo=UTC)),
    ],
)
def test_a_day_begins_when_its_clock_says_so(zone: str, day: date, begins: datetime) -> None:
    assert dates.start_of_day(day, ZoneInfo(zone)) == begins


@given(days, zones)
def test_a_day_has_one_beginning_and_one_end(day: date, zone: ZoneInfo) -> None:
    begins, ends = dates.start_of_day(day, zone), dates.end_of_day(day, zone)
    moment = timedelta(microseconds=1)
    assert dates.local_date(begins, zone) == day
    assert dates.local_date(begins - moment, zone) == day - timedelta(days=1)
    assert dates.local_date(ends - moment, zone) == day
    assert dates.local_date(ends, zone) == day + timedelta(days=1)
    assert dates.last_valid_date(ends, zone) == day


@given(instants, zones, st.integers(1, 60), st.sampled_from(["day", "month"]))
def test_points_last_through_their_last_day_exactly(
    posted: datetime, zone: ZoneInfo, months: int, through: str
) -> None:
    terms = Expiry.model_validate({"months": months, "through": through})
    gone = lots.expires_at(terms, posted, zone)
    assert gone is not None
    last = dates.add_months(dates.local_date(posted, zone), months)
    if through == "month":
        last = dates.month_end(last)
    assert dates.last_valid_date(gone, zone) == last
    assert dates.local_date(gone, zone) == last + timedelta(days=1)
    assert gone > posted


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("day", datetime(2026, 3, 14, 16, tzinfo=UTC), datetime(2026, 3, 15, 16, tzinfo=UTC)),
        ("month", datetime(2026, 2, 28, 16, tzinfo=UTC), datetime(2026, 3, 31, 16, tzinfo=UTC)),
        ("year", datetime(2025, 12, 31, 16, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC)),
    ],
)
def test_a_period_is_local_and_its_end_exclusive(
    period: str, start: datetime, end: datetime
) -> None:
    instant = datetime(2026, 3, 15, 2, 30, tzinfo=UTC)
    assert dates.period_bounds(instant, period, SHANGHAI) == (start, end)
    assert dates.period_bounds(start, period, SHANGHAI) == (start, end)
    assert dates.period_bounds(end, period, SHANGHAI)[0] == end


@given(instants, zones, st.sampled_from(["day", "month", "year"]))
def test_an_instant_lies_in_its_period(instant: datetime, zone: ZoneInfo, period: str) -> None:
    start, end = dates.period_bounds(instant, period, zone)
    assert start <= instant < end


@given(st.dates(), st.integers(-2000, 2000), zones)
def test_nothing_leaves_the_calendar(day: date, count: int, zone: ZoneInfo) -> None:
    assert dates.add_days(date(2026, 1, 31), 1) == date(2026, 2, 1)
    assert (dates.add_months(day, count) > day) == (count > 0 and day < date.max)
    assert (dates.add_days(day, count) > day) == (count > 0 and day < date.max)
    starts, ends = dates.start_of_day(day, zone), dates.end_of_day(day, zone)
    assert starts < ends
    assert dates.last_valid_date(ends, zone) in (day, date.max)
    for period in ("day", "month", "year"):
        first, following = dates.period_bounds(starts, period, zone)
        assert first <= starts < following


@pytest.mark.parametrize("zone", ZONES)
def test_the_first_and_the_last_day_have_instants(zone: ZoneInfo) -> None:
    assert dates.end_of_day(date.max, zone) == datetime.max.replace(tzinfo=UTC)
    assert dates.local_date(datetime.max.replace(tzinfo=UTC), zone) == date.max
    assert dates.local_date(datetime.min.replace(tzinfo=UTC), zone) == date.min
    assert dates.add_days(date.max, 1) == date.max
    assert dates.add_months(date(9999, 6, 1), 12) == date.max
