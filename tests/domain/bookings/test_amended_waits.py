"""Amendments of points that wait: they stay with their line, and mature by its new date."""

from domain.bookings.booking_reads import BookingStatus
from domain.ledger.values import Balances
from tests.conftest import Database
from tests.support import factories as make
from tests.support import travel
from tests.support.amended import DAY, booked, flight, hotel, open_slow, shown
from tests.support.travel import amend, balances, changed, complete


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


async def test_completed_lines_gain_and_lose_at_once_and_open_ones_wait(
    database: Database,
) -> None:
    programme = await open_slow("review")
    member_id = await booked(programme, hotel("1000"), hotel("1000"))
    await complete(programme, "B", 1)
    up = await amend(programme, "B", "A1", hotel("1200"), hotel("1500"))
    assert changed(up.figures)[:2] == (700, 0)
    assert await balances(member_id) == Balances(pending=1500, available=1200)
    down = await amend(programme, "B", "A2", hotel("1200"), hotel("0"))
    assert changed(down.figures)[:2] == (0, 1500)
    assert await balances(member_id) == Balances(available=1200)
    assert (await shown(member_id)).status is BookingStatus.COMPLETED
    back = await amend(programme, "B", "A3", hotel("1200"), hotel("10"))
    assert changed(back.figures)[:2] == (10, 0)
    assert (await shown(member_id)).status is BookingStatus.PAID
    assert (await complete(programme, "B")).figures["points_matured"] == 10
    assert (await shown(member_id)).status is BookingStatus.COMPLETED
    assert await balances(member_id) == Balances(available=1210)
    assert await make.faults(member_id) == []


async def test_what_timed_out_stays_and_only_the_rest_waits_for_the_new_date(
    database: Database,
) -> None:
    """Matured after ten days; moved on and raised, only what is new is pending."""
    programme = await open_slow()
    day = make.NOW.date()
    member_id = await booked(programme, hotel("1000", day))
    later = make.NOW + 20 * DAY
    same = await amend(programme, "B", "A1", hotel("1100", day), now=later)
    assert changed(same.figures)[:2] == (100, 0)
    assert await balances(member_id, later) == Balances(available=1100)
    await amend(programme, "B", "A2", hotel("1300", day + 40 * DAY), now=later)
    assert await balances(member_id, later) == Balances(pending=200, available=1100)
    assert (await complete(programme, "B", now=make.NOW + 40 * DAY)).figures[
        "points_matured"
    ] == 200
    assert await make.faults(member_id) == []


async def test_moved_and_changed_at_once_and_into_the_past(database: Database) -> None:
    programme = await open_slow()
    day = make.NOW.date()
    member_id = await booked(programme, hotel("1000", day), hotel("500", day))
    moved = await amend(
        programme, "B", "A1", hotel("700", day + 20 * DAY), hotel("600", day + 20 * DAY)
    )
    assert changed(moved.figures) == (100, 300, 0, 0, 0, -20000)
    assert await balances(member_id, make.NOW + 15 * DAY) == Balances(pending=1300)
    past = await amend(programme, "B", "A2", hotel("900", day - 40 * DAY), hotel("600", day))
    assert changed(past.figures) == (200, 0, 0, 0, 0, 20000)
    assert await balances(member_id) == Balances(pending=600, available=900)
    assert await balances(member_id, make.NOW + 12 * DAY) == Balances(available=1500)
    assert await make.faults(member_id) == []
