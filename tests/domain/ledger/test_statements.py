"""Statements: opening and movements make the closing, the same whenever it is asked."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from domain.accounts import sweeps
from domain.kernel.refusals import InvalidInput
from domain.ledger import statement_lines, statements, states
from domain.ledger.statement_lines import LINES_MAX, StatementLine
from domain.ledger.statements import AccountStatement, Period, StatementInterval
from domain.ledger.values import Balances, Bucket
from domain.members import statuses
from domain.programmes.programmes import Programme
from tests.conftest import Database
from tests.support import factories as make
from tests.support import reading, travel

SHANGHAI = ZoneInfo("Asia/Shanghai")
TICK = timedelta(microseconds=1)
ONE_MONTH = {
    "worth": {"points": 100, "money": 1},
    "available": "on_completion",
    "expiry": {"months": 1, "through": "day"},
}


def local(month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    """An instant of 2026 as a clock in Shanghai shows it."""
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def month(number: int) -> Period:
    return statements.month_of(date(2026, number, 1))


async def open_programme() -> Programme:
    """Bookings wait for completion and mature by themselves; points last a month to the day."""
    document = make.shipped_document(
        points=ONE_MONTH,
        completion={"overdue_days": 30, "then": "mature"},
        transfers={"account_age_days": 0},
    )
    return await make.establish(document)


async def asked(
    member_id: UUID, period: Period, now: datetime, zone: ZoneInfo = SHANGHAI
) -> AccountStatement:
    first = (await statements.first_entries([member_id]))[member_id]
    since = statements.since((await statuses.membership(member_id)).joined_at, first)
    over = statements.interval(period, since, now, zone)
    return (await statements.of_members([member_id], over))[member_id]


async def lines_of(statement: AccountStatement) -> tuple[StatementLine, ...]:
    [lines] = await statement_lines.of_statements([statement])
    return lines


Figures = dict[str, tuple[int, dict[str, tuple[int, int]], int]]


def figures(statement: AccountStatement) -> Figures:
    """By bucket: opening, points and entries by kind, closing; without what stayed empty."""
    return {
        str(one.bucket): (
            one.opening,
            {str(moved.kind): (moved.points, moved.entries) for moved in one.movements},
            one.closing,
        )
        for one in statement.buckets
        if one.opening or one.movements or one.closing
    }


JANUARY: Figures = {
    "available": (0, {"EARN": (1050, 2)}, 1050),
    "pending": (0, {"EARN": (300, 1)}, 300),
}
FEBRUARY: Figures = {
    "available": (
        1050,
        {
            "EARN": (70, 1),
            "MATURE": (300, 1),
            "HOLD": (-300, 2),
            "RELEASE": (100, 1),
            "REDEEM": (-400, 1),
            "REINSTATE": (400, 1),
            "EXPIRE": (-700, 1),
            "TRANSFER_OUT": (-60, 1),
            "ADJUST": (-40, 1),
        },
        420,
    ),
    "pending": (300, {"MATURE": (-300, 1)}, 0),
    "held": (0, {"HOLD": (300, 2), "RELEASE": (-100, 1), "CAPTURE": (-200, 1)}, 0),
}
MARCH: Figures = {
    "available": (
        420,
        {
            "EARN": (100, 1),
            "REDEEM": (-250, 1),
            "EXPIRE": (-120, 2),
            "CLAW_BACK": (-50, 1),
            "SETTLE": (-250, 3),
            "TRANSFER_IN": (30, 1),
            "ADJUST": (200, 1),
        },
        80,
    ),
    "pending": (0, {"EARN": (90, 1)}, 90),
    "owed": (0, {"CLAW_BACK": (250, 1), "SETTLE": (-250, 3)}, 0),
}
APRIL: Figures = {
    "available": (80, {"MATURE": (90, 1), "EXPIRE": (-80, 1)}, 90),
    "pending": (90, {"MATURE": (-90, 1)}, 0),
}


async def january(programme: Programme) -> UUID:
    li = await make.enrol(programme, now=local(1, 10), reference="li")
    await make.give(programme, li, 1000, now=local(1, 12))  # through 12 February
    await travel.pay(programme, li, "B-1", make.line_of("hotel", "300"), now=local(1, 20))
    await make.give(programme, li, 50, now=local(2, 1, 0) - TICK)  # through 28 February
    return li


async def february(programme: Programme, li: UUID) -> UUID:
    """Its last two entries, a hold that died and what expired, are nobody's to record yet."""
    friend = await make.enrol(programme, now=local(2, 1), reference="friend")
    lounge = await make.reward(programme, list_points=100)
    await make.give(programme, li, 70, now=local(2, 1, 0))  # through 1 March
    await travel.complete(programme, "B-1", now=local(2, 3))  # through 3 March
    held = await make.redeem(programme, li, lounge, quantity=2, hold=True, now=local(2, 5))
    await make.confirm(programme, li, held, now=local(2, 5, 12, 10))
    redeemed = await make.redeem(programme, li, lounge, quantity=4, now=local(2, 6))
    await make.cancel(programme, li, redeemed, now=local(2, 7))
    await make.adjust(programme, li, -40, "counted twice", now=local(2, 8))
    await make.transfer(programme, li, friend, 60, now=local(2, 9))
    await make.redeem(programme, li, lounge, hold=True, now=local(2, 10))
    return friend


