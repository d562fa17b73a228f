"""Benefits through the API: declared, given by levels, used, returned, and used up."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
import yaml

import models
from domain.programmes import programmes
from tests.conftest import Database
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

PARTS = """
benefits:
  - {code: lounge_visit, name: {zh-CN: 贵宾厅, en: Lounge visit}}
  - {code: breakfast, name: {zh-CN: 早餐, en: Breakfast}}
  - {code: rebooking, name: {zh-CN: 改签, en: Rebooking}}
  - {code: champagne, name: {zh-CN: 香槟, en: Champagne}}
tiers:
  basis: spend
  window: lifetime
  levels:
    - {code: member, name: {zh-CN: 普通, en: Member}, threshold: 0}
    - code: gold
      name: {zh-CN: 金卡, en: Gold}
      threshold: 10000
      benefits:
        - {benefit: lounge_visit, uses: 1, per: year}
        - {benefit: rebooking, uses: 2, per: month}
        - {zh-CN: 优先客服, en: Priority service}
    - code: platinum
      name: {zh-CN: 白金卡, en: Platinum}
      threshold: 30000
      benefits:
        - {benefit: breakfast}
        - {benefit: lounge_visit, uses: 2, per: year}
    - code: diamond
      name: {zh-CN: 钻石卡, en: Diamond}
      threshold: 80000
      benefits: [{benefit: lounge_visit, uses: 4, per: year}]
