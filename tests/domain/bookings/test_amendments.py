"""Amendments: a booking changed after it was paid earns as one that was so from the first."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.bookings import booking_reads
from domain.bookings.booking_reads import Booking, BookingStatus
from domain.bookings.refusals import RefundExceedsBooking
from domain.checkout.booking_lines import LineSent
from domain.kernel.database import rows
from domain.kernel.refusals import (
    EventInFuture,
    EventTooOld,
    IdempotencyKeyReused,
    InvalidInput,
    NotFound,
    ReferenceConflict,
    Refusal,
)
from domain.ledger.values import Balances
from domain.members import members
from domain.programmes.programmes import Programme
from domain.tiers import tiers, values
from tests.conftest import Database
from tests.support import factories as make
from tests.support import travel
from tests.support.travel import amend, balances, changed, complete, refund, taken

DAY = timedelta(days=1)
WORTH_ONE_YUAN = {"worth": {"points": 1, "money": 1}, "available": "at_payment"}
ANY_POINTS = {"step": 1, "minimum": 1, "shares": [{"percent": 100}]}


def flight(amount: str) -> LineSent:
    return make.line_of("flight", amount)


def hotel(amount: str, travel_to: date | None = None, nights: int = 0) -> LineSent:
    travel_from = travel_to and travel_to - nights * DAY
    return replace(make.line_of("hotel", amount), travel_from=travel_from, travel_to=travel_to)


def terms(claw_back: str, tier: str = "now") -> dict[str, Any]:
    return {"claw_back": claw_back, "tier": tier, "grace_days": 30}


async def open_programme(**changes: Any) -> Programme:
    return await make.establish(make.shipped_document(**changes))


async def open_slow(then: str = "mature") -> Programme:
    """Points wait for completion; ten days after the last day they mature, or are looked at."""
    points = {
        "worth": {"points": 100, "money": 1},
        "available": "on_completion",
        "expiry": {"months": 12, "through": "day"},
    }
    return await open_programme(points=points, completion={"overdue_days": 10, "then": then})


async def booked(programme: Programme, *lines: LineSent) -> UUID:
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", *lines)
    return member_id


async def shown(member_id: UUID) -> Booking:
    """The member's only booking as clients see it."""
    [booking] = (await booking_reads.pages([member_id], None, 2, None))[member_id]
    return booking


async def spend(programme: Programme, member_id: UUID, points: int) -> None:
    await make.redeem(programme, member_id, await make.reward(programme, list_points=points))


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


async def test_other_attributes_and_products_are_judged_by_the_rules(database: Database) -> None:
    """Business flights earn twice; as a hotel it does not."""
    double = make.rule(
        "multiplier",
        "business",
        factor=2,
        _class="campaign",
        when={"attributes": {"business": True}},
    )
    programme = await open_programme(earning=[*make.shipped_rules(), double])
    member_id = await booked(programme, flight("1000"))
    business = make.line_of("flight", "1000", business=True)
    made = await amend(programme, "B", "A1", business)
    assert changed(made.figures) == (1000, 0, 0, 0, 0, 0)
    made = await amend(programme, "B", "A2", hotel("1000"))
    assert changed(made.figures) == (0, 1000, 0, 0, 0, 0)
    key = (member_id, (await shown(member_id)).id)
    [line] = (await booking_reads.lines([key]))[key[1]]
    assert (line.product, line.amount_minor, line.points) == ("hotel", 100000, 1000)
    assert await make.faults(member_id) == []


async def test_a_limited_bonus_that_another_booking_took(database: Database) -> None:
    """One bonus for ever: lost by B, taken by C, and not there for B when it rises again."""
    once = make.rule(
        "bonus", "first", points=500, when={"min_amount": 1000}, limit={"times": 1, "per": "member"}
    )
    programme = await open_programme(earning=[make.shipped_rules()[0], once])
    member_id = await booked(programme, hotel("1000"))
    same = await amend(programme, "B", "A0", hotel("1100"))
    assert changed(same.figures)[:2] == (100, 0)
    down = await amend(programme, "B", "A1", hotel("900"))
    assert changed(down.figures)[:2] == (0, 700)
    other = await travel.pay(programme, member_id, "C", hotel("1000"))
    assert other.figures["points_awarded"] == 1500
    up = await amend(programme, "B", "A2", hotel("1000"))
    assert changed(up.figures)[:2] == (100, 0)
    await refund(programme, "C", "R")
    up = await amend(programme, "B", "A3", hotel("1001"))
    assert changed(up.figures)[:2] == (501, 0)
    assert await make.faults(member_id) == []


@pytest.mark.parametrize(("tier", "after"), [("now", "silver"), ("never", "gold")])
async def test_an_amendment_lifts_a_tier_and_loses_it_as_the_policy_says(
    database: Database, tier: str, after: str
) -> None:
    """What it earns more is still by the tier that it was booked at."""
    programme = await open_programme(refunds=terms("unlimited", tier))
    member_id = await booked(programme, hotel("4000"))
    up = await amend(programme, "B", "A1", hotel("5000"), now=make.NOW + DAY)
    assert changed(up.figures)[:2] == (1000, 0)
    assert (await members.many([member_id]))[member_id].tier == "gold"
    assert await make.book(programme, member_id, ("hotel", "10"), now=make.NOW + DAY) == 12
    await amend(programme, "B", "A2", hotel("4000"), now=make.NOW + 2 * DAY)
    assert (await members.many([member_id]))[member_id].tier == after
    assert (await tiers.qualifying(member_id)).spend_minor == 401000
    dated = await rows(
        "SELECT occurred_at, spend_minor FROM tier_credit WHERE member_id = $1 "
        "AND recorded_at > occurred_at ORDER BY recorded_at",
        member_id,
    )
    assert [(c["occurred_at"], c["spend_minor"]) for c in dated] == [
        (make.NOW, 100000),
        (make.NOW, -100000),
    ]
    assert await make.faults(member_id) == []