async def march(programme: Programme, li: UUID, friend: UUID) -> None:
    bought = await make.reward(programme, list_points=250)
    await make.redeem(programme, li, bought, now=local(3, 2, 10))
    await travel.refund(programme, "B-1", "R-1", now=local(3, 3))
    await make.give(programme, li, 100, now=local(3, 5))
    await make.give(programme, friend, 30, now=local(3, 5))
    await make.transfer(programme, friend, li, 30, now=local(3, 6))
    await make.adjust(programme, li, 200, "goodwill", now=local(3, 7))  # through 7 April
    await travel.pay(programme, li, "B-2", make.line_of("hotel", "90"), now=local(3, 20))


async def test_three_months_by_hand(proved: None) -> None:
    programme = await open_programme()
    li = await january(programme)
    first = await asked(li, month(1), local(2, 1, 0))
    friend = await february(programme, li)
    second = await asked(li, month(2), local(3, 1, 0))
    lines = await lines_of(second)
    assert [str(entry.kind) for entry in second.due] == ["RELEASE", "EXPIRE"]
    await march(programme, li, friend)
    later = local(5, 15)
    third, fourth = await asked(li, month(3), local(4, 2)), await asked(li, month(4), later)
    quarter = await asked(li, Period(date(2026, 1, 1), date(2026, 3, 31)), later)

    assert [figures(one) for one in (first, second, third, fourth)] == [
        *(JANUARY, FEBRUARY, MARCH, APRIL)
    ]
    assert [str(entry.kind) for entry in fourth.due] == ["EXPIRE", "MATURE"]
    for number, before in enumerate((first, second, third), start=1):
        assert await asked(li, month(number), later) == before
    whole = sum((Counter(dict(one.entries)) for one in (first, second, third)), Counter())
    assert Counter(dict(quarter.entries)) == whole
    assert sum(whole.values()) == 3 + 11 + 12
    assert await lines_of(await asked(li, month(2), later)) == lines

    expiring = await lines_of(fourth)
    assert len([one async for one in sweeps.sweep(programme, later)]) >= 1
    assert await asked(li, month(4), later) == fourth
    assert (await asked(li, month(4), later)).due == ()
    assert await lines_of(await asked(li, month(4), later)) == expiring


