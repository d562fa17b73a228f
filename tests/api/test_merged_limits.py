"""What comes once for a member does not come again for who a merged member became, over HTTP."""

from typing import Any

import pytest

from domain.activities.activities import OWN_REPORTS_A_DAY_MAX
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage
from tests.support.granted import grant
from tests.support.referred import code_of, outcomes, run

pytestmark = pytest.mark.usefixtures("database")

OLD, NEW = {"reference": "old"}, {"reference": "xiaoli"}
GRANTS = [
    grant("tenth", "milestone", count="reviews", at=1, gives={"points": 40}),
    grant("each", "milestone", count="reviews", every=1, gives={"points": 7}),
    grant("golden", "tier_entry", tiers=["gold"], gives={"points": 900}),
]
COUNTS = {"reviews": {"of": "activities", "types": ["review"]}}
ACTIVITY = """activity { points explanation { code } }
    grants { type points explanation { code text } }"""


async def opened(**changes: Any) -> tuple[Stage, Client]:
    """Two members who have nothing yet."""
    stage = await open_stage(make.shipped_document(grants=GRANTS, counts=COUNTS, **changes))
    for who in ("old", "xiaoli"):
        await make.enrol(stage.programme, now=TODAY, reference=who)
    return stage, await stage.partner()


async def merge(stage: Stage) -> tuple[Any, Any]:
    old, new = [await stage.member_id(who) for who in ("old", "xiaoli")]
    await make.merge(stage.programme, old, new, now=TODAY)
    return old, new


async def do(client: Client, member: dict[str, str], kind: str, reference: str) -> Any:
    sent: dict[str, Any] = {"member": member, "type": kind, "reference": reference}
    return await client.done("earnForActivity", ACTIVITY, **sent)


async def test_activities_and_milestones_that_come_once_stay_paid_once() -> None:
    stage, partner = await opened()
    for kind in ("verification", "share", "review"):
        assert (await do(partner, OLD, kind, f"old-{kind}"))["activity"]["points"] > 0
    old, new = await merge(stage)
    for kind in ("verification", "share"):
        again = (await do(partner, NEW, kind, f"new-{kind}"))["activity"]
        assert (again["points"], again["explanation"][0]["code"]) == (0, "limit_reached"), kind
    review = await do(partner.reading("en"), NEW, "review", "new-review")
    said = {one["type"]: (one["points"], one["explanation"][0]) for one in review["grants"]}
    assert said["tenth"] == (
        0,
        {
            "code": "paid_before_merging",
            "text": "tenth: already given to a membership that was merged into this one",
        },
    )
    # what comes every so often counts what the one that stays has done
    assert said["each"][0] == 7
    assert await make.faults(old, new) == []


async def test_who_a_member_of_a_tier_becomes_enters_it_without_its_gift() -> None:
    stage, partner = await opened()
    lines = [{"product": "hotel", "amount": "10000"}]
    booked = await partner.done(
        "earnForBooking", "grants { type }", member=OLD, reference="B", lines=lines
    )
    assert booked["grants"] == [{"type": "golden"}]
    old, new = await merge(stage)
    seen = await stage.member().read(
        """{ me { standing { tier { code } } balance { available }
            activities(grants: true) { edges { node { type points } } } } }"""
    )
    assert seen["me"]["standing"]["tier"]["code"] == "gold"
    assert seen["me"]["balance"]["available"] == 10_000 + 900
    given = [edge["node"] for edge in seen["me"]["activities"]["edges"]]
    assert given == [{"type": "golden", "points": 0}]
    assert await make.faults(old, new) == []


async def test_rules_with_a_limit_for_life_count_what_both_were_paid() -> None:
    rules = [
        *make.shipped_rules(),
        make.rule("bonus", "first", points=50, limit={"times": 1, "per": "member"}),
    ]
    stage, partner = await opened(earning=rules)
    awarded = "pointsAwarded"
    sent: dict[str, Any] = {"lines": [{"product": "hotel", "amount": "100"}]}
    first = await partner.done("earnForBooking", awarded, member=OLD, reference="B-1", **sent)
    assert first["pointsAwarded"] == 150
    old, new = await merge(stage)
    quote = """query($input: QuoteEarningInput!) { quoteEarning(input: $input) {
        errors { code } points } }"""
    quoted = (await stage.member().read(quote, input=sent))["quoteEarning"]
    assert quoted == {"errors": [], "points": 100}
    second = await partner.done("earnForBooking", awarded, member=NEW, reference="B-2", **sent)
    assert second["pointsAwarded"] == 100
    assert await make.faults(old, new) == []


