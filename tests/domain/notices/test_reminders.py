"""Members are told of points that expire: in time, once, of what is left, and late after all."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel import dates
from domain.notices import reminders
from domain.notices.reminders import Expiring
from domain.programmes import programmes, reader
from domain.programmes.programmes import Programme
from domain.proof import invariants, verification
from domain.proof.evidence import Catalogue
from tests.conftest import Database
from tests.support import factories as make

pytestmark = pytest.mark.usefixtures("proved")

SHANGHAI = ZoneInfo("Asia/Shanghai")
EXPIRES_AT = datetime(2027, 3, 15, 16, tzinfo=UTC)
"""The end of 15 March 2027 in Shanghai, when points of `make.NOW` expire."""


def day(month: int, number: int, hour: int = 12) -> datetime:
    """An instant of 2027 in Shanghai."""
    return datetime.combine(date(2027, month, number), time(hour), SHANGHAI).astimezone(UTC)


async def establish(*days: int) -> Programme:
    return await make.establish(make.shipped_document(reminders={"expiry_days": list(days)}))


async def run(programme: Programme, now: datetime) -> int:
    """What a job does: everybody who is to be told, one after the other."""
    found = [one async for one in reminders.candidates(programme, now)]
    return sum([await reminders.remind(programme, one, now) for one in found])


async def reminded(member_id: UUID) -> list[dict[str, Any]]:
    return await make.payloads("points.expiring", member_id=member_id)


def of(points: int, days: int, on: str = "2027-03-15") -> dict[str, Any]:
    return {"points": points, "expires_on": on, "days": days}


async def test_members_are_told_once_from_the_beginning_of_the_day(database: Database) -> None:
    programme = await establish(30, 7)
    member_id = await make.rich_member(programme, 400)
    await make.give(programme, member_id, 50, now=make.NOW + timedelta(hours=3))

    assert await run(programme, day(2, 13, 0) - timedelta(microseconds=1)) == 0
    assert await run(programme, day(2, 13, 0)) == 1
    assert await reminded(member_id) == [of(450, 30)]
    assert [await run(programme, day(2, 13)), await run(programme, day(3, 7, 23))] == [0, 0]
    assert await run(programme, day(3, 8, 0)) == 1
    assert await reminded(member_id) == [of(450, 30), of(450, 7)]
    assert await run(programme, day(3, 15, 23)) == 0


async def test_a_late_reminder_is_the_nearest_and_never_after_expiry(database: Database) -> None:
    programme = await establish(7, 30)
    member_id = await make.rich_member(programme, 400)

    assert await run(programme, EXPIRES_AT) == 0
    assert await run(programme, EXPIRES_AT - timedelta(microseconds=1)) == 1
    assert await reminded(member_id) == [of(400, 0)]
    assert await run(programme, day(3, 15)) == 0


async def test_what_is_left_is_told_and_of_nothing_nothing(database: Database) -> None:
    programme = await establish(30)
    some = await make.rich_member(programme, 400)
    nothing = await make.rich_member(programme, 400)
    reward = await make.reward(programme, list_points=300)
    await make.redeem(programme, some, reward)
    held = await make.redeem(programme, nothing, reward)
    await make.redeem(programme, nothing, await make.reward(programme, list_points=100))

    assert await run(programme, day(2, 20)) == 1
    assert (await reminded(some), await reminded(nothing)) == ([of(100, 23)], [])

    await make.cancel(programme, nothing, held, now=day(2, 21))
    assert await run(programme, day(2, 21)) == 1
    assert await reminded(nothing) == [of(300, 22)]


async def test_a_hold_that_died_counts_as_given_back(database: Database) -> None:
    programme = await establish(30)
    member_id = await make.rich_member(programme, 400)
    reward = await make.reward(programme, list_points=300, stock=1)
    await make.redeem(programme, member_id, reward, now=day(2, 20), hold=True)

    assert await run(programme, day(2, 20, 13)) == 1

    assert await reminded(member_id) == [of(400, 23)]
    assert await make.stock(reward) == 1


async def test_points_of_other_days_are_told_by_themselves(database: Database) -> None:
    programme = await establish(30)
    member_id = await make.rich_member(programme, 400)
    await make.give(programme, member_id, 50, now=make.NOW + timedelta(days=1))

    assert await run(programme, day(2, 14)) == 2
    assert await reminded(member_id) == [of(400, 29), of(50, 30, "2027-03-16")]


async def test_only_enrolled_members_of_the_programme_are_told(database: Database) -> None:
    programme, silent = (
        await establish(30),
        await make.establish(make.shipped_document(reminders=None)),
    )
    suspended = await make.rich_member(programme, 400)
    await make.set_status(suspended, "SUSPENDED")
    stranger = await make.rich_member(silent, 400)

    assert [await run(programme, day(3, 1)), await run(silent, day(3, 1))] == [0, 0]
    future = await programmes.establish(
        reader.validate(make.shipped_document()),
        make.NOW,
        by="t",
        note="",
        effective_from=day(9, 1),
    )
    assert await run(future, day(3, 1)) == 0
    assert (await reminded(suspended), await reminded(stranger)) == ([], [])

    await make.set_status(suspended, "ENROLLED")
    assert await run(programme, day(3, 2)) == 1


async def test_two_jobs_tell_a_member_once(database: Database) -> None:
    programme = await establish(30)
    ids = [await make.rich_member(programme, 400) for _ in range(3)]
    found = [Expiring(member_id, EXPIRES_AT) for member_id in ids]

    done = await asyncio.gather(
        *(reminders.remind(programme, one, day(3, 1)) for one in found for _ in range(4))
    )

    assert sum(done) == 3
    assert [await reminded(member_id) for member_id in ids] == [[of(400, 14)]] * 3


async def test_a_job_that_was_stopped_goes_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "BATCH", 2)
    programme = await establish(30, 7)
    ids = sorted([await make.rich_member(programme, 10) for _ in range(5)])
    now = day(3, 1)

    found = [one.member_id async for one in reminders.candidates(programme, now)]
    assert found == ids
    await reminders.remind(programme, Expiring(ids[1], EXPIRES_AT), now)
    left = [one.member_id async for one in reminders.candidates(programme, now)]
    assert left == [ids[0], *ids[2:]]


async def test_reminders_of_a_policy_that_changed(database: Database) -> None:
    programme = await establish(30)
    member_id = await make.rich_member(programme, 400)
    assert await run(programme, day(2, 20)) == 1

    document = make.shipped_document(reminders={"expiry_days": [60, 7]})
    programme = await make.publish(programme, document, now=day(2, 21))

    assert await run(programme, day(2, 22)) == 0
    assert await run(programme, day(3, 10)) == 1
    assert await reminded(member_id) == [of(400, 23), of(400, 5)]


async def test_verification_finds_a_reminder_of_points_that_were_not_there(
    database: Database,
) -> None:
    programme = await establish(30)
    member_id = await make.rich_member(programme, 400)
    await run(programme, day(2, 20))
    [rows_of] = await verification.read(UUID(int=member_id.int - 1), member_id)
    catalogue = await verification.read_catalogue(Catalogue({}, {}), [rows_of])
    [reminder] = rows_of.tables["expiry_reminder"]

    for planted in (
        {"points": 401},
        {"expires_at": EXPIRES_AT + timedelta(days=1)},
        {"recorded_at": make.NOW - timedelta(microseconds=1)},
    ):
        rows_of.tables["expiry_reminder"] = [{**reminder, **planted}]
        [fault] = invariants.contradictions(rows_of, catalogue)
        there = 400 if "points" in planted else 0
        points = planted.get("points", 400)
        assert str(fault) == (
            f"expiry_reminder {reminder['id']} of member {member_id}: points is {points}, "
            f"should be {there} or less, what was there to expire"
        )


ZONES = st.sampled_from(["Asia/Shanghai", "America/New_York", "Pacific/Apia", "UTC"])
INSTANTS = st.integers(0, 6 * 365 * 86_400).map(lambda s: make.NOW + timedelta(seconds=s))


@given(
    zone=ZONES.map(ZoneInfo),
    now=INSTANTS,
    lasts=st.integers(-2, 400),
    days=st.sets(st.integers(1, 365), min_size=1, max_size=5),
)
def test_what_is_due_is_what_the_windows_find(
    zone: ZoneInfo, now: datetime, lasts: int, days: set[int]
) -> None:
    expires_at = dates.end_of_day(dates.local_date(now, zone) + timedelta(days=lasts), zone)
    found = [
        one.days
        for one in reminders.windows(now, days, zone)
        if one.after < expires_at <= one.until
    ]
    due = reminders.due(expires_at, now, days, zone)
    assert found == ([] if due is None else [due])
    assert due is None or reminders.days_left(expires_at, now, zone) <= due
