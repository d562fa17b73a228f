"""What the programme gives by itself, as facts bring it and as clients see it."""

from datetime import timedelta
from typing import Any

import pytest

import models
from domain.activities import waiting
from domain.kernel.database import rows
from domain.programmes import programmes
from tests.support import factories as make
from tests.support.callers import TODAY, Stage
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

WELCOME = grant("welcome", "tier_entry", tiers=["gold", "platinum"], gives={"points": 200})


def hotel(amount: str) -> dict[str, Any]:
    return {"product": "hotel", "amount": amount}


def of(number: int, amount: str) -> dict[str, Any]:
    return {"line": number, "amount": amount}


async def test_the_entry_into_a_tier_brings_a_grant_a_refund_ends_and_another_restores() -> None:
    stage, partner = await open_granting(WELCOME)
    assert (await partner.book("A", hotel("4000"), selection=GRANTS))["grants"] == []
    risen = await partner.book("B", hotel("1500"), selection=f"pointsAwarded {GRANTS}", key="b")
    member_id = await member_of(stage)
    assert risen["pointsAwarded"] == 1500
    assert risen["grants"] == [
        {
            "type": "welcome",
            "status": "RECORDED",
            "points": 200,
            "reference": f"gold:{member_id}",
            "benefit": None,
            "redemption": None,
        }
    ]
    assert await available(partner) == 4000 + 1500 + 200
    lost = await partner.done(
        "refundBooking", f"pointsClawedBack {GRANTS}", booking="B", reference="R"
    )
    assert (lost["pointsClawedBack"], told(lost)) == (1500, [("welcome", "REVERSED", 200)])
    assert await available(partner) == 4000
    back = await partner.book("C", hotel("1000"), selection=GRANTS)
    assert told(back) == [("welcome", "RECORDED", 200)]
    assert await available(partner) == 4000 + 1000 + 200
    # jumped over platinum gives nothing of its own
    high = await partner.book("D", hotel("60000"), selection=GRANTS)
    assert high["grants"] == []
    again = await partner.book("B", hotel("1500"), selection=f"pointsAwarded {GRANTS}", key="b")
    assert (again["replayed"], told(again)) == (True, [("welcome", "RECORDED", 200)])
    other = await partner.book("B", hotel("1500"), selection=GRANTS)
    assert (other["replayed"], told(other)) == (True, [("welcome", "RECORDED", 200)])
    assert await faults(member_id) == []


async def test_points_of_a_tier_entry_count_toward_no_tier_when_taken_back_and_restored() -> None:
    tiers = {**make.shipped_document()["tiers"], "basis": "points"}
    stage, partner = await open_granting(WELCOME, tiers=tiers)
    member_id = await member_of(stage)
    counted = "SELECT coalesce(sum(points), 0)::int AS points FROM tier_credit WHERE member_id = $1"

    async def told_and_counted(payload: dict[str, Any]) -> tuple[list[tuple[str, str, int]], int]:
        return told(payload), (await rows(counted, member_id))[0]["points"]

    risen = await partner.book("A", hotel("5000"), selection=GRANTS)
    assert await told_and_counted(risen) == ([("welcome", "RECORDED", 200)], 5000)
    lost = await partner.done("refundBooking", GRANTS, booking="A", reference="R")
    assert await told_and_counted(lost) == ([("welcome", "REVERSED", 200)], 0)
    assert await available(partner) == 0
    again = await partner.book("B", hotel("5000"), selection=GRANTS)
    assert await told_and_counted(again) == ([("welcome", "RECORDED", 200)], 5000)
    [edge] = (
        await stage.staff().read(
            """{ member(by: {reference: "xiaoli"}) { activities(first: 5, grants: true) {
            edges { node { id } } } } }"""
        )
    )["member"]["activities"]["edges"]
    ended = await stage.staff().done(
        "reverseActivity", GRANTS, activity=edge["node"]["id"], reason="by mistake"
    )
    assert (await told_and_counted(ended))[1] == 5000
    assert await available(partner) == 5000
    assert await faults(member_id) == []