"""
"""What four benefits are given by which level; champagne by none."""

BENEFITS = '{ code name en: name(locale: "en") uses used left resetsAt }'


def document() -> dict[str, Any]:
    """The shipped document with these benefits and levels."""
    return make.shipped_document(**yaml.safe_load(PARTS))


async def moved(stage: Stage, day: str) -> Stage:
    """The same stage with its clock at noon of this day."""
    instant = datetime.fromisoformat(f"{day}T12:00:00+08:00")
    return Stage(await programmes.advance_clock(stage.programme, instant - stage.now()))


async def use(partner: Client, benefit: str, reference: str, **sent: Any) -> Any:
    found = await partner.done(
        "useBenefit",
        f"benefit {BENEFITS}",
        member={"reference": "xiaoli"},
        benefit=benefit,
        reference=reference,
        **sent,
    )
    return found["benefit"]


async def benefits(stage: Stage) -> dict[str, Any]:
    found = await stage.member().read(f"{{ me {{ benefits {BENEFITS} }} }}")
    return {one["code"]: (one["uses"], one["used"], one["left"]) for one in found["me"]["benefits"]}


async def test_a_year_of_uses() -> None:
    """A lounge used as gold in March and as platinum in June leaves one of two."""
    stage = await open_stage(document(), stands_at="2126-03-15T12:00:00+08:00")
    member = stage.member()
    await member.done("enrolMember", "member { id }")
    partner, sender = await stage.partner(), {"reference": "xiaoli"}
    await make.enrol(stage.programme, reference="other", now=stage.now())
    assert await benefits(stage) == {}
    problem = await partner.refused(
        "useBenefit", member=sender, benefit="lounge_visit", reference="U-1"
    )
    assert (problem["code"], problem["path"]) == ("TIER_REQUIRED", ["benefit"])
    assert problem["message"] == ("This benefit is for tier Gold and above, not for tier Member.")
    nobody = await partner.refused(
        "useBenefit", member=sender, benefit="champagne", reference="U-1"
    )
    assert nobody["message"] == "No tier has this benefit; it has to be granted to the member."

    await partner.book("B-1", {"product": "hotel", "amount": "10000"})
    assert await benefits(stage) == {"lounge_visit": (1, 0, 1), "rebooking": (2, 0, 2)}
    assert await use(partner, "lounge_visit", "U-1") == {
        "code": "lounge_visit",
        "name": "Lounge visit",
        "en": "Lounge visit",
        "uses": 1,
        "used": 1,
        "left": 0,
        "resetsAt": "2126-12-31T16:00:00Z",
    }
    full = await partner.refused(
        "useBenefit", member=sender, benefit="lounge_visit", reference="U-2"
    )
    assert (full["code"], full["limit"], full["resetsAt"]) == (
        "LIMIT_REACHED",
        1,
        "2126-12-31T16:00:00Z",
    )
    # the reference is free: nothing happened under it
    assert (await use(partner, "rebooking", "U-2"))["left"] == 1
    again = await partner.done(
        "useBenefit",
        "benefit { left }",
        member=sender,
        benefit="lounge_visit",
        reference="U-1",
    )
    assert again == {"benefit": {"left": 0}, "replayed": True}
    first: dict[str, Any] = {"member": sender, "benefit": "lounge_visit", "reference": "U-1"}
    for changed in ({"usedAt": "2126-03-15T11:00:00+08:00"}, {"member": {"reference": "other"}}):
        conflict = await partner.refused(
            "useBenefit",
            **{**first, **changed},
        )
        assert conflict["code"] == "REFERENCE_CONFLICT"

    stage = await moved(stage, "2126-06-10")
    await partner.book("B-2", {"product": "hotel", "amount": "20000"})
    assert await benefits(stage) == {"lounge_visit": (2, 1, 1), "breakfast": (None, 0, None)}
    assert (await use(partner, "lounge_visit", "U-3"))["left"] == 0
    assert [(await use(partner, "breakfast", f"U-{n}"))["used"] for n in (1, 2)] == [1, 2]
    as_platinum = stage.now().isoformat()
    # a refund that takes the tier undoes no use, and the lower quota has nothing left
    await partner.done("refundBooking", booking="B-2", reference="R-2")
    assert await benefits(stage) == {"lounge_visit": (1, 2, 0), "rebooking": (2, 0, 2)}
    # by the tier of its instant, breakfast can still be reported
    late = await use(partner, "breakfast", "U-4", usedAt=as_platinum)
    assert late is None

    stage = await moved(stage, "2127-01-01")
    assert (await benefits(stage))["lounge_visit"] == (1, 0, 1)
    # in the year of its instant, not of its record
    full = await partner.refused(
        "useBenefit",
        member=sender,
        benefit="lounge_visit",
        reference="U-5",
        usedAt="2126-12-31T23:59:59+08:00",
    )
    assert full["code"] == "LIMIT_REACHED"
    told = await make.payloads("benefit.used", programme_id=stage.programme.id)
    assert Counter(one["benefit"] for one in told) == {
        "lounge_visit": 2,
        "breakfast": 3,
        "rebooking": 1,
    }


async def test_a_use_is_returned_once() -> None:
    stage = await open_stage(document())
    await stage.member().done("enrolMember", "member { id }")
    mine, other = await stage.partner(), await stage.partner(code="other")
    await mine.book("B-1", {"product": "hotel", "amount": "10000"})
    named: dict[str, Any] = {
        "member": {"reference": "xiaoli"},
        "benefit": "lounge_visit",
        "reference": "U-1",
    }
    await use(mine, "lounge_visit", "U-1")

    absent = await other.refused("returnBenefit", **named)
    assert (absent["code"], absent["path"]) == ("NOT_FOUND", ["reference"])
    assert absent == await other.refused("returnBenefit", **{**named, "benefit": "champagne"})
    before = await stage.everything()
    returned = await mine.done("returnBenefit", "benefit { used left }", **named)
    assert returned == {"benefit": {"used": 0, "left": 1}, "replayed": False}
    after = await stage.everything()
    assert {table for table in before if before[table] != after[table]} == {
        *("account", "benefit_use", "idempotency_key", "seal"),
    }
    returned = await mine.done("returnBenefit", "benefit { used left }", **named)
    assert returned == {"benefit": {"used": 0, "left": 1}, "replayed": True}
    # a reference stands for its use for ever
    again = await mine.done("useBenefit", "benefit { left }", **named)
    assert again == {"benefit": {"left": 1}, "replayed": True}
    # another caller's reference is its own, and staff return anybody's
    assert (await use(other, "lounge_visit", "U-1"))["left"] == 0
    assert (await stage.staff().done("returnBenefit", "benefit { left }", **named))["benefit"] == {
        "left": 1
    }


async def test_what_is_refused_of_a_use() -> None:
    stage = await open_stage(document())
    await stage.member().done("enrolMember", "member { id }")
    partner, programme = await stage.partner(), stage.programme
    named: dict[str, Any] = {
        "member": {"reference": "xiaoli"},
        "benefit": "breakfast",
        "reference": "U-1",
    }
    await make.enrol(programme, reference="guest", guest=True, now=TODAY)
    for sent, code, path in (
        ({"benefit": "brekfast"}, "INVALID_INPUT", ["benefit"]),
        ({"benefit": " "}, "INVALID_INPUT", ["benefit"]),
        ({"reference": "x" * 129}, "INVALID_INPUT", ["reference"]),
        ({"member": {"reference": "nobody"}}, "NOT_FOUND", ["member"]),
        ({"member": {"reference": "guest"}}, "MEMBER_NOT_ENROLLED", ["member"]),
        (
            {"usedAt": (stage.now() - timedelta(days=366)).isoformat()},
            "EVENT_TOO_OLD",
            ["usedAt"],
        ),
        (
            {"usedAt": (stage.now() + timedelta(hours=1)).isoformat()},
            "EVENT_IN_FUTURE",
            ["usedAt"],
        ),
        (
            {"usedAt": (stage.now() - timedelta(hours=1)).isoformat()},
            "INVALID_INPUT",
            ["usedAt"],
        ),
    ):
        before = await stage.everything()
        problem = await partner.refused("useBenefit", **{**named, **sent})
        assert (problem["code"], problem["path"]) == (code, path)
        assert await stage.everything() == before
    problem = await partner.refused("useBenefit", **{**named, "benefit": "brekfast"})
    assert problem["allowed"] == ["lounge_visit", "breakfast", "rebooking", "champagne"]


async def test_levels_show_their_benefits() -> None:
    stage = await open_stage(document())
    public = await stage.public()
    levels = (await public.read("{ tiers { code benefits { code uses per text } } }"))["tiers"]
    assert levels[1]["benefits"] == [
        {"code": "lounge_visit", "uses": 1, "per": "YEAR", "text": "Lounge visit, once a year"},
        {"code": "rebooking", "uses": 2, "per": "MONTH", "text": "Rebooking, 2 times a month"},
        {"code": None, "uses": None, "per": None, "text": "Priority service"},
    ]
    assert levels[2]["benefits"][0] == {
        "code": "breakfast",
        "uses": None,
        "per": None,
        "text": "Breakfast",
    }
    chinese = await public.reading("zh-CN").read("{ tiers { benefits { text } } }")
    assert [one["text"] for one in chinese["tiers"][1]["benefits"]] == [
        *("贵宾厅，每年一次", "改签，每月 2 次", "优先客服"),
    ]


PERK = {
    "code": "welcome",
    "kind": "tier_entry",
    "name": make.WORDS,
    "tiers": ["gold"],
    "gives": {"perk": {"benefit": "lounge_visit", "uses": 2, "days": 30}},
}


LAST = {"benefit": "champagne", "uses": 1, "days": 1}


async def begun() -> tuple[Stage, Client]:
    """A member of gold, to whom two lounge visits were given besides the one of a year."""
    stage = await open_stage(document() | {"grants": [PERK]})
    await stage.member().done("enrolMember", "member { id }")
    partner = await stage.partner()
    await partner.book("B-1", {"product": "hotel", "amount": "10000"})
    return stage, partner


async def lounge(stage: Stage) -> Any:
    """Uses of the level, those used, and all that are left."""
    return (await benefits(stage)).get("lounge_visit")


async def faults(stage: Stage) -> list[str]:
    [member] = await models.Member.filter(programme_id=stage.programme.id)
    return await make.faults(member.member_id)


async def test_what_ends_first_is_used_first() -> None:
    stage, partner = await begun()
    named: dict[str, Any] = {"member": {"reference": "xiaoli"}, "benefit": "lounge_visit"}
    assert await lounge(stage) == (1, 0, 3)
    left = [(await use(partner, "lounge_visit", f"U-{n}"))["left"] for n in (1, 2)]
    assert (left, await lounge(stage)) == ([2, 1], (1, 0, 1))
    assert (await use(partner, "lounge_visit", "U-3"))["left"] == 0
    full = await partner.refused("useBenefit", **named, reference="U-4")
    assert (full["code"], full["limit"], full["resetsAt"]) == (
        *("LIMIT_REACHED", 3, "2126-12-31T16:00:00Z"),
    )

    # one of the perk goes back to it
    await partner.done("returnBenefit", **named, reference="U-1")
    assert await lounge(stage) == (1, 1, 1)
    # what was used is kept when the tier is lost, and lasts through its own last day
    await partner.done("refundBooking", booking="B-1", reference="R-1")
    assert await lounge(stage) == (0, 0, 1)
    stage = await moved(stage, "2126-04-14")
    assert (await use(partner, "lounge_visit", "U-5"))["left"] == 0
    full = await partner.refused("useBenefit", **named, reference="U-6")
    assert (full["code"], full["limit"], full["resetsAt"]) == ("LIMIT_REACHED", 2, None)
    stage = await moved(stage, "2126-04-15")
    assert await lounge(stage) is None
    over = await partner.refused("useBenefit", **named, reference="U-7")
    assert over["code"] == "TIER_REQUIRED"
    assert await faults(stage) == []


async def test_an_unused_perk_ends_with_what_brought_it() -> None:
    stage, partner = await begun()
    before = stage.now().isoformat()
    await partner.done("refundBooking", booking="B-1", reference="R-1")
    assert await lounge(stage) is None
    # it stands again with its days anew
    stage = await moved(stage, "2126-04-10")
    await partner.book("B-2", {"product": "hotel", "amount": "10000"})
    assert await lounge(stage) == (1, 0, 3)
    stage = await moved(stage, "2126-05-10")
    assert await lounge(stage) == (1, 0, 3)
    # an instant before it was taken away is one at which it could be used
    assert (await use(partner, "lounge_visit", "U-1", usedAt=before))["left"] == 2
    stage = await moved(stage, "2126-05-11")
    assert await lounge(stage) == (1, 0, 1)
    assert await faults(stage) == []


async def test_a_perk_that_was_used_stays_kept_when_its_use_is_returned() -> None:
    stage, partner = await begun()
    await use(partner, "lounge_visit", "U-1")
    await partner.done("refundBooking", booking="B-1", reference="R-1")
    named = {"benefit": "lounge_visit", "reference": "U-1"}
    await partner.done("returnBenefit", member={"reference": "xiaoli"}, **named)
    assert await lounge(stage) == (0, 0, 2)
    assert await faults(stage) == []
    # it was never taken back, so gold again brings no second
    await partner.book("B-2", {"product": "hotel", "amount": "10000"})
    assert await lounge(stage) == (1, 0, 3)
    assert await faults(stage) == []


async def test_the_last_use_of_a_perk_is_one(database: Database) -> None:
    document_of_perks = document() | {"grants": [PERK | {"gives": {"perk": LAST}}]}
    programme = await make.establish(document_of_perks)
    member_id = await make.enrol(programme)
    await make.book(programme, member_id, ("hotel", "10000"))
    found = await make.outcomes(
        *(make.use_benefit(programme, member_id, "champagne") for _ in range(4))
    )
    assert found == {"Outcome": 1, "LIMIT_REACHED": 3}
    assert await make.faults(member_id) == []


async def test_what_is_left_of_a_merged_member_is_used_by_who_it_became() -> None:
    stage, partner = await begun()
    old = await make.enrol(stage.programme, now=TODAY, reference="old")
    named: dict[str, Any] = {"member": {"reference": "old"}, "benefit": "lounge_visit"}
    lines = [{"product": "hotel", "amount": "10000"}]
    await partner.done("earnForBooking", member=named["member"], reference="B-2", lines=lines)
    used = await partner.done("useBenefit", "benefit { left }", **named, reference="U-old")
    assert used["benefit"] == {"left": 2}
    new = await stage.member_id()
    await make.merge(stage.programme, old, new, now=TODAY)
    # one of two that the other was given is left, beside three of its own
    assert await lounge(stage) == (1, 0, 4)

    again = await partner.do("useBenefit", "benefit { left }", **named, reference="U-old")
    assert again == {"benefit": {"left": 4}, "replayed": True, "errors": []}
    for replayed, member in ((False, "xiaoli"), (True, "old")):
        sent = {**named, "member": {"reference": member}, "reference": "U-old"}
        back = await partner.done("returnBenefit", "benefit { left }", **sent)
        assert back == {"benefit": {"left": 5}, "replayed": replayed}
    left = [(await use(partner, "lounge_visit", f"U-{n}"))["left"] for n in range(5)]
    assert (left, await lounge(stage)) == ([4, 3, 2, 1, 0], (1, 1, 0))
    again = await partner.do("useBenefit", **named, reference="U-1")
    assert again == {"replayed": True, "errors": []}
    full = await partner.refused("useBenefit", **named, reference="U-6")
    assert (full["code"], full["limit"]) == ("LIMIT_REACHED", 5)
    assert await make.faults(old, new) == []
