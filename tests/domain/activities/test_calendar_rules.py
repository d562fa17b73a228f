"""What a member's own day pays: once a year, on time or caught up with."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

import models
from domain.activities import calendar_rules
from domain.activities.calendar_rules import DueDay, day_in, due_days
from domain.members import profile
from domain.members.identity import MemberKey
from domain.members.statuses import MemberStatus
from domain.programmes.programmes import Programme
from ops.postgres.connections import connection
from ops.postgres.database import connected
from tests.conftest import Database
from tests.support import factories as make

DAY = timedelta(days=1)
BIRTHDAY = {
    "code": "birthday",
    "name": {"zh-CN": "生日礼", "en": "Birthday present"},
    "points": 100,
    "on": "birthday",
    "expiry": {"months": 0, "through": "month"},
}


def midnight(day: date) -> datetime:
    """When this local day begins in Shanghai."""
    return datetime.fromisoformat(f"{day}T00:00:00+08:00").astimezone(UTC)


async def open_programme(**changes: Any) -> Programme:
    return await make.establish(make.shipped_document(activities=[BIRTHDAY], **changes))


async def celebrate(programme: Programme, now: datetime) -> list[int]:
    found = [due async for due in calendar_rules.candidates(programme, now)]
    return [await calendar_rules.pay(programme, due, now) for due in found]


@pytest.mark.parametrize(
    ("birthday", "year", "day"),
    [
        (date(1992, 2, 29), 2027, date(2027, 2, 28)),
        (date(1992, 2, 29), 2028, date(2028, 2, 29)),
        (date(1992, 2, 29), 2100, date(2100, 2, 28)),
        (date(1990, 2, 28), 2028, date(2028, 2, 28)),
        (date(1990, 12, 31), 2026, date(2026, 12, 31)),
    ],
)
def test_the_day_of_a_year(birthday: date, year: int, day: date) -> None:
    assert day_in(year, birthday) == day


def test_every_day_of_a_span_is_due_but_for_those_before_joining() -> None:
    birthday, joined = date(1990, 12, 20), date(2020, 1, 1)
    since = date(2026, 11, 20)
    assert due_days(birthday, joined, since, date(2026, 12, 19)) == []
    assert due_days(birthday, joined, since, date(2026, 12, 20)) == [date(2026, 12, 20)]
    assert due_days(birthday, joined, date(2026, 12, 20), date(2027, 1, 5)) == [date(2026, 12, 20)]
    assert due_days(birthday, joined, date(2026, 12, 21), date(2027, 1, 5)) == []
    assert due_days(birthday, date(2026, 12, 21), since, date(2026, 12, 25)) == []
    years = [date(year, 12, 20) for year in (2024, 2025, 2026)]
    assert due_days(birthday, joined, date(2024, 3, 1), date(2026, 12, 20)) == years


async def test_it_is_paid_on_the_day_and_gone_with_the_month(database: Database) -> None:
    programme = await open_programme()
    member_id = await make.enrol(programme, birthday=date(1990, 5, 20))
    day = midnight(date(2026, 5, 20))
    assert await celebrate(programme, day - timedelta(microseconds=1)) == []
    assert await celebrate(programme, day) == [100]
    assert await celebrate(programme, day + 5 * DAY) == []
    end = midnight(date(2026, 6, 1))
    assert await make.available(member_id, end - timedelta(microseconds=1)) == 100
    assert await make.available(member_id, end) == 0
    assert await make.faults(member_id) == []


async def test_29_february_is_paid_on_28_february(database: Database) -> None:
    programme = await open_programme()
    member_id = await make.enrol(programme, birthday=date(1992, 2, 29))
    assert await celebrate(programme, midnight(date(2027, 2, 27))) == []
    assert await celebrate(programme, midnight(date(2027, 2, 28))) == [100]
    assert await celebrate(programme, midnight(date(2027, 3, 1))) == []
    assert await celebrate(programme, midnight(date(2028, 2, 28))) == []
    assert await celebrate(programme, midnight(date(2028, 2, 29))) == [100]
    assert await make.faults(member_id) == []


async def test_once_a_year_whatever_becomes_of_the_birth_date(database: Database) -> None:
    programme = await open_programme()
    member_id = await make.enrol(programme, birthday=date(1990, 5, 20))
    assert await celebrate(programme, midnight(date(2026, 5, 20))) == [100]
    later = midnight(date(2026, 5, 25))
    staff = make.request(make.staff(programme), now=later)
    await profile.change(
        staff, programme, MemberKey.of_id(member_id), {"birthday": date(1990, 9, 1)}
    )
    assert await celebrate(programme, midnight(date(2026, 9, 1))) == []
    assert await celebrate(programme, midnight(date(2027, 5, 20))) == []
    assert await celebrate(programme, midnight(date(2027, 9, 1))) == [100]


async def test_a_job_that_was_down_catches_up(database: Database) -> None:
    programme = await open_programme()
    member_id = await make.enrol(programme, birthday=date(1990, 12, 20))
    assert await celebrate(programme, midnight(date(2027, 1, 10))) == [100]
    assert await make.available(member_id, midnight(date(2027, 1, 31))) == 100
    assert await celebrate(programme, midnight(date(2027, 12, 20))) == [100]
    assert await make.faults(member_id) == []


async def test_a_job_that_was_down_for_two_years_pays_each_of_three_birthdays(
    database: Database,
) -> None:
    """Those that would have expired meanwhile do so at once, in two rows."""
    programme = await open_programme()
    member_id = await make.enrol(programme, birthday=date(1990, 5, 20))
    late = await make.enrol(programme)
    await calendar_rules.keep_mark(programme, make.NOW)
    now = midnight(date(2028, 6, 10))
    assert await celebrate(programme, now) == [100, 100, 100]
    assert await celebrate(programme, now) == []
    pairs = [("EARN", 100), ("EXPIRE", 100)] * 2
    assert await make.entries(member_id) == [*pairs, ("EARN", 100)]
    assert await make.available(member_id, now) == 100
    facts = await models.Activity.filter(member_id=member_id).order_by("occurred_at")
    days = [midnight(date(year, 5, 20)) for year in (2026, 2027, 2028)]
    assert [fact.occurred_at for fact in facts] == days

    # who says a birth date now has it for 30 days, once the job has come so far
    await calendar_rules.keep_mark(programme, now)
    for birthday, paid in ((date(1990, 5, 5), []), (date(1990, 5, 11), [100])):
        staff = make.request(make.staff(programme), now=now)
        await profile.change(staff, programme, MemberKey.of_id(late), {"birthday": birthday})
        assert await celebrate(programme, now) == paid
    assert await make.faults(member_id, late) == []


async def test_a_rule_that_ended_while_the_job_was_down_pays_for_its_days(
    database: Database,
) -> None:
    programme = await open_programme()
    await make.enrol(programme, birthday=date(1990, 5, 20))
    await calendar_rules.keep_mark(programme, make.NOW)
    without = make.shipped_document(activities=[{**BIRTHDAY, "code": "present"}])
    ended = midnight(date(2026, 9, 1))
    programme = await make.publish(programme, without, now=make.NOW, effective_from=ended)
    assert await celebrate(programme, midnight(date(2027, 6, 1))) == [100, 100]


async def test_only_who_was_enrolled_on_the_day(database: Database) -> None:
    programme = await open_programme()
    day = date(2026, 5, 20)
    born = date(1990, 5, 20)
    await make.enrol(programme, guest=True, birthday=born)
    await make.enrol(programme, now=midnight(day) + DAY, birthday=born)
    suspended = await make.enrol(programme, birthday=born)
    await models.Member.filter(member_id=suspended).update(status=MemberStatus.SUSPENDED)
    assert await celebrate(programme, midnight(day) + 2 * DAY) == []
    due = DueDay(suspended, "birthday", day)
    assert await calendar_rules.pay(programme, due, midnight(day)) == 0
    await models.Member.filter(member_id=suspended).update(status=MemberStatus.ENROLLED)
    assert await celebrate(programme, midnight(day)) == [100]


async def test_the_rule_of_its_day_pays(database: Database) -> None:
    """Where the programme had no such rule then, nothing; nor for another programme's members."""
    silent = await make.establish()
    member_id = await make.enrol(silent, birthday=date(1990, 5, 20))
    assert await celebrate(silent, midnight(date(2026, 5, 20))) == []
    due = DueDay(member_id, "birthday", date(2026, 5, 20))
    assert await calendar_rules.pay(silent, due, midnight(date(2026, 5, 20))) == 0


