"""Amendments: a booking changed after it was paid earns as one that was so from the first."""

from collections.abc import Callable
from typing import Any

from domain.bookings import booking_reads
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
from domain.programmes.programmes import Programme
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
    hotel,
    open_programme,
    shown,
)
from tests.support.travel import amend, balances, changed, refund, taken


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


async def test_a_guests_booking_is_amended_without_earning(database: Database) -> None:
    programme = await open_programme()
    guest = await make.enrol(programme, guest=True)
    await travel.pay(programme, guest, "B", flight("1000"))
    made = await amend(programme, "B", "A", flight("3000"), hotel("100"))
    assert changed(made.figures) == (0, 0, 0, 0, 0, 210000)
    assert (await shown(guest)).total_minor == 310000
    assert await tiers.qualifying(guest) == values.Qualifying()
    assert await make.faults(guest) == []


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