async def test_nights_are_those_of_the_lines_as_they_are(database: Database) -> None:
    document = make.shipped_document()
    document["tiers"].update(basis="nights", night_products=["hotel"])
    programme = await make.establish(document)
    day = make.NOW.date() + 30 * DAY
    member_id = await booked(programme, hotel("300", day, 3), hotel("0", day, 1))

    async def nights(reference: str, *lines: LineSent) -> int:
        await amend(programme, "B", reference, *lines)
        return (await tiers.qualifying(member_id)).nights

    assert (await tiers.qualifying(member_id)).nights == 4
    free = hotel("0", day, 1)
    assert await nights("longer", hotel("500", day, 5), free) == 6
    assert await nights("not free", hotel("500", day, 5), hotel("100", day, 1)) == 6
    assert await nights("dropped", hotel("500", day, 5), free) == 5
    assert await nights("added", hotel("500", day, 5), free, hotel("200", day, 2)) == 7
    await refund(programme, "B", "R")
    assert await tiers.qualifying(member_id) == values.Qualifying()


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


async def test_a_guests_booking_is_amended_without_earning(database: Database) -> None:
    programme = await open_programme()
    guest = await make.enrol(programme, guest=True)
    await travel.pay(programme, guest, "B", flight("1000"))
    made = await amend(programme, "B", "A", flight("3000"), hotel("100"))
    assert changed(made.figures) == (0, 0, 0, 0, 0, 210000)
    assert (await shown(guest)).total_minor == 310000
    assert await tiers.qualifying(guest) == values.Qualifying()
    assert await make.faults(guest) == []


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


async def test_a_reference_is_recorded_once_for_ever(database: Database) -> None:
    programme = await open_programme()
    member_id = await booked(programme, flight("1000"))
    first = await amend(programme, "B", "A", flight("1200"), key="k")
    await amend(programme, "B", "A2", flight("1300"))
    for key, later in (("k", 0), ("other", 0), ("third", 800)):
        again = await amend(
            programme, "B", "A", flight("1200"), key=key, now=make.NOW + later * DAY
        )
        assert again.replayed
        assert again.figures == first.figures
    async with make.refused(programme, ReferenceConflict, "reference"):
        await amend(programme, "B", "A", flight("1201"))
    async with make.refused(programme, IdempotencyKeyReused, "idempotencyKey"):
        await amend(programme, "B", "A", flight("1201"), key="k")
    assert await make.available(member_id) == 1300


REFUSED: list[tuple[type[Refusal], tuple[str, ...], Callable[[Programme], Any]]] = [
    (NotFound, ("booking",), lambda p: amend(p, "b", "A", flight("1"))),
    (InvalidInput, ("booking",), lambda p: amend(p, "B\0", "A", flight("1"))),
    (InvalidInput, ("reference",), lambda p: amend(p, "B", "A\0", flight("1"))),
    (InvalidInput, ("reference",), lambda p: amend(p, "B", "A" * 129, flight("1"))),
    (InvalidInput, ("lines",), lambda p: amend(p, "B", "A")),
    (InvalidInput, ("lines",), lambda p: amend(p, "B", "A", flight("1"))),
    (InvalidInput, ("lines",), lambda p: amend(p, "B", "A", flight("0"), hotel("0"))),
    (InvalidInput, ("lines",), lambda p: amend(p, "B", "A", *[flight("1")] * 101)),
    (
        InvalidInput,
        ("lines", "1", "product"),
        lambda p: amend(p, "B", "A", flight("1"), make.line_of("rocket", "1")),
    ),
    (
        InvalidInput,
        ("lines", "0", "amount"),
        lambda p: amend(p, "B", "A", flight("1.001"), hotel("1")),
    ),
    (
        EventInFuture,
        ("amendedAt",),
        lambda p: amend(p, "B", "A", flight("1"), hotel("1"), at=make.NOW + DAY),
    ),
    (
        EventTooOld,
        ("amendedAt",),
        lambda p: amend(p, "B", "A", flight("1"), hotel("1"), at=make.NOW - 366 * DAY),
    ),
]


async def test_what_cannot_be_is_refused_and_changes_nothing(database: Database) -> None:
    programme, other = await open_programme(), await open_programme()
    await booked(programme, flight("1000"), hotel("100"))
    await travel.pay(other, await make.enrol(other), "b", flight("1000"))
    for error, path, attempt in REFUSED:
        async with make.refused(programme, error, *path):
            await attempt(programme)
    hundred = await amend(programme, "B", "A", flight("1000"), hotel("100"), *[hotel("1")] * 98)
    assert hundred.figures["points_awarded"] == 98


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