async def test_activities_are_listed_with_grants_or_without() -> None:
    stage, partner = await open_granting(WELCOME)
    review = await partner.done(
        "earnForActivity",
        f'activity {{ id type grant status points name(locale: "en") }} {GRANTS}',
        member=HIM,
        type="review",
        reference="V",
    )
    assert (
        review["activity"].items()
        >= {
            "type": "review",
            "grant": False,
            "status": "RECORDED",
            "points": 100,
        }.items()
    )
    await partner.book("A", hotel("5000"))
    asked = """query($by: MemberBy!, $grants: Boolean, $after: String) { member(by: $by) {
        activities(grants: $grants, first: 1, after: $after) { totalCount
        edges { node { id type grant explanation { code text } } }
        pageInfo { hasNextPage endCursor } } } }"""

    async def listed(caller: Any, grants: bool | None, after: str | None = None) -> Any:
        found = await caller.read(asked, by=HIM, grants=grants, after=after)
        return found["member"]["activities"]

    every = await listed(partner, None)
    assert (every["totalCount"], every["pageInfo"]["hasNextPage"]) == (2, True)
    [edge] = every["edges"]
    assert edge["node"]["type"] == "welcome"
    assert edge["node"]["explanation"] == [{"code": "grant", "text": "welcome"}]
    rest = await listed(partner, None, every["pageInfo"]["endCursor"])
    assert [one["node"]["type"] for one in rest["edges"]] == ["review"]
    assert [one["node"]["type"] for one in (await listed(partner, True))["edges"]] == ["welcome"]
    assert [one["node"]["type"] for one in (await listed(partner, False))["edges"]] == ["review"]
    # another partner sees what the programme gave, and nothing that others reported
    other = await stage.partner(code="other")
    assert [one["node"]["type"] for one in (await listed(other, None))["edges"]] == ["welcome"]
    node = "query($id: ID!) { node(id: $id) { ... on Activity { type } } }"
    assert await other.read(node, id=review["activity"]["id"]) == {"node": None}
    assert await partner.read(node, id=review["activity"]["id"]) == {"node": {"type": "review"}}


async def test_every_so_much_spend_is_a_milestone_of_its_own() -> None:
    every = grant("every_ten", "milestone", count="spent", every=10000, gives={"points": 100})
    stage, partner = await open_granting(every, counts={"spent": {"of": "spend"}}, earning=[])
    two = await partner.book("A", hotel("25000"), selection=GRANTS)
    assert [one["reference"].rpartition(":")[0] for one in two["grants"]] == ["every:1", "every:2"]
    lost = await partner.done(
        "refundBooking", GRANTS, booking="A", reference="R", lines=[of(1, "6000")]
    )
    assert [(one["reference"][:7], one["status"]) for one in lost["grants"]] == [
        ("every:2", "REVERSED")
    ]
    back = await partner.book("B", hotel("1000"), selection=GRANTS)
    assert [(one["reference"][:7], one["status"]) for one in back["grants"]] == [
        ("every:2", "RECORDED")
    ]
    assert (await partner.book("C", hotel("1000"), selection=GRANTS))["grants"] == []
    assert await available(partner) == 200
    assert await faults(await member_of(stage)) == []


COUPON = grant("gold_gift", "tier_entry", tiers=["gold"], gives={"reward": "gold_coupon"})


async def pooled(stage: Stage) -> models.Reward:
    return await make.reward(
        stage.programme, kind="COUPON", code="gold_coupon", list_points=0, pooled_codes=True
    )


async def retry(stage: Stage, days: int = 0) -> int:
    """The hourly job of so many days later; how many rewards it gave."""
    now = TODAY + timedelta(days=days, hours=1)
    found = [one async for one in waiting.candidates(stage.programme, now)]
    return sum([await waiting.give(stage.programme, one, now) for one in found])


async def test_a_reward_that_is_not_there_is_waited_for_and_given_within_the_hour() -> None:
    stage, partner = await open_granting(COUPON)
    coupon = await pooled(stage)
    risen = await partner.book("A", hotel("5000"), selection=GRANTS)
    assert told(risen) == [("gold_gift", "WAITING", 0)]
    assert risen["grants"][0]["redemption"] is None
    assert await retry(stage) == 0
    await make.pool(coupon, "C-1", "C-2")
    assert await retry(stage, 1) == 1
    assert await retry(stage, 1) == 0
    again = await partner.book("A", hotel("5000"), selection=GRANTS)
    assert again["grants"][0]["redemption"] == {"status": "FULFILLED", "points": 0}
    # tier and coupon are lost with the refund, and come anew with the next booking
    lost = await partner.done("refundBooking", GRANTS, booking="A", reference="R")
    assert told(lost) == [("gold_gift", "REVERSED", 0)]
    back = await partner.book("B", hotel("6000"), selection=GRANTS)
    assert told(back) == [("gold_gift", "RECORDED", 0)]
    member_id = await member_of(stage)
    codes = await rows(
        "SELECT code, status FROM coupon_code WHERE programme_id = $1 ORDER BY code",
        stage.programme.id,
    )
    assert [(one["code"], one["status"]) for one in codes] == [("C-1", "VOID"), ("C-2", "ISSUED")]
    # once it is used it is kept, and never comes again
    await partner.done("useCoupon", "redemption { status }", code="C-2")
    kept = await partner.done("refundBooking", GRANTS, booking="B", reference="R")
    assert kept["grants"] == []
    assert (await partner.book("C", hotel("7000"), selection=GRANTS))["grants"] == []
    assert await faults(member_id) == []


async def test_a_reward_that_does_not_come_for_90_days_has_lapsed() -> None:
    stage, partner = await open_granting(COUPON)
    coupon = await pooled(stage)
    await partner.book("A", hotel("5000"))
    await make.pool(coupon, "C-1")
    assert await retry(stage, 90) == 0
    late = await programmes.advance_clock(stage.programme, timedelta(days=90))
    asked = "query($by: MemberBy!) { member(by: $by) { activities { edges { node { status } } } } }"
    listed = await Stage(late).staff().read(asked, by=HIM)
    [edge] = listed["member"]["activities"]["edges"]
    assert edge["node"]["status"] == "LAPSED"