async def test_ten_at_once_pay_once(database: Database) -> None:
    programme = await open_programme()
    member_id = await make.enrol(programme, birthday=date(1990, 5, 20))
    now = midnight(date(2026, 5, 20))
    due = DueDay(member_id, "birthday", date(2026, 5, 20))
    paid = await asyncio.gather(*(calendar_rules.pay(programme, due, now) for _ in range(10)))
    assert sorted(paid) == [0] * 9 + [100]
    assert await make.available(member_id, now) == 100
    assert await make.faults(member_id) == []


async def test_more_than_a_batch(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar_rules, "BATCH", 2)
    programme = await open_programme()
    for _ in range(5):
        await make.enrol(programme, birthday=date(1990, 5, 20))
    now = midnight(date(2026, 5, 20))
    assert await celebrate(programme, now) == [100] * 5
    assert await celebrate(programme, now) == []


async def test_birthdays_are_found_by_their_day_among_many(fresh_database: Database) -> None:
    async with connected(fresh_database.serving, everywhere=False):
        programme = await open_programme()
    async with connection(fresh_database.owner) as owner:
        await owner.execute(
            "INSERT INTO member (member_id, programme_id, reference, birthday, locale, profile, "
            "status, joined_at, referral_code) SELECT gen_random_uuid(), $1, 'M' || n, "
            "date '1960-01-01' + n, 'en', '{}', 'ENROLLED', now(), 'R' || n "
            "FROM generate_series(1, 10000) n",
            programme.id,
        )
        await owner.execute("ANALYZE member")
        plan = await owner.fetch(
            f"EXPLAIN {calendar_rules._BORN}",
            *(programme.id, "ENROLLED", UUID(int=0), [315, 229], "birthday", "system", 500),
        )
    assert "member_by_birthday" in "\n".join(step[0] for step in plan)
