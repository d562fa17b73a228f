"""Amendments as a booking system reports them and an application shows them."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.test_refunds import available, line, of, open_account
from tests.support import factories as make
from tests.support.callers import TODAY

pytestmark = pytest.mark.usefixtures("database")

AMENDED = """pointsAwarded pointsClawedBack pointsOwed pointsForgiven pointsReinstated
    cashChange { amount currency } balance { pending available held owed }"""
BOOKING = """query($reference: String!) { booking(reference: $reference) {
    status total { amount } refunded { amount } pointsAwarded pointsPending
    awards { rule points } lines { number product amount { amount } travelTo } } }"""


async def test_a_flight_made_cheaper_and_dearer_crosses_its_threshold_both_ways() -> None:
    _, partner = await open_account()
    assert (await partner.book("B", line("flight", "2400"), line("hotel", "100")))[
        "pointsAwarded"
    ] == 3000
    moved = str((TODAY + timedelta(days=40)).date())
    lines = [line("flight", "1900"), line("hotel", "100", travelTo=moved), line("train", "50")]
    down = await partner.done("amendBooking", AMENDED, booking="B", reference="A1", lines=lines)
    assert down == {
        "pointsAwarded": 0,
        "pointsClawedBack": 950,
        "pointsOwed": 0,
        "pointsForgiven": 0,
        "pointsReinstated": 0,
        "cashChange": {"amount": "-450.00", "currency": "CNY"},
        "balance": {"pending": 0, "available": 2050, "held": 0, "owed": 0},
        "replayed": False,
    }
    assert (await partner.read(BOOKING, reference="B"))["booking"] == {
        "status": "PAID",
        "total": {"amount": "2050.00"},
        "refunded": {"amount": "0.00"},
        "pointsAwarded": 2050,
        "pointsPending": 0,
        "awards": [{"rule": "base", "points": 2050}],
        "lines": [
            {"number": 1, "product": "flight", "amount": {"amount": "1900.00"}, "travelTo": None},
            {"number": 2, "product": "hotel", "amount": {"amount": "100.00"}, "travelTo": moved},
            {"number": 3, "product": "train", "amount": {"amount": "50.00"}, "travelTo": None},
        ],
    }
    lines = [line("flight", "2000"), line("hotel", "100"), line("train", "0")]
    up = await partner.done("amendBooking", AMENDED, booking="B", reference="A2", lines=lines)
    assert (up["pointsAwarded"], up["cashChange"]["amount"]) == (550, "50.00")
    again = await partner.done("amendBooking", AMENDED, booking="B", reference="A2", lines=lines)
    assert again == {**up, "replayed": True}
    booking = (await partner.read(BOOKING, reference="B"))["booking"]
    assert booking["awards"] == [
        {"rule": "base", "points": 2100},
        {"rule": "flight_over_2000", "points": 500},
    ]
    assert await available(partner) == booking["pointsAwarded"] == 2600


async def test_an_amended_booking_is_refunded_as_it_is() -> None:
    """The refund's gross is of the dearer flight, and what was added goes with it."""
    _, partner = await open_account()
    await partner.book("B", line("flight", "1000"))
    lines: list[dict[str, Any]] = [line("flight", "2500"), line("hotel", "300")]
    await partner.done("amendBooking", AMENDED, booking="B", reference="A", lines=lines)
    assert await available(partner) == 3300
    part = await partner.done(
        "refundBooking",
        "pointsClawedBack cashRefund { amount } booking { status }",
        booking="B",
        reference="R",
        lines=[of(1, "600"), of(2, "300")],
    )
    assert part == {
        "pointsClawedBack": 1400,
        "cashRefund": {"amount": "900.00"},
        "booking": {"status": "PARTLY_REFUNDED"},
        "replayed": False,
    }
    problem = await partner.refused(
        "amendBooking", booking="B", reference="A2", lines=[line("flight", "599"), lines[1]]
    )
    assert (problem["code"], problem["path"]) == (
        "REFUND_EXCEEDS_BOOKING",
        ["lines", "0", "amount"],
    )
    rest = await partner.done("refundBooking", "booking { status }", booking="B", reference="R2")
    assert rest["booking"] == {"status": "REFUNDED"}
    assert await available(partner) == 0


async def test_points_of_an_amended_line_wait_and_mature() -> None:
    points = {"worth": {"points": 100, "money": 1}, "available": "on_completion"}
    _, partner = await open_account(make.shipped_document(points=points))
    await partner.book("B", line("flight", "1000"), line("hotel", "200"))
    lines = [line("flight", "1500"), line("hotel", "0"), line("hotel", "20")]
    made = await partner.done("amendBooking", AMENDED, booking="B", reference="A", lines=lines)
    assert made["balance"]["pending"] == 1520
    booking = (await partner.read(BOOKING, reference="B"))["booking"]
    assert (booking["status"], booking["pointsPending"]) == ("PAID", 1520)
    done = await partner.done(
        "completeBooking", "pointsMatured booking { status }", booking="B", lines=[1, 3]
    )
    assert (done["pointsMatured"], done["booking"]) == (1520, {"status": "COMPLETED"})


LEDGER = """{ member(by: {reference: "xiaoli"}) { ledger { edges { node {
    kind points zh: description(locale: "zh-CN") en: description(locale: "en") } } } } }"""


async def test_the_ledger_says_what_an_amendment_gave_and_took() -> None:
    _, partner = await open_account()
    await partner.book("B", line("flight", "2400"))
    for reference, amount in (("A1", "1900"), ("A2", "2100")):
        lines = [line("flight", amount)]
        await partner.done("amendBooking", AMENDED, booking="B", reference=reference, lines=lines)
    seen = await partner.read(LEDGER)
    told = [tuple(edge["node"].values()) for edge in seen["member"]["ledger"]["edges"]]
    assert told[:3] == [
        ("EARN", 700, "订单 B（变更）", "Booking B, changed"),
        ("CLAW_BACK", -1000, "变更扣回：订单 B", "Taken back after a change: Booking B"),
        ("EARN", 2900, "订单 B", "Booking B"),
    ]