async def test_the_lines_carry_the_balance_on_and_say_what_they_are_about(proved: None) -> None:
    programme = await open_programme()
    li = await january(programme)
    await february(programme, li)

    lines = await lines_of(await asked(li, month(2), local(2, 28)))

    shown = [(one.sequence, str(one.kind), one.change(Bucket.AVAILABLE)) for one in lines]
    assert shown == [
        (4, "EARN", 70),
        (5, "MATURE", 300),
        (6, "HOLD", -200),
        (7, "CAPTURE", 0),
        (8, "REDEEM", -400),
        (9, "REINSTATE", 400),
        (10, "ADJUST", -40),
        (11, "TRANSFER_OUT", -60),
        (12, "HOLD", -100),
        (13, "RELEASE", 100),
        (14, "EXPIRE", -700),
    ]
    after = [one.available_after for one in lines]
    assert after == [1120, 1420, 1220, 1220, 820, 1220, 1180, 1120, 1020, 1120, 420]
    reinstated, corrected, released, expired = lines[5], lines[6], lines[9], lines[10]
    assert reinstated.redeemed_at == local(2, 6)
    assert reinstated.reward_names == released.reward_names == {"zh-CN": "贵宾厅", "en": "Lounge"}
    assert corrected.reason == "counted twice"
    assert lines[1].booking_reference == "B-1"
    assert released.effective_at == local(2, 10, 12, 30)
    assert expired.effective_at == local(2, 13, 0)


async def test_a_correction_stands_where_it_was_recorded(proved: None) -> None:
    programme = await open_programme()
    li = await january(programme)
    await travel.complete(programme, "B-1", now=local(1, 21))
    before = await asked(li, month(1), local(2, 1, 0))

    await travel.refund(programme, "B-1", "R-1", (1, "100"), now=local(2, 4))

    assert await asked(li, month(1), local(2, 5)) == before
    [*_, taken] = await lines_of(await asked(li, month(2), local(2, 5)))
    assert (str(taken.kind), taken.booking_reference) == ("CLAW_BACK", "B-1")


async def test_what_had_expired_when_it_came_goes_when_it_came(proved: None) -> None:
    """The receiver's account is ahead of the clock by which the giver's points still lived."""
    programme = await open_programme()
    giver = await make.rich_member(programme, 50, now=local(1, 15))  # through 15 February
    receiver = await make.rich_member(programme, 1, now=local(2, 20))
    await make.transfer(programme, giver, receiver, 50, now=local(2, 14))
    days, now = Period(date(2026, 2, 18), date(2026, 2, 28)), local(3, 1)

    found = await asked(receiver, days, now)

    moved = {"EARN": (1, 1), "EXPIRE": (-50, 1), "TRANSFER_IN": (50, 1)}
    assert figures(found) == {"available": (0, moved, 1)}
    [expired] = found.due
    assert expired.effective_at == local(2, 20)
    await sweeps.post(programme, receiver, now)
    assert await asked(receiver, days, now) == found


async def test_midnight_belongs_to_the_day_that_begins(database: Database) -> None:
    programme = await open_programme()
    li = await make.enrol(programme, now=local(1, 10))
    for points, instant in ((1, local(2, 1, 0) - TICK), (20, local(2, 1, 0))):
        await make.give(programme, li, points, now=instant)

    for end in (local(2, 1, 0), local(2, 28)):
        assert figures(await asked(li, month(1), end))["available"] == (0, {"EARN": (1, 1)}, 1)
    opening = figures(await asked(li, month(2), local(2, 1, 0)))
    assert opening["available"] == (1, {"EARN": (20, 1)}, 21)
    # the point of 31 January can be spent through 28 February: it is in that day's closing
    last_day = Period(date(2026, 2, 28), date(2026, 2, 28))
    assert figures(await asked(li, last_day, local(3, 9)))["available"] == (21, {}, 21)
    next_day = Period(date(2026, 3, 1), date(2026, 3, 1))
    gone = figures(await asked(li, next_day, local(3, 9)))
    assert gone["available"] == (21, {"EXPIRE": (-1, 1)}, 20)


async def test_the_running_period_goes_up_to_now(database: Database) -> None:
    programme = await open_programme()
    li = await make.rich_member(programme, 100, now=local(3, 10))

    running = await asked(li, month(3), local(3, 15))
    await make.give(programme, li, 5, now=local(3, 16))

    assert running.interval == StatementInterval(local(3, 1, 0), local(3, 15))
    assert figures(running) == {"available": (0, {"EARN": (100, 1)}, 100)}
    closed = await asked(li, month(3), local(4, 1, 0))
    assert closed.interval.as_of == local(4, 1, 0) - TICK
    assert figures(closed) == {"available": (0, {"EARN": (105, 2)}, 105)}


