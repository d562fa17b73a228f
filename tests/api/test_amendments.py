"""Amending over HTTP: what the payload, the booking and the ledger say."""

from typing import Any

import pytest

from tests import factories as make
from tests.api.callers import TODAY, open_stage

pytestmark = pytest.mark.usefixtures("database")

AMENDED = """pointsAwarded pointsClawedBack cashChange { amount } balance { available }
    booking { total { amount } pointsAwarded status awards { rule points }
        lines { number product amount { amount } points } }"""
LEDGER = """{ member(by: {reference: "xiaoli"}) { ledger { edges { node {
    kind points zh: description(locale: "zh-CN") en: description(locale: "en") } } } } }"""


def flight(amount: str) -> dict[str, str]:
    return {"product": "flight", "amount": amount}


async def test_a_booking_lowered_and_raised_again() -> None:
    """CNY 2400 under ≥ 2000 → +500: 2900; at 1900 it is 1900; at 2100 and a hotel of 300, 2900."""
    stage = await open_stage()
    await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    partner = await stage.partner()
    sent: Any = {"member": {"reference": "xiaoli"}, "reference": "B", "lines": [flight("2400")]}
    await partner.done("earnForBooking", "pointsAwarded", **sent)
    lower: Any = {"booking": "B", "reference": "A1", "lines": [flight("1900")]}
    down = await partner.done("amendBooking", AMENDED, **lower)
    assert (down["pointsAwarded"], down["pointsClawedBack"]) == (0, 1000)
    assert (down["cashChange"], down["balance"]) == ({"amount": "-500.00"}, {"available": 1900})
    lines = [flight("2100"), {"product": "hotel", "amount": "300"}]
    up = await partner.done("amendBooking", AMENDED, booking="B", reference="A2", lines=lines)
    assert up == {
        "pointsAwarded": 1000,
        "pointsClawedBack": 0,
        "cashChange": {"amount": "500.00"},
        "balance": {"available": 2900},
        "booking": {
            "total": {"amount": "2400.00"},
            "pointsAwarded": 2900,
            "status": "PAID",
            "awards": [
                {"rule": "base", "points": 2400},
                {"rule": "flight_over_2000", "points": 500},
            ],
            "lines": [
                {
                    "number": 1,
                    "product": "flight",
                    "amount": {"amount": "2100.00"},
                    "points": 2600,
                },
                {"number": 2, "product": "hotel", "amount": {"amount": "300.00"}, "points": 300},
            ],
        },
        "replayed": False,
    }
    again = await partner.done("amendBooking", AMENDED, **lower)
    assert (again["replayed"], again["pointsClawedBack"]) == (True, 1000)
    seen = await partner.read(LEDGER)
    told = [
        tuple(edge["node"][name] for name in ("kind", "points", "en", "zh"))
        for edge in seen["member"]["ledger"]["edges"]
    ]
    assert told == [
        ("EARN", 1000, "Booking B, changed", "订单 B（变更）"),
        ("CLAW_BACK", -1000, "Taken back after a change: Booking B", "变更扣回：订单 B"),
        ("EARN", 2900, "Booking B", "订单 B"),
    ]
