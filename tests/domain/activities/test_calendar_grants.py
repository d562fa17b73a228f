"""Grants that come on a day: the anniversary of joining, the same day for all, and when."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

import models
from domain.activities import calendar_rules
from domain.programmes.programmes import Programme
from tests.domain.activities.test_calendar_rules import celebrate, midnight
from tests.support import factories as make
from tests.support.granted import grant

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)


async def open_programme(*grants: dict[str, Any], **changes: Any) -> Programme:
    changes = {"activities": [], **changes}
    return await make.establish(make.shipped_document(grants=list(grants), **changes))


def calendar(day: str, points: int = 50, **terms: Any) -> dict[str, Any]:
    return grant("day", "calendar", day=day, gives={"points": points}, **terms)


async def test_who_joined_on_29_february_has_its_day_in_every_year() -> None:
    programme = await open_programme(calendar("joining"))
    joined = datetime.fromisoformat("2028-02-29T12:00:00+08:00")
    member_id = await make.enrol(programme, now=joined)
    assert await celebrate(programme, midnight(date(2028, 2, 29)) + DAY) == []
    for year, day in ((2029, 28), (2030, 28), (2031, 28), (2032, 29)):
        on = midnight(date(year, 2, day))
        assert await celebrate(programme, on - timedelta(microseconds=1)) == []
        assert await celebrate(programme, on) == [50]
        assert await celebrate(programme, on + DAY) == []
    found = await models.Activity.filter(member_id=member_id).order_by("occurred_at")
    years = [f"{year}:{member_id}" for year in (2029, 2030, 2031, 2032)]
    assert [activity.reference for activity in found] == years
    assert await make.faults(member_id) == []


async def test_born_on_29_february_and_the_job_down_until_3_march() -> None:
    """100 then, through 31 March; the birth date moved to 10 March brings no more."""
    month = {"months": 0, "through": "month"}
    programme = await open_programme(calendar("birthday", 100, expiry=month))
    member_id = await make.enrol(programme, birthday=date(1992, 2, 29))
    await calendar_rules.keep_mark(programme, midnight(date(2027, 2, 27)))
    now = midnight(date(2027, 3, 3))
    assert await celebrate(programme, now) == [100]
    end = midnight(date(2027, 4, 1))
    assert await make.available(member_id, end - timedelta(microseconds=1)) == 100
    assert await make.available(member_id, end) == 0
    await make.change(
        programme, member_id, birthday=date(1992, 3, 10), caller=make.staff(programme), now=now
    )
    assert await celebrate(programme, midnight(date(2027, 3, 10))) == []


async def test_a_day_for_everybody_comes_for_who_had_joined_before_it() -> None:
    programme = await open_programme(calendar("10-01"))
    day = midnight(date(2026, 10, 1))
    await make.enrol(programme)
    await make.enrol(programme, now=day - timedelta(microseconds=1))
    await calendar_rules.keep_mark(programme, day - DAY)
    assert await celebrate(programme, day - timedelta(microseconds=1)) == []
    assert await celebrate(programme, day + timedelta(hours=1)) == [50, 50]
    await calendar_rules.keep_mark(programme, day + timedelta(hours=1))
    await make.enrol(programme, now=day + timedelta(hours=2))
    assert await celebrate(programme, day + timedelta(hours=3)) == []
    # 30 days late at the most
    await make.enrol(programme, now=day + 2 * DAY)
    assert await celebrate(programme, midnight(date(2027, 11, 1))) == []
    assert await celebrate(programme, midnight(date(2027, 10, 31))) == [50] * 4


async def test_a_day_that_was_missed_comes_for_nobody_who_joined_on_it() -> None:
    """As if the job had not been down: the day had begun without them."""
    programme = await open_programme(calendar("10-01"))
    day = midnight(date(2026, 10, 1))
    before = await make.enrol(programme, now=day - timedelta(microseconds=1))
    await make.enrol(programme, now=day)
    await make.enrol(programme, now=day + timedelta(hours=2))
    await calendar_rules.keep_mark(programme, day - DAY)
    assert await celebrate(programme, day + DAY + timedelta(hours=1)) == [50]
    assert await make.available(before, day + 2 * DAY) == 50
    await calendar_rules.keep_mark(programme, day + DAY + timedelta(hours=1))
    assert await celebrate(programme, midnight(date(2027, 10, 1))) == [50] * 3


async def test_its_condition_is_asked_as_the_day_begins_and_once() -> None:
    gold = calendar("birthday", when={"tiers": ["gold"]})
    programme = await open_programme(gold)
    member_id = await make.enrol(programme, birthday=date(1990, 5, 20))
    day = midnight(date(2026, 5, 20))
    await make.book(programme, member_id, ("hotel", "5000"), now=day + DAY / 2)
    assert await celebrate(programme, day + DAY) == [0]
    assert await celebrate(programme, day + 2 * DAY) == []
    [told] = await models.Activity.filter(member_id=member_id, reporter="system")
    assert (told.points, told.within_limit, told.explanation) == (
        0,
        False,
        [{"code": "not_matching", "params": {"rule": "day"}, "points": 0}],
    )
    assert await celebrate(programme, midnight(date(2027, 5, 20))) == [50]
    assert await make.faults(member_id) == []
