"""Seasons: dates, and days of every year."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.programmes import seasons
from domain.programmes.seasons import Season, Span
from tests.support import factories as make


def season(first: str, last: str) -> Season:
    span = {"from": first, "through": last}
    return Season.model_validate({"code": "peak", "name": make.WORDS, "spans": [span]})


@pytest.mark.parametrize(
    ("first", "last", "inside", "outside"),
    [
        ("2026-07-01", "2026-08-31", ["2026-07-01", "2026-08-31"], ["2026-06-30", "2027-07-01"]),
        ("07-01", "08-31", ["2026-07-01", "2031-08-31"], ["2026-06-30", "2026-09-01"]),
        ("10-01", "10-01", ["2026-10-01"], ["2026-09-30", "2026-10-02"]),
        (
            "12-24",
            "01-06",
            ["2026-12-24", "2026-12-31", "2027-01-01", "2027-01-06"],
            ["2026-12-23", "2027-01-07"],
        ),
        ("02-29", "03-01", ["2028-02-29", "2027-02-28"], ["2028-02-28", "2027-02-27"]),
        ("02-01", "02-29", ["2028-02-29", "2027-02-28"], ["2027-03-01", "2028-03-01"]),
    ],
)
def test_a_season_covers_its_days(
    first: str, last: str, inside: list[str], outside: list[str]
) -> None:
    found = season(first, last)
    assert all(found.covers(date.fromisoformat(day)) for day in inside)
    assert not any(found.covers(date.fromisoformat(day)) for day in outside)


def test_days_of_every_year_are_stored_as_they_are_written() -> None:
    span = Span.model_validate({"from": "12-24", "through": "01-06"})
    assert span.model_dump(mode="json", by_alias=True) == {"from": "12-24", "through": "01-06"}
    dated = Span.model_validate({"from": "2026-12-24", "through": date(2027, 1, 6)})
    assert dated.model_dump(mode="json", by_alias=True) == {
        "from": "2026-12-24",
        "through": "2027-01-06",
    }


DAYS = st.dates(min_value=date(2023, 1, 1), max_value=date(2027, 12, 31))
YEARLY = st.sampled_from(("01-01", "02-28", "02-29", "03-01", "06-30", "12-31"))


@st.composite
def spans(draw: st.DrawFn) -> Span:
    """Of dates in their order, or of every year, also across its end."""
    if draw(st.booleans()):
        return Span.model_validate({"from": draw(YEARLY), "through": draw(YEARLY)})
    first, last = sorted((draw(DAYS), draw(DAYS)))
    return Span.model_validate({"from": first, "through": last})


@given(st.lists(spans(), min_size=1, max_size=3), DAYS)
def test_the_last_day_of_a_season_is_found_without_counting(own: list[Span], day: date) -> None:
    peak = season("2026-01-01", "2026-01-01").model_copy(update={"spans": tuple(own)})
    last = seasons.last_day([peak], ["peak"], day)
    following = (day + timedelta(days=ahead) for ahead in range(6 * 366))
    first_outside = next((one for one in following if not peak.covers(one)), None)
    if last is None:
        assert first_outside is None
    else:
        assert first_outside == last + timedelta(days=1)
