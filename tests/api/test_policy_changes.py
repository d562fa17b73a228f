"""What changes between versions, drafts and texts, in both languages, and the guide."""

import json
from typing import Any

import pytest

from tests.support import factories as make
from tests.support.callers import Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

CHANGES = """query($from: Int!, $to: Int!) { programme { changes(from: $from, to: $to) {
    path before after en: text(locale: "en") zh: text(locale: "zh-CN") } } }"""
DIFF = """query($from: PolicySource!, $to: PolicySource!) { diffPolicy(from: $from, to: $to) {
    path before after text } }"""
GOLD = "Tiers – Levels – Gold"
BONUS = "Points for bookings – Bonus for flights from CNY 2000"


def edited(stage: Stage, *slips: tuple[str, str]) -> str:
    text = make.written(stage.programme.versions[0].policy)
    for old, new in slips:
        assert old in text
        text = text.replace(old, new, 1)
    return text


async def compared(client: Client, before: Any, after: Any) -> Any:
    return (await client.read(DIFF, **{"from": before, "to": after}))["diffPolicy"]


async def test_each_change_is_a_sentence_in_both_languages() -> None:
    stage = await open_stage()
    text = edited(
        stage,
        ("points: 500\n", "points: 400\n"),
        ("min_amount: 2000\n", "min_amount: 1500\n    member: {birthday_month: true}\n"),
        ("threshold: 5000\n", "threshold: 4000\n"),
        ("multiplier: 1.2\n", "multiplier: 1.20\n"),
        ("minimum: 100\n", "minimum: 200\n"),
    )
    await stage.staff().done("publishPolicy", document=text)
    for client in (stage.staff(), stage.member(), await stage.partner(), await stage.public()):
        found = (await client.read(CHANGES, **{"from": 1, "to": 2}))["programme"]["changes"]
        told = [(one["path"], one["before"], one["after"]) for one in found]
        assert told == [
            ("tiers.levels.gold.threshold", "5000", "4000"),
            ("earning.flight_over_2000.when.member", None, '{"birthday_month":true}'),
            ("earning.flight_over_2000.when.min_amount", "2000", "1500"),
            ("earning.flight_over_2000.points", "500", "400"),
            ("offset.minimum", "100", "200"),
        ]
    assert [one["en"] for one in found] == [
        f"{GOLD} – Reached from: CNY 4,000.00 instead of CNY 5,000.00.",
        f"{BONUS} – For – Members: new, In the month of the birthday: yes.",
        f"{BONUS} – For – Paid at least: CNY 1,500.00 instead of CNY 2,000.00.",
        f"{BONUS} – Points: 400 instead of 500.",
        "Paying with points – Points at least: 200 instead of 100.",
    ]
    assert found[3]["zh"] == ("订单积分 – 机票满 2000 元奖励 – 积分：由500改为400。")
    back = (await stage.staff().read(CHANGES, **{"from": 2, "to": 1}))["programme"]["changes"]
    assert [(one["before"], one["after"]) for one in back][::-1] == [
        (after, before) for _, before, after in told
    ][::-1]
    answer = await stage.member().ask(CHANGES, **{"from": 1, "to": 9})
    assert [error["message"] for error in answer["errors"]] == [
        "There is no version 9; the last is 2."
    ]


async def test_drafts_texts_and_versions_are_compared_by_staff() -> None:
    stage = await open_stage()
    staff, partner_card = stage.staff(), stage.programme.versions[0].policy.earning[3]
    assert partner_card.code == "partner_card"
    text = make.written(stage.programme.versions[0].policy)
    begins = text.index("- code: partner_card")
    ends = text.index("\n- code: ", begins) + 1
    without = text[:begins] + text[ends:]
    made = await staff.done("saveDraft", "draft { id }", name="x", document=without)
    draft = {"draft": made["draft"]["id"]}
    [gone] = await compared(staff, {"version": 1}, draft)
    place = "Points for bookings – Double points with the partner card"
    assert (gone["path"], gone["after"]) == ("earning.partner_card", None)
    assert gone["text"] == (
        f"{place}: gone; it was For (Payment method: partner_card); Kind: multiplies points; "
        "Class: payment; Points multiplied by: ×2."
    )
    [new] = await compared(staff.reading("zh-CN"), draft, {"document": text})
    assert (new["before"], new["after"]) == (None, gone["before"])
    assert new["text"].startswith("订单积分 – 合作银行卡双倍积分：新增，")
    # the order of things decides between equals
    moved = without.replace("earning:\n", "earning:\n" + text[begins:ends], 1)
    [order] = await compared(staff, {"version": 1}, {"document": moved})
    assert order["path"] == "earning"
    assert json.loads(order["after"]) == [
        *("partner_card", "base", "flight_over_2000", "birthday_month"),
        *("business_double", "experience_bonus"),
    ]
    assert order["text"].startswith("Points for bookings: in another order, partner_card, base")
    # true is no number, and 1.0 is 1
    selecting = edited(
        stage, ("payment_methods:\n    - partner_card\n", "attributes: {niche: true}\n")
    )
    counting = selecting.replace("{niche: true}", "{niche: 1}").replace(
        "niche: boolean", "niche: number"
    )
    found = await compared(staff, {"document": selecting}, {"document": counting})
    assert [(one["path"], one["before"], one["after"]) for one in found] == [
        ("attributes.niche", "boolean", "number"),
        ("earning.partner_card.when.attributes.niche", "true", "1"),
    ]
    lint = "query($s: PolicySource!) { lintPolicy(source: $s) { faults { code } } }"
    for source in (draft, {"version": 1}):
        assert (await staff.read(lint, s=source))["lintPolicy"]["faults"] == []
    for source in ({"version": 9}, {"draft": "x"}):
        answer = await staff.ask(lint, s=source)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    for nothing in ({"version": 9}, {"draft": "x"}, {"document": ""}, {"document": "points: 0500"}):
        assert await compared(staff, {"version": 1}, nothing) is None
        assert await compared(staff, nothing, {"version": 1}) is None


async def test_the_guide_says_what_is_in_force() -> None:
    stage = await open_stage()
    query = "query($in: Locale) { programme { guide(locale: $in) } }"
    await stage.staff().done(
        "publishPolicy",
        document=edited(stage, ("en: Gold\n", "en: '<b>*Gold* | #1'\n")),
    )

    async def told(client: Client, locale: str | None = None) -> list[str]:
        found = (await client.read(query, **{"in": locale}))["programme"]
        return str(found["guide"]).splitlines()

    english = await told(await stage.public(), "en")
    assert english[:3] == ["# Journey Points", "", "The rules in force, version 2."]
    assert "#### \\<b\\>\\*Gold\\* \\| #1 (`gold`)" in english
    assert "- Value when spent: 100 points are worth CNY 1.00" in english
    assert "- Lifetime: 12 months, through the last day" in english
    assert not any("browse" in line for line in english)  # it pays nothing
    chinese = await told(stage.member().reading("zh-CN"))
    assert chinese[0] == "# 悦途积分"
    assert "- 有效期：12 个月，至最后一日" in chinese
