"""Missions, whose points come with their last step, and how far they have come."""

from typing import Any

import pytest

from tests.support import factories as make
from tests.support.callers import Client
from tests.support.granted import (
    GRANTS,
    HIM,
    available,
    faults,
    grant,
    member_of,
    open_granting,
    told,
)

pytestmark = pytest.mark.usefixtures("database")


def ride(product: str, amount: str = "100") -> dict[str, Any]:
    return {"product": product, "amount": amount}


def step(code: str, fact: str, **terms: Any) -> dict[str, Any]:
    return {"code": code, "name": {"zh-CN": code, "en": code}, "fact": fact, **terms}


THREE_WAYS = grant(
    "three_ways",
    "mission",
    window={"days": 90, "after": "joining"},
    gives={"points": 300},
    steps=[
        step(product, "completion", when={"products": [product]})
        for product in ("flight", "hotel", "train")
    ],
)


async def test_a_mission_brings_its_points_when_the_last_step_is_done() -> None:
    stage, partner = await open_granting(THREE_WAYS)
    for product in ("flight", "hotel", "train"):
        await partner.book(product, ride(product))
    for product in ("flight", "train"):
        done = await partner.done("completeBooking", GRANTS, booking=product)
        assert done["grants"] == []
    done = await partner.done("completeBooking", GRANTS, booking="hotel")
    assert told(done) == [("three_ways", "RECORDED", 300)]
    assert await available(partner) == 600
    # what its steps rest on is refunded: it is taken back
    lost = await partner.done("refundBooking", GRANTS, booking="hotel", reference="R")
    assert told(lost) == [("three_ways", "REVERSED", 300)]
    assert await available(partner) == 200
    # another one is completed in time: it comes back
    await partner.book("again", ride("hotel"))
    back = await partner.done("completeBooking", GRANTS, booking="again")
    assert told(back) == [("three_ways", "RECORDED", 300)]
    assert await available(partner) == 600
    assert await faults(await member_of(stage)) == []


NEWCOMER = grant(
    "newcomer",
    "mission",
    window={"days": 30, "after": "joining"},
    ordered=True,
    gives={"perk": {"benefit": "upgrade", "uses": 2, "days": 60}},
    steps=[
        step("booking", "booking", when={"min_amount": 100}),
        step("review", "activity", types=["review"], times=2),
    ],
)
MISSIONS = """query($by: MemberBy!) { member(by: $by) { missions {
    code status ordered opensOn endsOn gives(locale: "en") name(locale: "zh-CN")
    steps { code done times } } } }"""


async def test_a_member_sees_how_far_its_missions_have_come() -> None:
    spring = grant(
        "spring",
        "mission",
        window={"from": "2126-04-01", "through": "2126-04-30"},
        gives={"points": 100},
        steps=[step("stay", "booking", when={"products": ["hotel"]})],
    )
    stage, partner = await open_granting(NEWCOMER, spring)

    async def missions() -> list[tuple[str, str, list[int]]]:
        found = (await partner.read(MISSIONS, by=HIM))["member"]["missions"]
        return [
            (one["code"], one["status"], [step["done"] for step in one["steps"]]) for one in found
        ]

    async def review(reference: str) -> list[tuple[str, str, int]]:
        return told(
            await partner.done(
                "earnForActivity", GRANTS, member=HIM, type="review", reference=reference
            )
        )

    # in order: what comes before the booking does not count
    assert await review("early") == []
    assert await missions() == [("newcomer", "OPEN", [0, 0]), ("spring", "UPCOMING", [0])]
    await partner.book("small", ride("train", "99"))
    await partner.book("A", ride("train"))
    assert await review("1") == []
    assert await missions() == [("newcomer", "OPEN", [1, 1]), ("spring", "UPCOMING", [0])]
    assert await review("2") == [("newcomer", "RECORDED", 0)]
    found = (await partner.read(MISSIONS, by=HIM))["member"]["missions"][0]
    assert found == {
        "code": "newcomer",
        "name": "newcomer",
        "status": "DONE",
        "ordered": True,
        "opensOn": "2126-03-15",
        "endsOn": "2126-04-14",
        "gives": "Free room upgrade, 2 times within 60 days",
        "steps": [
            {"code": "booking", "done": 1, "times": 1},
            {"code": "review", "done": 2, "times": 2},
        ],
    }
    lost = await partner.done("refundBooking", GRANTS, booking="A", reference="R")
    assert told(lost) == [("newcomer", "REVERSED", 0)]
    assert (await missions())[0] == ("newcomer", "REVERSED", [0, 0])
    assert await faults(await member_of(stage)) == []


def of_gold(fact: str) -> dict[str, Any]:
    return grant(
        "golden",
        "mission",
        window={"days": 90, "after": "joining"},
        gives={"points": 300},
        steps=[step("once", fact, when={"tiers": ["gold"]})],
    )


async def test_a_step_does_not_see_the_tier_that_its_own_fact_brings() -> None:
    stage, partner = await open_granting(of_gold("booking"))
    lifting = await partner.book("A", ride("hotel", "5000"), selection=GRANTS)
    assert told(lifting) == []
    assert await progress(partner) == [("OPEN", [0])]
    again = await partner.book("B", ride("train"), selection=GRANTS)
    assert told(again) == [("golden", "RECORDED", 300)]
    assert await faults(await member_of(stage)) == []


async def test_a_step_does_not_see_the_tier_that_a_grant_of_its_own_fact_brings() -> None:
    lifting = grant(
        "lifting",
        "mission",
        window={"days": 90, "after": "joining"},
        gives={"points": 5000},
        steps=[step("any", "activity")],
    )
    tiers = {**make.whole_document("ota")["tiers"], "basis": "points"}
    stage, partner = await open_granting(of_gold("activity"), lifting, tiers=tiers)

    async def review(reference: str) -> list[tuple[str, str, int]]:
        sent: dict[str, Any] = {"member": HIM, "type": "review", "reference": reference}
        return told(await partner.done("earnForActivity", GRANTS, **sent))

    assert await review("1") == [("lifting", "RECORDED", 5000)]
    assert await progress(partner) == [("OPEN", [0]), ("DONE", [1])]
    # the next one is of a member who is gold: the mission is not lost
    assert await review("2") == [("golden", "RECORDED", 300)]
    assert await progress(partner) == [("DONE", [1]), ("DONE", [1])]
    assert await faults(await member_of(stage)) == []


async def progress(partner: Client) -> list[tuple[str, list[int]]]:
    found = (await partner.read(MISSIONS, by=HIM))["member"]["missions"]
    return [(one["status"], [step["done"] for step in one["steps"]]) for one in found]
