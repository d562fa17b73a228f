"""Examples of the policy language by their numbers, on the documents that ship where they name one.

What happens in an example in other orders is `test_policy_orders`.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.api.test_backtests import READ, play, start
from tests.api.test_linting import LOOK
from tests.programmes.test_agency import at, open_agency, wealth
from tests.support import factories as make
from tests.support import tiered
from tests.support.callers import Client, Stage, fresh_key, open_stage
from tests.support.granted import HIM

pytestmark = pytest.mark.usefixtures("database")

PUBLISH = """mutation($input: PublishPolicyInput!) { publishPolicy(input: $input) { version
    errors { code path ... on InvalidInput { reason value }
        ... on PolicyInvalid { faults { code line path suggestion }
            findings { code path text(locale: "en") } } } } }"""
GIVEN = """{ member(by: {reference: "xiaoli"}) { activities(grants: true) { edges { node {
    type points occurredAt } } } } }"""


def text_of(code: str, stage: Stage, *changes: tuple[str, str]) -> str:
    """The shipped text of a programme as that of the stage, each change in its first place."""
    text = (make.SHIPPED / f"{code}.yaml").read_text(encoding="utf-8")
    for right, other in ((f"programme: {code}", f"programme: {stage.programme.code}"), *changes):
        assert right in text
        text = text.replace(right, other, 1)
    return text


async def publish(stage: Stage, text: str) -> Any:
    """The payload of publishing a text by staff."""
    sent = {"idempotencyKey": fresh_key(), "document": text}
    return (await stage.staff().read(PUBLISH, input=sent))["publishPolicy"]


async def opened(*rules: dict[str, Any], **changes: Any) -> tuple[Stage, Client]:
    """1 point for every yuan and these rules, a silver member xiaoli, and a partner."""
    base = make.rule("rate", "base", points=1)
    stage = await open_stage(make.variant(base, *rules, **changes))
    partner = await stage.partner()
    await partner.done("enrolMember", **HIM)
    return stage, partner


def line(product: str, amount: str, **terms: Any) -> dict[str, Any]:
    return {"product": product, "amount": amount, **terms}


async def earned(client: Client, reference: str, *lines: dict[str, Any], **sent: Any) -> int:
    points: int = (await client.book(reference, *lines, **sent))["pointsAwarded"]
    return points


async def taken(client: Client, booking: str, reference: str, amount: str) -> int:
    """What the refund of so much of the first line takes."""
    part = [{"line": 1, "amount": amount}]
    done = await client.done(
        "refundBooking", "pointsClawedBack", booking=booking, reference=reference, lines=part
    )
    points: int = done["pointsClawedBack"]
    return points


async def test_1_a_number_has_one_form_and_on_is_a_word() -> None:
    """`points: 0500`: refused, with the line. `on: birthday`: a key named on."""
    stage = await open_stage(make.whole_document("ota"))
    before = await stage.everything()
    wrong = text_of("ota", stage, ("    points: 500\n", "    points: 0500\n"))
    [problem] = (await publish(stage, wrong))["errors"]
    [fault] = problem["faults"]
    assert (problem["code"], fault["code"]) == ("POLICY_INVALID", "number_form")
    assert wrong.splitlines()[fault["line"] - 1] == "    points: 0500"
    nowhere = text_of("ota", stage, ("currency: CNY", "currency: CNY\non: birthday"))
    [problem] = (await publish(stage, nowhere))["errors"]
    assert [(one["code"], one["path"]) for one in problem["faults"]] == [("unknown_key", "on")]
    assert await stage.everything() == before
    cake = "activities:\n  - {code: cake, on: birthday, points: 5, name: {zh-CN: 糕, en: Cake}}\n"
    assert (await publish(stage, text_of("ota", stage, ("activities:\n", cake))))["errors"] == []


async def test_6_an_anniversary_of_29_february() -> None:
    """The shipped agency, joined in a leap year: on the 28th in the next three, then the 29th."""
    stage, partner = await open_agency("2128-02-29")
    days = ("2129-02-28", "2130-02-28", "2131-02-28", "2132-02-28", "2132-02-29", "2132-03-01")
    for day in days:
        stage = await at(stage, f"{day}T00:05:00+08:00")
    edges = (await partner.read(GIVEN))["member"]["activities"]["edges"]
    given = [(one["node"]["type"], one["node"]["points"]) for one in edges]
    assert given == [("anniversary", 50)] * 4
    begun = sorted(one["node"]["occurredAt"] for one in edges)
    assert begun == [
        "2129-02-27T16:00:00Z",
        "2130-02-27T16:00:00Z",
        "2131-02-27T16:00:00Z",
        "2132-02-28T16:00:00Z",
    ]


async def test_7_a_birthday_of_29_february_while_the_job_was_down() -> None:
    """The shipped agency: 100 on 3 March, through the 31st; moved to 10 March no more that year."""
    stage, partner = await open_agency("2127-02-01", birthday=date(1992, 2, 29))
    stage = await at(stage, "2127-03-03T00:05:00+08:00")
    assert await wealth(partner) == (100, {"2127-03-31": 100})
    await stage.staff().done("updateMember", member=HIM, birthday="1992-03-10")
    for day in ("2127-03-10", "2127-03-11"):
        stage = await at(stage, f"{day}T00:05:00+08:00")
        assert await wealth(partner) == (100, {"2127-03-31": 100})


A = make.rule("bonus", "a", points=500, when={"min_amount": 2000}, exclusive="g")
B = make.rule("bonus", "b", points=300, when={"min_amount": 1000}, exclusive="g")
ONCE_A_MONTH = {"times": 1, "per": "month"}


async def test_13_of_a_group_the_bonus_that_grants_most_counts() -> None:
    """A 500 from 2000, once a month; B 300 from 1000. Flight 2400 earns 2900; refunding 500 takes
    1000. A used up: 2700.
    """
    _, partner = await opened({**A, "limit": ONCE_A_MONTH}, B)
    flight = line("flight", "2400")
    assert await earned(partner, "first", flight) == 2900
    assert await earned(partner, "second", flight) == 2700
    assert await taken(partner, "first", "R", "500") == 1000


async def test_14_what_a_cap_clipped_is_not_topped_up() -> None:
    """Cap 3000 a month, 2600 had, bonus 500 from 2000. Flight 2400: base 400, bonus 0. Refunds of
    500 take 0, of 2100 in all 100.
    """
    bonus = make.rule("bonus", "far", points=500, when={"products": ["flight"], "min_amount": 2000})
    _, partner = await opened(bonus, caps=[{"points": 3000, "per": "month"}])
    assert await earned(partner, "had", line("hotel", "2600")) == 2600
    sent = {"selection": "pointsAwarded awards { rule points }"}
    made = await partner.book("B", line("flight", "2400"), **sent)
    assert (made["pointsAwarded"], made["awards"]) == (400, [{"rule": "base", "points": 400}])
    assert await taken(partner, "B", "R-1", "500") == 0
    assert await taken(partner, "B", "R-2", "1600") == 100


async def test_18_nights_and_lead_days() -> None:
    """Hotel 1–4 October, booked 30 September 23:50: nights 3, lead_days 1. Without `travelFrom`
    neither matches.
    """
    nights = make.rule("bonus", "nights", points=10, when={"nights": {"min": 3, "max": 3}})
    lead = make.rule("bonus", "lead", points=200, when={"lead_days": {"min": 1, "max": 1}})
    stage = await open_stage(
        make.variant(make.rule("rate", "base", points=1), nights, lead),
        stands_at="2126-10-01T09:00:00+08:00",
    )
    partner = await stage.partner()
    await partner.done("enrolMember", **HIM)
    booked = {"bookedAt": "2126-09-30T23:50:00+08:00"}
    stay = line("hotel", "1000", travelFrom="2126-10-01", travelTo="2126-10-04")
    assert await earned(partner, "stay", stay, **booked) == 1210
    del stay["travelFrom"], stay["travelTo"]
    assert await earned(partner, "open", stay, **booked) == 1000


async def test_20_the_most_that_the_shipped_documents_return() -> None:
    """agency, niche_route 20: 65 ÷ 3000 = 2.17 %, refused; 15: 2.00 %. ota: 16.275 %; witness, a
    business hotel of 1000: 16 %.
    """
    agency = await open_stage(make.whole_document("agency"))
    text = text_of("agency", agency)
    found = (await agency.staff().read(LOOK, source={"document": text}))["lintPolicy"]
    assert (found["maximumReturn"], found["faults"]) == ("2.000", [])
    dear = text_of("agency", agency, ("    points: 15\n", "    points: 20\n"))
    found = (await agency.staff().read(LOOK, source={"document": dear}))["lintPolicy"]
    assert found["maximumReturn"] == "2.167"
    [problem] = (await publish(agency, dear))["errors"]
    assert problem["findings"] == [
        {
            "code": "RETURN_ABOVE_TARGET",
            "path": "target_return",
            "text": "A booking can be worth 2.167 % of its amount to a member; the target is at "
            "most 2 %.",
        }
    ]
    assert (await publish(agency, text))["errors"] == []

    ota = await open_stage(make.whole_document("ota"))
    found = (await ota.staff().read(LOOK, source={"document": text_of("ota", ota)}))["lintPolicy"]
    assert found["maximumReturn"] == "16.275"
    assert found["witness"] == (
        "The best booking of one line: Hotel, CNY 1,000.00, tier Diamond, on 15 March 2126 "
        "(business: yes, paid by partner_card, and in the month of the member's birthday): "
        "16,000 points, worth 16 % with the discount."
    )


async def test_21_a_back_test_of_the_text_in_force_and_of_a_smaller_bonus() -> None:
    """Flight bonus 500 → 400: ten earned it, one lost it by refund: −900 points, −9.00."""
    stage = await open_stage(make.whole_document("ota"))
    partner = await stage.partner()
    for number in range(10):
        named = {"reference": f"m-{number}"}
        await partner.done("enrolMember", **named)
        flight = line("flight", "2400")
        await partner.done("earnForBooking", member=named, reference=f"B-{number}", lines=[flight])
    await taken(partner, "B-0", "R", "500")
    texts = [
        text_of("ota", stage),
        text_of("ota", stage, ("    points: 500\n", "    points: 400\n")),
    ]
    changes = []
    for text in texts:
        begun = (await start(stage, candidate={"document": text}))["backtest"]
        await play(stage)
        found = (await stage.staff().read(READ, id=begun["id"]))["backtest"]
        assert found["status"] == "DONE"
        rows = [*found["figures"], *found["rules"]]
        changed = {row["key"]: Decimal(row["candidate"]) - Decimal(row["baseline"]) for row in rows}
        changes.append({key: change for key, change in changed.items() if change})
    assert changes[0] == {}
    less = {key: changes[1][key] for key in ("flight_over_2000", "granted", "granted_worth")}
    assert less == {"flight_over_2000": -900, "granted": -900, "granted_worth": -9}


async def test_23_what_a_second_version_may_not_say_and_a_renamed_tier() -> None:
    """`timezone: UTC`, no `points`, diamond named black: refused. With `renames` diamond members
    are black, `since` unchanged.
    """
    stage = await open_stage(make.whole_document("ota"))
    await make.enrol(stage.programme, reference="xiaoli")
    await tiered.assign(stage.programme, await stage.member_id(), "diamond")
    standing = "{ me { standing { tier { code } since } } }"
    [before] = (await stage.member().read(standing)).values()
    assert before["standing"]["tier"]["code"] == "diamond"
    rows = await stage.everything()
    black = ("    - code: diamond\n", "    - code: black\n")
    for change, path, reason, value in (
        (("timezone: Asia/Shanghai", "timezone: UTC"), ["timezone"], "fixed", "UTC"),
        (black, ["tiers", "levels"], "tier_code_missing", "diamond"),
    ):
        [problem] = (await publish(stage, text_of("ota", stage, change)))["errors"]
        assert problem["path"] == ["document", *path]
        assert (problem["reason"], problem["value"]) == (reason, value)
    without = text_of("genius", stage)
    [problem] = (await publish(stage, without))["errors"]
    assert (problem["path"], problem["reason"]) == (["document", "points"], "fixed")
    assert await stage.everything() == rows
    renamed = text_of("ota", stage, black, ("tiers:\n", "tiers:\n  renames: {diamond: black}\n"))
    assert (await publish(stage, renamed))["errors"] == []
    [after] = (await stage.member().read(standing)).values()
    assert after["standing"] == {"tier": {"code": "black"}, "since": before["standing"]["since"]}


async def test_25_a_share_of_yesterday() -> None:
    """A member reports it: refused; for now: 50. A partner then reports yesterday's: 0, today's
    limit is used.
    """
    stage = await open_stage(make.whole_document("ota"))
    partner, member = await stage.partner(), stage.member()
    await partner.done("enrolMember", **HIM)
    yesterday = (stage.now() - timedelta(days=1)).isoformat()
    shown = "pointsAwarded explanation { code }"
    problem = await member.refused(
        "earnForActivity", type="share", reference="S-1", occurredAt=yesterday
    )
    assert problem["reason"] == "too_late_for_member"
    now = await member.done("earnForActivity", shown, type="share", reference="S-2")
    assert now["pointsAwarded"] == 50
    sent: dict[str, Any] = {"type": "share", "reference": "S-3", "occurredAt": yesterday}
    late = await partner.done("earnForActivity", shown, member=HIM, **sent)
    assert late == {
        "pointsAwarded": 0,
        "explanation": [{"code": "limit_reached"}],
        "replayed": False,
    }


async def test_26_who_writes_what_of_a_profile() -> None:
    """Profile {seat: aisle}, the member sends {travel_style: independent}: has both. With
    `writable_by: [staff]`: refused. So is another type.
    """
    stage = await open_stage(make.whole_document("ota"))
    staff, member = stage.staff(), stage.member()
    await staff.done("enrolMember", profile={"seat": "aisle"}, **HIM)
    style: dict[str, Any] = {"profile": {"travel_style": "independent"}}
    done = await member.done("updateMember", "member { profile }", **style)
    both = {"seat": "aisle", "travel_style": "independent"}
    assert done["member"]["profile"] == both
    problem = await member.refused("updateMember", profile={"travel_style": 5})
    assert (problem["reason"], problem["path"]) == ("profile_type", ["profile", "travel_style"])
    only = ("writable_by: [member, partner, staff]", "writable_by: [staff]")
    assert (await publish(stage, text_of("ota", stage, only)))["errors"] == []
    before = await stage.everything()
    problem = await member.refused("updateMember", **style)
    assert problem["reason"] == "profile_not_writable"
    assert problem["path"] == ["profile", "travel_style"]
    assert await stage.everything() == before
