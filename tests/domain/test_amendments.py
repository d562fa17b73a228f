"""Amendments: a booking changed after it was paid earns as one that was so from the first."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain.booking_lines import LineSent
from domain.database import rows
from domain.journal import Balances
from domain.programmes import Programme
from tests import factories as make
from tests import travel
from tests.conftest import Database
from tests.travel import amend, balances, changed, complete, refund, taken

DAY = timedelta(days=1)
WORTH_ONE_YUAN = {"worth": {"points": 1, "money": 1}, "available": "at_payment"}
ANY_POINTS = {"step": 1, "minimum": 1, "shares": [{"percent": 100}]}


def flight(amount: str) -> LineSent:
    return make.line_of("flight", amount)


def hotel(amount: str, travel_to: date | None = None) -> LineSent:
    return replace(make.line_of("hotel", amount), travel_from=travel_to, travel_to=travel_to)


async def open_programme(**changes: Any) -> Programme:
    return await make.establish(make.shipped_document(**changes))


async def open_slow() -> Programme:
    """Points wait for completion, and mature by themselves ten days after the last day."""
    points = {
        "worth": {"points": 100, "money": 1},
        "available": "on_completion",
        "expiry": {"months": 12, "through": "day"},
    }
    return await open_programme(points=points, completion={"overdue_days": 10, "then": "mature"})


async def booked(programme: Programme, *lines: LineSent) -> UUID:
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", *lines)
    return member_id


async def test_a_threshold_lost_and_reached_again(database: Database) -> None:
    """CNY 2400 under 2000 → +500 earns 2900; at 1900 it is 1900, at 2100 it is 2600."""
    programme = await open_programme()
    member_id = await booked(programme, flight("2400"))
    down = await amend(programme, "B", "A1", flight("1900"))
    assert changed(down.figures) == (0, 1000, 0, 0, 0, -50000)
    assert await make.available(member_id) == 1900
    up = await amend(programme, "B", "A2", flight("2100"), now=make.NOW + DAY)
    assert changed(up.figures) == (700, 0, 0, 0, 0, 20000)
    assert await make.available(member_id, make.NOW + DAY) == 2600
    assert await travel.entries(member_id, 1) == [
        ("CLAW_BACK", "available", "clawed_back", 1000),
        ("EARN", "issued", "available", 700),
    ]
    assert await make.faults(member_id) == []


async def test_a_line_is_added_and_one_dropped(database: Database) -> None:
    programme = await open_programme()
    member_id = await booked(programme, flight("1000"), hotel("300"))
    made = await amend(programme, "B", "A", flight("1000"), hotel("0"), hotel("500"))
    assert changed(made.figures) == (200, 0, 0, 0, 0, 20000)
    assert await make.available(member_id) == 1500
    assert await make.faults(member_id) == []


async def test_what_was_spent_is_owed(database: Database) -> None:
    programme = await open_programme()
    member_id = await booked(programme, flight("1000"))
    reward = await make.reward(programme, list_points=900)
    await make.redeem(programme, member_id, reward)
    down = await amend(programme, "B", "A1", flight("600"))
    assert changed(down.figures) == (0, 400, 300, 0, 0, -40000)
    assert await balances(member_id) == Balances(owed=300)
    up = await amend(programme, "B", "A2", flight("1000"))
    assert changed(up.figures) == (400, 0, 0, 0, 0, 40000)
    assert await balances(member_id) == Balances(available=100)
    assert await make.faults(member_id) == []


async def test_pending_points_stay_with_their_line(database: Database) -> None:
    """500 move from one line to the other; each matures with its own line."""
    programme = await open_slow()
    day = make.NOW.date()
    member_id = await booked(programme, hotel("1000", day), hotel("1000", day))
    made = await amend(programme, "B", "A", hotel("500", day), hotel("1500", day))
    assert changed(made.figures) == (500, 500, 0, 0, 0, 0)
    assert await balances(member_id) == Balances(pending=2000)
    assert (await complete(programme, "B", 1)).figures["points_matured"] == 500
    assert (await complete(programme, "B", 2)).figures["points_matured"] == 1500
    assert await make.faults(member_id) == []


async def test_moved_dates_move_the_time_out(database: Database) -> None:
    programme = await open_slow()
    day = make.NOW.date()
    member_id = await booked(programme, hotel("1000", day), flight("200"))
    lines = hotel("1000", day + 20 * DAY), flight("200")
    made = await amend(programme, "B", "A", *lines)
    assert changed(made.figures) == (0, 0, 0, 0, 0, 0)
    assert await travel.entries(member_id, 2) == [
        ("CLAW_BACK", "pending", "clawed_back", 1000),
        ("EARN", "issued", "pending", 1000),
    ]
    assert await balances(member_id, make.NOW + 12 * DAY) == Balances(pending=1000, available=200)
    assert await balances(member_id, make.NOW + 32 * DAY) == Balances(available=1200)
    assert await make.faults(member_id) == []


async def test_what_points_paid_comes_back_in_the_ratio_it_was_paid(database: Database) -> None:
    """CNY 300, 100 of it in points: at CNY 150 half of them are back; dearer is paid in cash."""
    programme = await open_programme(points=WORTH_ONE_YUAN, offset=ANY_POINTS)
    member_id = await make.enrol(programme)
    await make.give(programme, member_id, 100)
    held = await travel.hold(programme, member_id, 100, flight("300"))
    await travel.pay(programme, member_id, "B", flight("300"), redemption=held)
    down = await amend(programme, "B", "A1", flight("150"))
    assert changed(down.figures) == (0, 100, 0, 0, 50, -10000)
    up = await amend(programme, "B", "A2", flight("250"))
    assert changed(up.figures) == (100, 0, 0, 0, 0, 10000)
    whole = await refund(programme, "B", "R")
    assert taken(whole.figures) == (200, 0, 0, 50, 20000)
    assert await make.available(member_id) == 100
    assert await make.faults(member_id) == []


async def test_after_a_refund(database: Database) -> None:
    """2400 less 500 earns 1900; raised by 700 it is 2600 of cash, and over the threshold."""
    programme = await open_programme()
    member_id = await booked(programme, flight("2400"))
    await refund(programme, "B", "R", (1, "500"))
    up = await amend(programme, "B", "A", flight("3100"))
    assert changed(up.figures) == (1200, 0, 0, 0, 0, 70000)
    assert await make.available(member_id) == 3100
    rest = await refund(programme, "B", "R2")
    assert taken(rest.figures) == (3100, 0, 0, 0, 260000)
    assert await make.available(member_id) == 0
    kept = await rows(
        "SELECT rule, sum(points)::bigint AS net FROM award WHERE member_id = $1 "
        "GROUP BY rule HAVING sum(points) <> 0",
        member_id,
    )
    assert kept == []
    assert await make.faults(member_id) == []