async def test_a_reward_with_a_limit_counts_what_both_have_redeemed() -> None:
    stage, _ = await opened()
    for who in ("old", "xiaoli"):
        await make.give(stage.programme, await stage.member_id(who), 500, now=TODAY)
    await make.reward(stage.programme, code="cup", list_points=10, per_member_limit=3)
    redeemed = await stage.member("old").done(
        "redeemReward", "redemption { id }", reward="cup", quantity=2
    )
    old, new = await merge(stage)
    xiaoli = stage.member()
    for quantity in (2, 3):
        refused = await xiaoli.refused("redeemReward", reward="cup", quantity=quantity)
        assert (refused["code"], refused["path"], refused["limit"]) == (
            "LIMIT_REACHED",
            ["quantity"],
            3,
        )
    await xiaoli.done("redeemReward", reward="cup")
    assert (await xiaoli.refused("redeemReward", reward="cup"))["code"] == "LIMIT_REACHED"
    # what was given back is free again, whoever had it
    await stage.staff().done("cancelRedemption", redemption=redeemed["redemption"]["id"])
    await xiaoli.done("redeemReward", reward="cup", quantity=2)
    assert await make.faults(old, new) == []


async def test_a_referrer_is_paid_for_so_many_friends_of_both() -> None:
    terms = {"qualifies": "enrolled", "limit": {"times": 1, "per": "year"}}
    stage, partner = await opened(referrals=terms)
    await bring(partner, stage, "old", "wang")
    old, new = await merge(stage)
    await bring(partner, stage, "xiaoli", "zhao")
    assert [await outcomes(one) for one in (old, new)] == [[("QUALIFIED", [])], [("LIMITED", [])]]
    assert await make.faults(old, new) == []


async def bring(partner: Client, stage: Stage, referrer: str, friend: str) -> None:
    """A friend who enrols by the referrer's code, and what comes of it."""
    code = await code_of(await stage.member_id(referrer))
    await partner.done("enrolMember", reference=friend, referralCode=code)
    await run(stage.programme, stage.now())


async def test_a_member_is_believed_so_often_a_day_by_whichever_name() -> None:
    document = make.shipped_document()
    [share] = [one for one in document["activities"] if one["code"] == "share"]
    del share["limit"]
    stage, _ = await opened(activities=document["activities"])
    for number in range(OWN_REPORTS_A_DAY_MAX):
        done = await stage.member("old").done(
            "earnForActivity", "pointsAwarded", type="share", reference=f"S-{number}"
        )
        assert done["pointsAwarded"] == 50
    await merge(stage)
    refused = await stage.member().refused("earnForActivity", type="share", reference="T-1")
    assert (refused["code"], refused["path"]) == ("LIMIT_REACHED", ["type"])


async def test_what_was_reported_before_a_merge_is_answered_by_whichever_name() -> None:
    stage = await open_stage()
    partner, staff = await stage.partner(), stage.staff()
    for who in ("old", "xiaoli"):
        await partner.done("enrolMember", reference=who)
    named = "query($by: MemberBy!) { member(by: $by) { id } }"
    whole = (await staff.read(named, by={"reference": "old"}))["member"]["id"]
    sent: dict[str, dict[str, Any]] = {
        "earnForActivity": {"type": "verification", "reference": "V"},
        "earnForBooking": {"reference": "B", "lines": [{"product": "hotel", "amount": "100"}]},
    }
    first = {
        mutation: await partner.done(
            mutation, "pointsAwarded", member={"reference": "old"}, sent=one
        )
        for mutation, one in sent.items()
    }
    old, new = [await stage.member_id(who) for who in ("old", "xiaoli")]
    await make.merge(stage.programme, old, new, now=TODAY)
    for by in ({"id": whole}, {"reference": "old"}, {"reference": "xiaoli"}):
        for mutation, one in sent.items():
            again = await partner.done(mutation, "pointsAwarded", member=by, sent=one)
            assert again == {**first[mutation], "replayed": True}, (mutation, by)
