"""Tiers through the API over the years: until when, how far to the next, kept, lost, assigned."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.accounts import tier_sweeps
from domain.programmes import programmes
from tests.support import tiered
from tests.support.callers import TODAY, Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

STANDING = """standing { tier { code } since until progress { basis current required next { code }
    en: text(locale: "en") zh: text(locale: "zh-CN") } }"""


async def at(stage: Stage, instant: datetime) -> Stage:
    """The same stage with its clock just past that instant, and what is due reviewed."""
    ahead = instant + timedelta(seconds=1) - stage.now()
    moved = Stage(await programmes.advance_clock(stage.programme, ahead))
    async for _ in tier_sweeps.sweep(moved.programme, instant):
        pass
    return moved


async def standing(member: Client) -> Any:
    found = (await member.read(f"{{ me {{ {STANDING} }} }}"))["me"]["standing"]
    return {**found, "tier": found["tier"]["code"]}


async def book(stage: Stage, amount: str, reference: str) -> Any:
    line = {"product": "hotel", "amount": amount}
    partner = await stage.partner(code=f"p-{reference.lower()}")
    return await partner.book(reference, line)


async def test_a_tier_over_the_years() -> None:
    stage = await open_stage(tiered.ctrip())
    member = stage.member()
    await member.done("enrolMember", "member { id }")
    found = await standing(member)
    assert (found["tier"], found["until"]) == ("member", None)
    assert found["progress"] == {
        "basis": "SPEND",
        "current": "0.00",
        "required": "3000",
        "next": {"code": "silver"},
        "en": "CNY 3,000.00 to Rule, counting the last 24 months.",
        "zh": "距离规则还差 ¥3,000.00（按最近 24 个月累计）。",
    }

    await book(stage, "3000", "B-1")
    found = await standing(member)
    assert (found["tier"], found["until"]) == ("silver", "2128-03-15T15:59:59Z")

    # through its last day, by the programme's clock
    period_end = datetime.fromisoformat("2128-03-16T00:00:00+08:00")
    stage = await at(stage, period_end - timedelta(minutes=1))
    assert (await standing(member))["until"] == "2128-03-15T15:59:59Z"
    stage = await at(stage, period_end)
    found = await standing(member)
    assert (found["tier"], found["until"]) == ("silver", "2128-04-14T15:59:59Z")
    assert found["progress"]["current"] == "0.00"

    grace_end = datetime.fromisoformat("2128-04-15T00:00:00+08:00")
    stage = await at(stage, grace_end)
    found = await standing(member)
    assert (found["tier"], found["until"]) == ("member", None)
    assert datetime.fromisoformat(found["since"]) == grace_end


async def test_staff_assign_a_tier_and_lift_it() -> None:
    stage = await open_stage()
    member, staff, him = stage.member(), stage.staff(), {"reference": "xiaoli"}
    await member.done("enrolMember", "member { id }")
    answer = f"member {{ reference }} {STANDING}"

    done = await staff.done(
        "assignTier",
        answer,
        member=him,
        tier="platinum",
        until="2126-06-01T00:00:00+08:00",
        reason="A status match",
    )

    assert done["member"] == him
    assert done["standing"]["tier"] == {"code": "platinum"}
    assert done["standing"]["until"] == "2126-05-31T15:59:59Z"
    assert done["standing"]["progress"]["en"] == "CNY 50,000.00 to Diamond."
    assert (await book(stage, "100", "B-1"))["pointsAwarded"] == 150
    lifted = await staff.done("assignTier", answer, member=him, tier=None, reason="By mistake")
    assert lifted["standing"]["tier"] == {"code": "silver"}
    assert lifted["standing"]["until"] is None
    past = (TODAY - timedelta(days=1)).isoformat()
    problem = await staff.refused("assignTier", member=him, tier="gold", until=past, reason="Late")
    assert (problem["reason"], problem["path"], problem["value"]) == (
        *("end_in_past", ["until"], past),
    )


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (
            tiered.calendar(),
            ("CNY 5,000.00 to Gold, counting this calendar year.", "按本自然年累计"),
        ),
        (tiered.ctrip(window={"months": 1}), ("to Rule, counting one month.", "按最近 1 个月累计")),
        (tiered.either(), ("CNY 5,000.00 or 5 completed bookings to Gold.", "5 次完成的预订")),
        (tiered.genius(), ("5 to Level 2, counting the last 24 months.", "按最近 24 个月累计")),
    ],
)
async def test_progress_says_over_what_time_it_counts(
    document: dict[str, Any], said: tuple[str, str]
) -> None:
    stage = await open_stage(document)
    member = stage.member()
    await member.done("enrolMember", "member { id }")
    progress = (await standing(member))["progress"]
    assert progress["en"].endswith(said[0])
    assert said[1] in progress["zh"]


async def test_the_preview_of_a_refund_shows_the_period_that_would_be_left() -> None:
    document = tiered.ctrip()
    document["refunds"]["tier"] = "now"
    stage = await open_stage(document)
    await stage.member().done("enrolMember", "member { id }")
    await book(stage, "3000", "B-1")
    await book(stage, "7000", "B-2")
    query = f"""query($input: PreviewRefundInput!) {{ previewRefund(input: $input) {{
        standingAfter {{ {STANDING.removeprefix("standing {")} errors {{ code }} }} }}"""
    answer = await stage.staff().read(query, input={"booking": "B-2"})
    after = answer["previewRefund"]["standingAfter"]
    assert (after["tier"]["code"], after["until"]) == ("silver", "2128-03-15T15:59:59Z")
    assert after["progress"]["current"] == "3000.00"
    assert (await standing(stage.member()))["tier"] == "gold"


async def test_either_of_two_measures_reaches_gold() -> None:
    """1200 spent in five completed bookings: gold; one refunded in full: silver, 4 of 5."""
    stage = await open_stage(tiered.either())
    member, partner = stage.member(), await stage.partner()
    await member.done("enrolMember", "member { id }")
    for number in range(5):
        await partner.book(f"B{number}", {"product": "hotel", "amount": "240"})
        await partner.done("completeBooking", booking=f"B{number}")
    query = """{ me { standing { tier { code threshold thresholds { basis current required } }
        progress { basis current required next { code }
            measures { basis current required } } } } }"""
    found = (await member.read(query))["me"]["standing"]
    assert found["tier"] == {
        "code": "gold",
        "threshold": "5000",
        "thresholds": [
            {"basis": "SPEND", "current": None, "required": "5000"},
            {"basis": "COMPLETED_BOOKINGS", "current": None, "required": "5"},
        ],
    }
    await partner.done("refundBooking", booking="B4", reference="R")
    found = (await member.read(query))["me"]["standing"]
    assert found["tier"]["code"] == "silver"
    assert found["progress"] == {
        "basis": "COMPLETED_BOOKINGS",
        "current": "4",
        "required": "5",
        "next": {"code": "gold"},
        "measures": [
            {"basis": "SPEND", "current": "960.00", "required": "5000"},
            {"basis": "COMPLETED_BOOKINGS", "current": "4", "required": "5"},
        ],
    }
