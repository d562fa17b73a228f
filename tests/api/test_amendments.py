"""Amendments as a booking system reports them and an application shows them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.programmes import programmes
from tests.api.test_refunds import available, line, of, open_account
from tests.support import factories as make
from tests.support.callers import TODAY, Client
from tests.support.granted import faults, member_of

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


FAR = make.rule(
    "bonus",
    "far",
    points=40,
    when={"products": ["flight"], "min_amount": 150},
    available="on_completion",
)
"""Flights of 150 bring 40 more, once they are over."""


async def amended(
    partner: Client, reference: str, *lines: dict[str, Any]
) -> tuple[int, int, tuple[int, int, int]]:
    """Points awarded and clawed back; and what is pending, available and owed then."""
    done = await partner.done(
        "amendBooking", AMENDED, booking="B", reference=reference, lines=[*lines]
    )
    assert done["pointsForgiven"] == 0
    left = done["balance"]
    balances = left["pending"], left["available"], left["owed"]
    return done["pointsAwarded"], done["pointsClawedBack"], balances


async def refunded(partner: Client, reference: str) -> tuple[int, tuple[int, int, int]]:
    """Points clawed back by refunding all that is left; and the balances then."""
    done = await partner.done(
        "refundBooking",
        "pointsClawedBack balance { pending available owed }",
        booking="B",
        reference=reference,
    )
    left = done["balance"]
    return done["pointsClawedBack"], (left["pending"], left["available"], left["owed"])


async def open_expired() -> tuple[Client, UUID, dict[str, Any]]:
    """A booking of 100 whose 100 points expired; who booked, the member, and the only line."""
    month = {"months": 1, "through": "day"}
    points = {"worth": {"points": 1, "money": 1}, "available": "at_payment", "expiry": month}
    base = make.rule("rate", "base", points=1, per=1)
    terms = {"claw_back": "unlimited", "tier": "never", "grace_days": 30}
    stage, partner = await open_account(make.variant(base, FAR, points=points, refunds=terms))
    hotel = line("hotel", "100")
    assert (await partner.book("B", hotel))["pointsAwarded"] == 100
    await programmes.advance_clock(stage.programme, timedelta(days=40))
    return partner, await member_of(stage), hotel


async def test_what_was_not_given_for_points_that_expired_is_lost_first() -> None:
    """100 points expired and stand for the refund: of 240 earned again 140 are given, and nothing
    is due before less than 140 is earned.
    """
    partner, member_id, hotel = await open_expired()
    assert await refunded(partner, "R1") == (0, (0, 0, 0))
    assert await amended(partner, "A1", hotel, line("flight", "200")) == (140, 0, (40, 100, 0))
    assert await amended(partner, "A2", hotel, line("flight", "140")) == (0, 0, (40, 100, 0))
    assert await amended(partner, "A3", hotel, line("flight", "110")) == (0, 30, (40, 70, 0))
    assert await refunded(partner, "R2") == (110, (0, 0, 0))
    assert await faults(member_id) == []


async def test_no_more_is_taken_than_is_due_where_points_change_their_terms() -> None:
    """A flight of 150 and a hotel of 190 earn the same: what waited for the flight is spendable,
    whatever expired and stands for the refund.
    """
    partner, member_id, hotel = await open_expired()
    assert await refunded(partner, "R1") == (0, (0, 0, 0))
    assert await amended(partner, "A1", hotel, line("flight", "250")) == (190, 0, (40, 150, 0))
    assert await amended(partner, "A2", hotel, line("flight", "150")) == (0, 0, (40, 150, 0))
    assert await amended(partner, "A3", hotel, line("hotel", "190")) == (40, 40, (0, 190, 0))
    assert await refunded(partner, "R2") == (190, (0, 0, 0))
    assert await faults(member_id) == []


async def test_the_same_where_nothing_was_refunded() -> None:
    """99 of the 100 that expired stand for the cheaper hotel."""
    partner, member_id, _ = await open_expired()
    hotel = line("hotel", "1")
    assert await amended(partner, "A1", hotel) == (0, 0, (0, 0, 0))
    assert await amended(partner, "A2", hotel, line("flight", "250")) == (191, 0, (40, 151, 0))
    assert await amended(partner, "A3", hotel, line("flight", "151")) == (0, 0, (40, 151, 0))
    assert await amended(partner, "A4", hotel, line("hotel", "191")) == (40, 40, (0, 191, 0))
    assert await faults(member_id) == []


ENTRIES = """{ me { ledger { edges { node { id kind points explanation { text points } } } } } }"""
ENTRY = (
    """query($id: ID!) { node(id: $id) { ... on LedgerEntry { explanation { text points } } } }"""
)


async def test_each_entry_is_explained_by_the_booking_as_it_was_then() -> None:
    stage, partner = await open_account()
    await partner.book("B", line("hotel", "100"))
    amounts = {"A1": "300", "A2": "250"}
    for reference, amount in amounts.items():
        lines = [line("hotel", amount)]
        await partner.done("amendBooking", AMENDED, booking="B", reference=reference, lines=lines)
    await partner.done("refundBooking", "pointsClawedBack", booking="B", reference="R")
    member = stage.member().reading("en")
    edges = (await member.read(ENTRIES))["me"]["ledger"]["edges"]
    found = [edge["node"] for edge in edges]
    said = [(one["points"], [line["points"] for line in one["explanation"]]) for one in found]
    assert said == [(-250, [250]), (-50, [250]), (200, [300]), (100, [100])]
    for one in found:
        alone = (await member.read(ENTRY, id=one["id"]))["node"]
        assert alone["explanation"] == one["explanation"]