async def test_an_account_is_as_old_as_its_first_entry(database: Database) -> None:
    programme = await open_programme()
    guest = await make.enrol(programme, guest=True, reference="li", now=local(1, 5))
    await make.adjust(programme, guest, 9, now=local(1, 6))
    assert await make.enrol(programme, reference="li", now=local(3, 5)) == guest

    found = await asked(guest, month(1), local(3, 6))

    assert figures(found) == {"available": (0, {"ADJUST": (9, 1)}, 9)}
    with pytest.raises(InvalidInput):
        await asked(guest, Period(date(2025, 12, 1), date(2026, 1, 5)), local(3, 6))


async def test_nothing_is_counted_twice_when_it_is_recorded_meanwhile(proved: None) -> None:
    """The sweep runs behind the closing balance, before the movements are read."""
    programme = await open_programme()
    li = await make.rich_member(programme, 100, now=local(1, 10))
    over = StatementInterval(local(2, 1, 0), local(3, 1, 0) - TICK)
    quiet = (await statements.of_members([li], over))[li]

    opening = await reading.balances_at(li, over.start - TICK)
    closing = await states.journals_at([li], over.as_of)
    assert await sweeps.post(programme, li, local(3, 2)) == 1
    recorded = await statements._recorded(closing, over)
    found = statements._statement(over, opening, closing[li], recorded[li])

    assert found == quiet
    assert figures(found) == {"available": (100, {"EXPIRE": (-100, 1)}, 0)}
    assert [str(one.kind) for one in await lines_of(found)] == ["EXPIRE"]


async def test_figures_that_do_not_add_up_are_not_shown(database: Database) -> None:
    programme = await open_programme()
    li = await make.rich_member(programme, 100, now=local(1, 10))
    over = StatementInterval(local(1, 1, 0), local(1, 31))
    opening = Balances(available=1)
    [closing] = (await states.journals_at([li], over.as_of)).values()

    with pytest.raises(RuntimeError, match="does not add up"):
        statements._statement(over, opening, closing, [])


async def test_a_page_has_so_many_lines(database: Database) -> None:
    programme = await open_programme()
    li = await make.rich_member(programme, 100, now=local(1, 10))
    statement = await asked(li, month(1), local(1, 31))
    [(kind, one)] = statement.entries
    assert one == 1

    statement_lines.check(replace(statement, entries=((kind, LINES_MAX),)))
    with pytest.raises(InvalidInput) as refused:
        statement_lines.check(replace(statement, entries=((kind, LINES_MAX), (kind, 1))))

    assert refused.value.facts == {
        "reason": "too_many_movements",
        "value": "1001",
        "allowed": ("1000",),
    }


# What a period may be.


async def test_what_matures_together_has_one_order(proved: None) -> None:
    """Told of before it is recorded, lines of one instant stand as they will be recorded."""
    programme = await open_programme()
    li = await make.enrol(programme, now=local(1, 10))
    for number in range(12):
        line = make.line_of("hotel", str(number + 1))
        await travel.pay(programme, li, f"B-{number}", line, now=local(1, 20, 12, 59 - number))
    for number in range(0, 12, 2):
        # rows that were written again lie elsewhere in the table
        await travel.refund(programme, f"B-{number}", "R", (1, "1"), now=local(1, 21, number))
    period, now = month(2), local(2, 25)
    before = await lines_of(await asked(li, period, now))
    assert len(before) == 11

    await sweeps.post(programme, li, now)

    assert await lines_of(await asked(li, period, now)) == before


async def test_many_members_are_read_together(database: Database) -> None:
    programme = await open_programme()
    members = [await make.rich_member(programme, n + 1, now=local(1, 12)) for n in range(4)]
    over = StatementInterval(local(1, 1, 0), local(4, 1, 0))

    together = await statements.of_members(members, over)
    apart = await asyncio.gather(*(statements.of_members([who], over) for who in members))

    assert together == {who: found for one in apart for who, found in one.items()}
    lines = await statement_lines.of_statements([together[who] for who in members])
    assert [[line.points for line in of_one] for of_one in lines] == [[n, n] for n in (1, 2, 3, 4)]
