"""Lines of which nothing was heard are put up for review once, and leave when they are settled."""

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from domain.bookings import overdue
from domain.checkout.booking_lines import LineSent
from domain.programmes.programmes import Programme
from tests.conftest import Database
from tests.support import factories as make
from tests.support import travel
from tests.support.travel import amend, complete, refund

DAY = timedelta(days=1)
TODAY = date(2026, 3, 15)
SINCE = datetime.fromisoformat("2026-03-26T00:00:00+08:00")
"""Ten days after 15 March have ended, in Shanghai."""


async def open_asking(then: str = "review") -> Programme:
    points = {
        "worth": {"points": 100, "money": 1},
        "available": "on_completion",
        "expiry": {"months": 12, "through": "day"},
    }
    completion = {"overdue_days": 10, "then": then}
    return await make.establish(make.shipped_document(points=points, completion=completion))


def stay(amount: str, last: date | None = TODAY) -> LineSent:
    return replace(make.line_of("hotel", amount), travel_from=last, travel_to=last)


async def booked(programme: Programme, *lines: LineSent) -> UUID:
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", *lines)
    return member_id


async def put_up(programme: Programme, now: datetime) -> list[UUID]:
    found = [member_id async for member_id in overdue.members(programme, now)]
    return [one for one in found if await overdue.put_up(programme, one, now)]


async def listed(programme: Programme) -> list[tuple[int, int, datetime]]:
    found = await overdue.page(programme, limit=10)
    assert await overdue.count(programme) == len(found)
    return [(line.line_number, line.points, line.overdue_at) for line in found]


async def test_a_line_is_put_up_when_its_days_have_ended_and_once(database: Database) -> None:
    programme = await open_asking()
    member_id = await booked(programme, stay("300"), stay("200", TODAY + DAY))
    moment = timedelta(microseconds=1)
    assert await put_up(programme, SINCE - moment) == []
    assert await put_up(programme, SINCE) == [member_id]
    assert await put_up(programme, SINCE) == []
    assert await listed(programme) == [(1, 300, SINCE)]
    assert await put_up(programme, SINCE + 30 * DAY) == [member_id]
    assert await listed(programme) == [(1, 300, SINCE), (2, 200, SINCE + DAY)]
    assert len(await make.payloads("booking.line_overdue", member_id=member_id)) == 2
    first = await overdue.page(programme, limit=1)
    rest = await overdue.page(programme, limit=5, after=(first[0].overdue_at, first[0].id))
    assert [line.line_number for line in first + rest] == [1, 2]
    assert await make.faults(member_id) == []


async def test_without_dates_the_days_count_from_the_booking(database: Database) -> None:
    programme = await open_asking()
    await booked(programme, stay("300", None))
    assert await put_up(programme, SINCE) != []
    assert await listed(programme) == [(1, 300, SINCE)]


async def test_where_points_mature_by_themselves_nobody_is_asked(database: Database) -> None:
    programme = await open_asking("mature")
    await booked(programme, stay("300"))
    assert await put_up(programme, SINCE + 30 * DAY) == []


async def test_it_leaves_the_list_completed_refunded_or_moved(database: Database) -> None:
    programme = await open_asking()
    lines = stay("300"), stay("200"), stay("100")
    member_id = await booked(programme, *lines)
    await put_up(programme, SINCE)
    assert [line for line, _, _ in await listed(programme)] == [1, 2, 3]
    await complete(programme, "B", 1, now=SINCE)
    assert [line for line, _, _ in await listed(programme)] == [2, 3]
    await refund(programme, "B", "R", (2, "200"), now=SINCE)
    assert [line for line, _, _ in await listed(programme)] == [3]
    moved = stay("100", TODAY + 40 * DAY)
    await amend(programme, "B", "A", stay("300"), stay("200"), moved, now=SINCE)
    assert await listed(programme) == []
    assert await put_up(programme, SINCE + 40 * DAY) == [member_id]
    assert await listed(programme) == [(3, 100, SINCE + 40 * DAY)]


async def test_two_at_once_put_it_up_once(database: Database) -> None:
    programme = await open_asking()
    member_id = await booked(programme, stay("300"))
    await asyncio.gather(*(put_up(programme, SINCE) for _ in range(4)))
    assert await listed(programme) == [(1, 300, SINCE)]
    assert len(await make.payloads("booking.line_overdue", member_id=member_id)) == 1


async def test_more_than_a_batch(database: Database) -> None:
    programme = await open_asking()
    batch, overdue.BATCH = overdue.BATCH, 2
    try:
        members = {await booked(programme, stay("10"))}
        for number in range(2, 6):
            other = await make.enrol(programme)
            await travel.pay(programme, other, f"B{number}", stay("10"), stay("20"))
            members.add(other)
        assert await put_up(programme, SINCE) == sorted(members)
        assert len(await listed(programme)) == 9
    finally:
        overdue.BATCH = batch


async def test_another_programme_does_not_see_it(database: Database) -> None:
    programme, other = await open_asking(), await open_asking()
    await booked(programme, stay("300"))
    assert await put_up(other, SINCE) == []
    await put_up(programme, SINCE)
    assert await listed(other) == []


async def test_with_only_a_first_day_the_days_count_from_it(database: Database) -> None:
    """Not from the booking: they would have ended before the journey."""
    programme = await open_asking()
    member_id = await booked(programme, replace(stay("300", TODAY + 60 * DAY), travel_to=None))
    assert await put_up(programme, SINCE + 60 * DAY - timedelta(microseconds=1)) == []
    assert await put_up(programme, SINCE + 60 * DAY) == [member_id]
    assert await listed(programme) == [(1, 300, SINCE + 60 * DAY)]


async def test_points_mature_after_the_first_day_where_there_is_no_last(
    database: Database,
) -> None:
    programme = await open_asking("mature")
    line = replace(stay("300", TODAY + 60 * DAY), travel_to=None)
    member_id = await booked(programme, line)
    before = timedelta(microseconds=1)
    end = SINCE + 60 * DAY
    assert (await travel.balances(member_id, end - before)).pending == 300
    assert (await travel.balances(member_id, end)).available == 300
    # another first day moves it; a last day that is the same does not
    await amend(programme, "B", "A1", replace(line, travel_from=TODAY + 90 * DAY))
    assert (await travel.balances(member_id, end)).pending == 300
    moved = end + 30 * DAY
    assert (await travel.balances(member_id, moved - before)).pending == 300
    assert (await travel.balances(member_id, moved)).available == 300
    sequence = await travel.sequence(member_id)
    await amend(programme, "B", "A2", stay("300", TODAY + 90 * DAY))
    assert await travel.sequence(member_id) == sequence
    assert await make.faults(member_id) == []