async def test_staff_take_back_an_activity_and_what_rested_on_it_for_good() -> None:
    reviews = grant("critic", "milestone", count="reviews", at=2, gives={"points": 40})
    counts = {"reviews": {"of": "activities", "types": ["review"]}}
    stage, partner = await open_granting(reviews, counts=counts)
    made = []
    for reference in ("1", "2"):
        review = await partner.done(
            "earnForActivity",
            f"activity {{ id }} {GRANTS}",
            member=HIM,
            type="review",
            reference=reference,
        )
        made.append(review["activity"]["id"])
    assert told(review) == [("critic", "RECORDED", 40)]
    selection = f"""activity {{ status points }} pointsClawedBack pointsOwed pointsForgiven
        balance {{ available }} {GRANTS}"""
    sent = {"activity": made[0], "reason": "copied"}
    taken = await stage.staff().done("reverseActivity", selection, key="r", **sent)
    assert taken["activity"] == {"status": "REVERSED", "points": 100}
    assert (taken["pointsClawedBack"], taken["balance"]["available"]) == (100, 100)
    assert told(taken) == [("critic", "REVERSED", 40)]
    again = await stage.staff().done("reverseActivity", selection, key="r", **sent)
    assert {**again, "replayed": False} == {**taken, "replayed": False}
    problem = await stage.staff().refused("reverseActivity", **sent)
    assert (problem["code"], problem["reason"]) == ("INVALID_INPUT", "already_reversed")
    # another one restores the milestone; taken back by hand it stays so
    back = await partner.done(
        "earnForActivity", f"activity {{ id }} {GRANTS}", member=HIM, type="review", reference="3"
    )
    assert told(back) == [("critic", "RECORDED", 40)]
    listed = await stage.staff().read(
        "query($by: MemberBy!) { member(by: $by) { activities(grants: true) "
        "{ edges { node { id } } } } }",
        by=HIM,
    )
    [critic] = [edge["node"]["id"] for edge in listed["member"]["activities"]["edges"]]
    await stage.staff().done("reverseActivity", selection, activity=critic, reason="by hand")
    last = await partner.done("earnForActivity", GRANTS, member=HIM, type="review", reference="4")
    assert last["grants"] == []
    assert await available(partner) == 300
    assert await faults(await member_of(stage)) == []


@pytest.mark.parametrize("kind", ["tier_entry", "milestone"])
async def test_a_completion_that_brings_a_grant_does_not_count_for_its_condition(
    kind: str,
) -> None:
    """As a booking, an activity or a redemption that brings one: its condition asks what was
    recorded before. The call completes several lines at once, of which one was refunded.
    """
    levels = [
        {"code": code, "name": make.WORDS, "threshold": least, "multiplier": 1}
        for code, least in (("silver", 0), ("gold", 1))
    ]
    terms: dict[str, Any] = (
        {"tiers": ["gold"]} if kind == "tier_entry" else {"count": "stays", "at": 1}
    )
    asked = [("none", {"max": 0}), ("some", {"min": 1})]
    stage, partner = await open_granting(
        *(
            grant(code, kind, **terms, gives={"points": 200}, when={"counts": {"stays": wanted}})
            for code, wanted in asked
        ),
        counts={"stays": {"name": make.WORDS, "of": "completed_bookings"}},
        tiers={"basis": "completed_bookings", "window": "lifetime", "levels": levels},
        benefits=[],
    )
    lines = [{"product": "hotel", "amount": amount} for amount in ("100", "200", "300")]
    await partner.book("B-1", *lines)
    await partner.done(
        "refundBooking", booking="B-1", reference="R", lines=[{"line": 1, "amount": "100"}]
    )
    payload = await partner.done("completeBooking", GRANTS, booking="B-1")
    assert told(payload) == [("none", "RECORDED", 200)]
    assert await faults(await member_of(stage)) == []


async def test_the_first_redemption_is_judged_by_those_before_it() -> None:
    """As a booking or an activity that brings a grant, it does not count for its condition."""
    first = {"counts": {"orders": {"max": 0}}}
    gives = {"points": 30}
    stage, partner = await open_granting(
        grant("first", "milestone", count="orders", at=1, gives=gives, when=first),
        grant("second", "milestone", count="orders", at=2, gives=gives, when=first),
        counts={"orders": {"name": make.WORDS, "of": "redemptions"}},
        earning=[],
    )
    reward = await make.reward(stage.programme, code="tea", list_points=10)
    await make.adjust(stage.programme, await member_of(stage), 100, now=TODAY)
    one, two = [
        told(await partner.done("redeemReward", GRANTS, member=HIM, reward=reward.code))
        for _ in range(2)
    ]
    assert one == [("first", "RECORDED", 30)]
    assert two == []
    assert await available(partner) == 100 - 10 + 30 - 10
    assert await faults(await member_of(stage)) == []
