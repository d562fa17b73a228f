"""Grants beside caps: what the programme gives by itself counts, and is clipped, as all else is."""

from datetime import timedelta
from typing import Any

import pytest

from domain.programmes import programmes
from tests.support import factories as make
from tests.support.callers import Stage
from tests.support.granted import GRANTS, available, faults, grant, member_of, open_granting, told

pytestmark = pytest.mark.usefixtures("database")

SECOND = grant("second", "milestone", count="trips", at=2, gives={"points": 500})
TERMS: dict[str, Any] = {
    "counts": {"trips": {"of": "bookings"}},
    "earning": [make.rule("rate", "base", points=1)],
    "activities": [],
    "caps": [{"points": 1000, "per": "month"}],
    "points": {
        "worth": {"points": 100, "money": 1},
        "available": "at_payment",
        "expiry": {"months": 1, "through": "month"},
    },
}


def hotel(amount: str) -> dict[str, Any]:
    return {"product": "hotel", "amount": amount}


async def test_a_grant_gains_what_caps_leave_after_its_fact_and_gives_it_back() -> None:
    stage, partner = await open_granting(SECOND, **TERMS)
    selection = f"pointsAwarded {GRANTS}"
    await partner.book("A", hotel("400"))
    second = await partner.book("B", hotel("400"), selection=selection)
    assert (second["pointsAwarded"], told(second)) == (400, [("second", "RECORDED", 200)])
    assert (await partner.book("C", hotel("100"), selection=selection))["pointsAwarded"] == 0
    shown = await stage.member().read(
        '{ me { activities { edges { node { explanation { code text(locale: "en") } } } } } }'
    )
    [listed] = shown["me"]["activities"]["edges"]
    assert listed["node"]["explanation"] == [
        {"code": "grant", "text": "second"},
        {
            "code": "cap",
            "text": "The most points that a member can gain in the period has been reached: "
            "300 points less of second",
        },
    ]
    for reference in ("A", "B"):
        lost = await partner.done("refundBooking", GRANTS, booking=reference, reference="R")
    assert told(lost) == [("second", "REVERSED", 200)]
    assert await available(partner) == 0
    # what comes first gains first: 900 of 1000, and the grant that stands again the rest
    again = await partner.book("D", hotel("900"), selection=selection)
    assert (again["pointsAwarded"], told(again)) == (900, [("second", "RECORDED", 200)])
    assert await available(partner) == 1000
    assert await faults(await member_of(stage)) == []


async def test_what_comes_again_ends_when_it_would_have_ended_at_first() -> None:
    stage, partner = await open_granting(SECOND, **TERMS)
    await partner.book("A", hotel("100"))
    await partner.book("B", hotel("100"))
    await partner.done("refundBooking", booking="B", reference="R")
    ahead = timedelta(days=20)
    later = Stage(await programmes.advance_clock(stage.programme, ahead))
    again = await partner.book("C", hotel("50"), selection=GRANTS)
    assert told(again) == [("second", "RECORDED", 500)]
    found = await later.member().read("{ me { expirySchedule { points on } } }")
    assert found["me"]["expirySchedule"] == [
        {"points": 600, "on": "2126-04-30"},
        {"points": 50, "on": "2126-05-31"},
    ]
    assert await faults(await member_of(stage)) == []


async def test_what_a_budget_takes_off_is_left_to_the_next_fact_and_not_to_this_one() -> None:
    first = {"count": "trips", "at": 1, "gives": {"points": 600}}
    stage, partner = await open_granting(
        grant("poor", "milestone", **first, budget={"points": 100}),
        grant("rich", "milestone", **first),
        grant("late", "milestone", **{**first, "at": 2}),
        **{**TERMS, "earning": []},
    )
    # the cap leaves 600 and then 400; only then has the budget 100 of the 600
    both = await partner.book("A", hotel("1"), selection=GRANTS)
    assert told(both) == [("poor", "RECORDED", 100), ("rich", "RECORDED", 400)]
    late = await partner.book("B", hotel("1"), selection=GRANTS)
    assert told(late) == [("late", "RECORDED", 500)]
    assert await faults(await member_of(stage)) == []
