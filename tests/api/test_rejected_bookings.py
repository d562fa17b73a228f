"""What a booking under review brought goes with it when staff reject it, as after a full refund."""

from typing import Any

import pytest

import models
from tests.support import granted, referred
from tests.support.callers import REFERRALS, Client, Stage
from tests.support.granted import GRANTS, grant, open_granting, told
from tests.support.risks import decide, rule, waiting

pytestmark = pytest.mark.usefixtures("database")

RISK = {"rules": [rule("large", "earn", "amount", "review", over=5000)]}
ENTRY = grant("welcome", "tier_entry", tiers=["gold"], gives={"points": 200})
FIRST = grant("first", "milestone", count="bookings", at=1, gives={"points": 100})
STEP = {"code": "book", "name": {"zh-CN": "订", "en": "Book"}, "fact": "booking"}
MISSION = grant(
    "newcomer",
    "mission",
    steps=[STEP],
    window={"days": 30, "after": "joining"},
    gives={"points": 50},
)
GIVEN = [("first", 100), ("newcomer", 50), ("welcome", 200)]
STANDING = """{ me { balance { available pending owed }
    standing { tier { code } progress { measures { basis current } } } } }"""


def large(amount: str = "6000") -> dict[str, Any]:
    return {"product": "hotel", "amount": amount}


async def opened(**changes: Any) -> tuple[Stage, Client]:
    counts = {"bookings": {"of": "bookings"}}
    return await open_granting(ENTRY, FIRST, MISSION, risk=RISK, counts=counts, **changes)


async def standing(stage: Stage) -> tuple[str, list[str], dict[str, int]]:
    """The tier, what counts toward the next, and the balance."""
    found = (await stage.member().read(STANDING))["me"]
    measures = found["standing"]["progress"]["measures"]
    tier = found["standing"]["tier"]["code"]
    return tier, [one["current"] for one in measures], found["balance"]


async def rejected(stage: Stage) -> Any:
    [one] = await waiting(stage.staff())
    return await decide(stage.staff(), one["id"], approve=False, selection=GRANTS)


NOTHING = {"available": 0, "pending": 0, "owed": 0}


async def test_a_rejected_booking_counts_no_more_and_what_it_brought_is_taken_back() -> None:
    stage, partner = await opened()
    made = await partner.book("A", large(), selection=GRANTS)
    assert sorted(told(made)) == [(code, "RECORDED", points) for code, points in GIVEN]
    assert (await standing(stage))[:2] == ("gold", ["6000.00"])
    await partner.done("completeBooking", "pointsMatured", booking="A")
    back = await rejected(stage)
    assert sorted(told(back)) == [(code, "REVERSED", points) for code, points in GIVEN]
    assert await standing(stage) == ("silver", ["0.00"], NOTHING)
    # nothing of it counts twice, or again
    lines = [large("9000")]
    await partner.done("amendBooking", "pointsAwarded", booking="A", reference="M", lines=lines)
    await partner.done("refundBooking", "pointsClawedBack", booking="A", reference="R")
    assert await standing(stage) == ("silver", ["0.00"], NOTHING)
    made = await models.TierCredit.filter(member_id=await granted.member_of(stage))
    sums = [
        sum(getattr(one, name) for one in made)
        for name in ("spend_minor", "bookings", "points", "completed_bookings")
    ]
    assert sums == [0, 0, 0, 0]
    # another booking brings all of it again
    again = await partner.book("B", large("5000"), selection=GRANTS)
    assert sorted(told(again)) == [(code, "RECORDED", points) for code, points in GIVEN]
    assert await granted.faults(await granted.member_of(stage)) == []


async def test_a_referral_that_a_rejected_booking_reached_is_lost() -> None:
    terms = {**REFERRALS, "qualifies": "first_booking"}
    thanks = grant("thanks", "referral", side="referrer", gives={"points": 300})
    stage, partner = await open_granting(thanks, risk=RISK, referrals=terms)
    code = await referred.code_of(await granted.member_of(stage))
    await partner.done("enrolMember", reference="wang", referralCode=code)
    await referred.run(stage.programme, stage.now())
    sent: dict[str, Any] = {"member": {"reference": "wang"}, "reference": "A", "lines": [large()]}
    await partner.done("earnForBooking", **sent)
    await referred.run(stage.programme, stage.now())
    assert (await standing(stage))[2]["available"] == 300
    await rejected(stage)
    await referred.run(stage.programme, stage.now())
    assert (await standing(stage))[2] == NOTHING
    for reference in ("xiaoli", "wang"):
        assert await granted.faults(await granted.member_of(stage, reference)) == []


async def test_where_refunds_take_no_tier_a_rejection_takes_none() -> None:
    stage, partner = await opened(refunds={"tier": "never"})
    await partner.book("A", large())
    back = await rejected(stage)
    gone = [(code, "REVERSED", points) for code, points in GIVEN if code != "welcome"]
    assert sorted(told(back)) == gone
    assert (await standing(stage))[:2] == ("gold", ["6000.00"])
    assert await granted.faults(await granted.member_of(stage)) == []
