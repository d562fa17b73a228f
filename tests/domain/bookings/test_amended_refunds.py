"""Amendments beside refunds: what was taken, forgiven or expired is not earned a second time."""

from decimal import Decimal

import pytest

from domain.bookings.booking_reads import BookingStatus
from domain.bookings.refusals import RefundExceedsBooking
from domain.kernel.database import rows
from domain.ledger.values import Balances
from domain.tiers import tiers, values
from tests.conftest import Database
from tests.support import factories as make
from tests.support import travel
from tests.support.amended import (
    ANY_POINTS,
    DAY,
    WORTH_ONE_YUAN,
    booked,
    flight,
    open_programme,
    shown,
    spend,
    terms,
)
from tests.support.travel import amend, balances, changed, refund, taken


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


@pytest.mark.parametrize(
    ("claw_back", "down", "up", "left"),
    [
        ("only_pending", (0, 100, 0, 300, 0), (100, 0, 0, 0, 0), Balances(available=100)),
        ("within_balance", (0, 100, 0, 300, 0), (100, 0, 0, 0, 0), Balances(available=100)),
        ("unlimited", (0, 400, 300, 0, 0), (400, 0, 0, 0, 0), Balances(available=100)),
    ],
)
async def test_what_was_forgiven_is_not_earned_a_second_time(
    database: Database, claw_back: str, down: tuple[int, ...], up: tuple[int, ...], left: Balances
) -> None:
    """1000 earned and 900 spent: whatever comes in between, back at CNY 1000 100 are there."""
    programme = await open_programme(refunds=terms(claw_back))
    member_id = await booked(programme, flight("1000"))
    await spend(programme, member_id, 900)
    for turn in range(3):
        made = await amend(programme, "B", f"down {turn}", flight("600"))
        if turn == 0:
            assert changed(made.figures) == (*down, -40000)
        made = await amend(programme, "B", f"up {turn}", flight("1000"))
        if turn == 0:
            assert changed(made.figures) == (*up, 40000)
        assert await balances(member_id) == left
    made = await amend(programme, "B", "dearer", flight("1200"))
    assert changed(made.figures) == (200, 0, 0, 0, 0, 20000)
    assert (await balances(member_id)).available == 300
    assert await make.faults(member_id) == []


async def test_what_was_forgiven_and_what_is_kept_end_in_the_full_refund(
    database: Database,
) -> None:
    """600 of 1000 left, 300 of them forgiven: at CNY 800 nothing is due, nor at 600 again."""
    programme = await open_programme(refunds=terms("within_balance"))
    member_id = await booked(programme, flight("1000"))
    await spend(programme, member_id, 900)
    await amend(programme, "B", "A1", flight("600"))
    for reference, amount in (("A2", "800"), ("A3", "600"), ("A4", "900")):
        made = await amend(programme, "B", reference, flight(amount))
        assert changed(made.figures)[:5] == (0, 0, 0, 0, 0)
    await make.give(programme, member_id, 1000)
    whole = await refund(programme, "B", "R")
    assert taken(whole.figures) == (600, 0, 0, 0, 90000)
    assert await balances(member_id) == Balances(available=400)
    assert await make.faults(member_id) == []


async def test_what_expired_is_not_earned_a_second_time(database: Database) -> None:
    programme = await open_programme()
    member_id = await booked(programme, flight("1000"))
    later = make.NOW + 370 * DAY
    down = await amend(programme, "B", "A1", flight("600"), now=later)
    assert changed(down.figures) == (0, 0, 0, 0, 0, -40000)
    up = await amend(programme, "B", "A2", flight("1000"), now=later)
    assert changed(up.figures) == (0, 0, 0, 0, 0, 40000)
    up = await amend(programme, "B", "A3", flight("1500"), now=later)
    assert changed(up.figures) == (500, 0, 0, 0, 0, 50000)
    assert await balances(member_id, later) == Balances(available=500)
    assert await make.faults(member_id) == []


async def test_points_returned_before_a_rise_are_not_paid_out_again(database: Database) -> None:
    """Half of CNY 300 gave 50 points back; of the next cent only the cent is cash."""
    programme = await open_programme(points=WORTH_ONE_YUAN, offset=ANY_POINTS)
    member_id = await make.enrol(programme)
    await make.give(programme, member_id, 100)
    held = await travel.hold(programme, member_id, 100, flight("300"))
    await travel.pay(programme, member_id, "B", flight("300"), redemption=held)
    half = await refund(programme, "B", "R1", (1, "150"))
    assert taken(half.figures)[3:] == (50, 10000)
    up = await amend(programme, "B", "A", flight("600"))
    assert changed(up.figures) == (300, 0, 0, 0, 0, 30000)
    cent = await refund(programme, "B", "R2", (1, "0.01"))
    assert taken(cent.figures)[3:] == (0, 1)
    rest = await refund(programme, "B", "R3")
    assert taken(rest.figures)[3:] == (50, 39999)
    assert await balances(member_id) == Balances(available=100)
    assert await make.faults(member_id) == []


async def test_lowered_to_what_was_refunded_it_is_refunded(database: Database) -> None:
    programme = await open_programme()
    member_id = await booked(programme, flight("1000"))
    await refund(programme, "B", "R", (1, "400"))
    async with make.refused(programme, RefundExceedsBooking, "lines", "0", "amount"):
        await amend(programme, "B", "A", flight("399.99"))
    down = await amend(programme, "B", "A", flight("400"))
    assert changed(down.figures) == (0, 600, 0, 0, 0, -60000)
    assert (await shown(member_id)).status is BookingStatus.REFUNDED
    assert await tiers.qualifying(member_id) == values.Qualifying()
    up = await amend(programme, "B", "A2", flight("500"))
    assert changed(up.figures) == (100, 0, 0, 0, 0, 10000)
    assert await tiers.qualifying(member_id) == values.Qualifying(
        spend_minor=10000, bookings=1, points=100
    )
    assert await make.faults(member_id) == []


async def test_many_small_steps_give_back_what_one_does(database: Database) -> None:
    """CNY 3.00, 100 points paid 1.00 of it; at 1.00 two thirds of both are back."""
    for steps in (["1"], [str(Decimal(300 - n) / 100) for n in range(25, 201, 25)]):
        programme = await open_programme()
        member_id = await make.enrol(programme)
        await make.give(programme, member_id, 100)
        held = await travel.hold(programme, member_id, 100, flight("3"))
        await travel.pay(programme, member_id, "B", flight("3"), redemption=held)
        back = cash = 0
        for number, amount in enumerate(steps):
            made = (await amend(programme, "B", f"A{number}", flight(amount))).figures
            back, cash = back + made["points_reinstated"], cash + made["cash_change_minor"]
        assert (back, cash) == (66, -134)
        assert await make.faults(member_id) == []
