"""What comes once for a member does not come again for who a merged member became, over HTTP."""

from typing import Any

import pytest

from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage
from tests.support.granted import grant

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
            "text": "tenth: it was given before, to a membership that was merged into this one",
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
