"""Settled days: nothing is recorded in one any more, whoever waited for what."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from domain.accounts import settled_days
from domain.books import books
from domain.kernel.database import row, rows, transact
from domain.kernel.refusals import InvalidInput
from domain.programmes.programmes import Programme
from tests.support import factories as make
from tests.support import figured, reference

pytestmark = pytest.mark.usefixtures("proved")

TODAY, TOMORROW = date(2026, 3, 15), date(2026, 3, 16)
MIDNIGHT = reference.local_midnight("2026-03-16")
HOUR = timedelta(hours=1)


async def opened(first: date = TODAY) -> Programme:
    programme = await make.establish()
    assert await books.open_from(programme, first, make.NOW)
    return programme


async def settled(programme: Programme, now: datetime) -> date:
    """The day that is settled."""
    day = await figured.settle_next(programme, now, ())
    assert day is not None
    return day


async def recorded(member_id: UUID) -> list[datetime]:
    found = await rows(
        "SELECT recorded_at FROM booking WHERE member_id = $1 ORDER BY recorded_at", member_id
    )
    return [booking["recorded_at"] for booking in found]


async def test_days_are_settled_one_after_the_other_once_they_have_ended() -> None:
    programme = await opened()
    assert await settled_days.settle_next(programme, MIDNIGHT - HOUR) is None
    found = await books.get(programme.id)
    assert found is not None
    assert (found.settled_until, found.settled_through) == (MIDNIGHT - 24 * HOUR, None)
    later = MIDNIGHT + 30 * HOUR
    assert [await settled(programme, later) for _ in range(2)] == [TODAY, TOMORROW]
    assert await settled_days.settle_next(programme, later) is None
    assert await books.get(programme.id) == books.Books(TODAY, MIDNIGHT + 24 * HOUR, TOMORROW)
    # nobody opens them again, and a programme without books has none
    assert not await books.open_from(programme, date(2026, 1, 1), later)
    assert await books.get(programme.id) == books.Books(TODAY, MIDNIGHT + 24 * HOUR, TOMORROW)
    assert await settled_days.settle_next(await make.establish(), later) is None
    with pytest.raises(InvalidInput):
        await books.open_from(programme, date(1, 1, 1), later)


async def test_books_begin_with_a_day_that_has_begun() -> None:
    """One that is to come would date all that is recorded until then."""
    programme = await make.establish()
    tomorrow = MIDNIGHT.astimezone(programme.as_of(make.NOW).policy.zone).date()
    for ahead in (tomorrow, date(2999, 1, 1)):
        with pytest.raises(InvalidInput) as refused:
            await books.open_from(programme, ahead, MIDNIGHT - timedelta(microseconds=1))
        assert (refused.value.reason, refused.value.path) == ("in_future", ("from",))
    assert await books.get(programme.id) is None
    assert await books.open_from(programme, tomorrow, MIDNIGHT)


async def test_nothing_is_recorded_in_a_settled_day() -> None:
    programme = await opened()
    member_id = await make.enrol(programme)
    await make.book(programme, member_id, ("hotel", "100"), now=make.NOW)
    assert await settled(programme, MIDNIGHT) == TODAY

    await make.book(programme, member_id, ("hotel", "100"), now=make.NOW + HOUR)
    late = await make.enrol(programme, now=make.NOW)

    assert await recorded(member_id) == [make.NOW, MIDNIGHT]
    last = await row(
        "SELECT effective_at, recorded_at FROM ledger_entry WHERE member_id = $1 "
        "ORDER BY sequence DESC LIMIT 1",
        member_id,
    )
    assert last == {"effective_at": MIDNIGHT, "recorded_at": MIDNIGHT}
    joined = await row("SELECT joined_at FROM member WHERE member_id = $1", late)
    assert joined == {"joined_at": MIDNIGHT}


async def test_what_time_changed_in_a_day_is_written_when_it_is_settled() -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100)
    expires = await row("SELECT expires_at FROM lot WHERE member_id = $1", member_id)
    assert expires is not None
    day = date(2027, 3, 15)
    await books.open_from(programme, day, expires["expires_at"] - timedelta(days=1))
    assert await settled(programme, expires["expires_at"]) == day
    found = await rows(
        "SELECT kind, effective_at FROM ledger_entry WHERE member_id = $1 ORDER BY sequence",
        member_id,
    )
    assert found[-1] == {"kind": "EXPIRE", "effective_at": expires["expires_at"]}


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(6000):
        if await holds():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never came to that")


async def waiting(on: str) -> bool:
    """Whether somebody waits for a lock in a statement that names this table."""
    found = await row(
        "SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database() "
        "AND wait_event_type = 'Lock' AND query LIKE '%' || $1 || '%'",
        on,
    )
    return found is not None and found["count"] > 0


async def closing(programme: Programme) -> bool:
    return await books.settled_until(programme.id) == MIDNIGHT


@asynccontextmanager
async def locked(query: str, *values: object) -> AsyncIterator[None]:
    """While a transaction of its own has these rows."""
    has, goes_on = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        await rows(f"{query} FOR UPDATE", *values)
        has.set()
        await goes_on.wait()

    holding = asyncio.create_task(transact(hold))
    await has.wait()
    yield
    goes_on.set()
    await holding


async def test_who_read_the_books_before_is_waited_for() -> None:
    """It is in the day that it read, and the day is not settled before it has ended."""
    rule = make.rule("bonus", "launch", points=5, budget={"points": 10**6})
    programme = await make.establish(make.variant(make.rule("rate", "base", points=1), rule))
    await books.open_from(programme, TODAY, make.NOW)
    member_id = await make.enrol(programme, now=make.NOW)
    await make.book(programme, member_id, ("hotel", "100"), now=make.NOW)

    async with locked("SELECT used FROM rule_budget WHERE programme_id = $1", programme.id):
        # its account is locked and read; what it waits for comes after
        booking = asyncio.create_task(
            make.book(programme, member_id, ("hotel", "100"), now=make.NOW + HOUR)
        )
        await until(partial(waiting, "rule_budget"))
        settling = asyncio.create_task(settled(programme, MIDNIGHT))
        await until(partial(closing, programme))
        for _ in range(5):
            assert not settling.done()
            await rows("SELECT 1")
        assert not await books.passed(await books.mark())
    await booking
    assert await settling == TODAY
    assert await recorded(member_id) == [make.NOW, make.NOW + HOUR]


async def test_who_waited_for_its_lock_meanwhile_is_recorded_on_the_next_day() -> None:
    programme = await opened()
    member_id = await make.enrol(programme, now=make.NOW)
    async with locked("SELECT member_id FROM account WHERE member_id = $1", member_id):
        booking = asyncio.create_task(
            make.book(programme, member_id, ("hotel", "100"), now=make.NOW)
        )
        await until(partial(waiting, "FROM account"))
        await books.settle_until(programme.id, MIDNIGHT)
    await booking
    assert await recorded(member_id) == [MIDNIGHT]
