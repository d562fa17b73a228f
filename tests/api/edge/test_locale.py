"""In which language a caller is answered: as it asks, else as the member reads, else English."""

from typing import Any

import pytest

from tests.support.callers import Client, codes, open_stage
from tests.support.things import Things, furnish, furnished

pytestmark = pytest.mark.usefixtures("database")

TEXTS = """{
    programme { name expiry rules tiers { name } }
    viewer { programme { name } }
    tiers { name benefits { text } }
    me { standing { tier { name } progress { text next { name } } }
        ledger { edges { node { description explanation { text } } } } } }"""

ENGLISH = {
    "name": "Journey Points",
    "expiry": "Points last 12 months, through the last day.",
    "tiers": ["Silver", "Gold", "Platinum", "Diamond"],
    "progress": "CNY 4,500.00 to Gold.",
    "ledger": ["Redeemed: Lounge", "Booking B-xiaoli", "Spending at a partner"],
    "explanation": "Points for spending: on CNY 500.00",
    "rule": "Points for spending: 1 point per CNY 1.00",
}
CHINESE = {
    "name": "悦途积分",
    "expiry": "积分自到账起 12 个月有效，最后一天仍可使用。",
    "tiers": ["白银会员", "黄金会员", "铂金会员", "钻石会员"],
    "progress": "距离黄金会员还差 ¥4,500.00。",
    "ledger": ["兑换：贵宾厅", "订单 B-xiaoli", "合作伙伴消费"],
    "explanation": "消费积分：按 ¥500.00 计",
    "rule": "消费积分：每 ¥1.00 得 1 积分",
}


def read_texts(data: Any) -> dict[str, Any]:
    entries = [edge["node"] for edge in data["me"]["ledger"]["edges"]]
    assert data["viewer"]["programme"]["name"] == data["programme"]["name"]
    assert [tier["name"] for tier in data["programme"]["tiers"]] == [
        tier["name"] for tier in data["tiers"]
    ]
    return {
        "name": data["programme"]["name"],
        "expiry": data["programme"]["expiry"],
        "tiers": [tier["name"] for tier in data["tiers"]],
        "progress": data["me"]["standing"]["progress"]["text"],
        "ledger": [entry["description"] for entry in entries],
        "explanation": entries[1]["explanation"][0]["text"],
        "rule": data["programme"]["rules"][0],
    }


async def speaking(locale: str) -> tuple[Things, Client]:
    things = await furnished()
    member = things.stage.member(things.reference)
    await member.done("updateMember", locale=locale)
    return things, member


@pytest.mark.parametrize(("locale", "texts"), [("zh-CN", CHINESE), ("en", ENGLISH)])
async def test_a_member_reads_its_own_language(locale: str, texts: dict[str, Any]) -> None:
    _, member = await speaking(locale)

    assert read_texts(await member.read(TEXTS)) == texts
    assert read_texts(await member.reading("fr, *;q=0.1").read(TEXTS)) == texts


@pytest.mark.parametrize(
    ("header", "texts"),
    [
        ("zh-CN", CHINESE),
        ("zh-Hans;q=0.9, fr", CHINESE),
        ("en", ENGLISH),
        ("en-GB, zh;q=0.5", ENGLISH),
        ("de, en;q=0.1", ENGLISH),
    ],
)
async def test_what_the_request_asks_for_comes_first(header: str, texts: dict[str, Any]) -> None:
    _, member = await speaking("en" if texts is CHINESE else "zh-CN")

    assert read_texts(await member.reading(header).read(TEXTS)) == texts


async def test_a_text_is_had_in_any_language_by_its_argument() -> None:
    _, member = await speaking("zh-CN")

    data = await member.reading("zh-CN").read(
        """{ programme { name(locale: "en") expiry(locale: "en_US") zh: name(locale: "zh-TW")
            other: name(locale: "fr") } }"""
    )

    assert data["programme"] == {
        "name": "Journey Points",
        "expiry": "Points last 12 months, through the last day.",
        "zh": "悦途积分",
        "other": "悦途积分",
    }


REFUSED_ZH = "需要 400000 积分，可用 6500 积分。"
REFUSED_EN = "This takes 400000 points; 6500 are available."


@pytest.mark.parametrize(
    ("locale", "header", "message"),
    [
        ("zh-CN", None, REFUSED_ZH),
        ("en", None, REFUSED_EN),
        ("zh-CN", "en", REFUSED_EN),
        ("en", "zh-CN", REFUSED_ZH),
    ],
)
async def test_a_refused_mutation_is_worded_for_its_member(
    locale: str, header: str | None, message: str
) -> None:
    things, member = await speaking(locale)
    before = await things.stage.everything()

    reader = member.reading(header) if header else member
    problem = await reader.refused("redeemReward", reward=things.reward, quantity=100)

    assert problem["message"] == message
    assert await things.stage.everything() == before


async def test_each_answer_of_a_member_is_in_its_language() -> None:
    """Texts in payloads, quotes, single bookings and nodes, where no member was asked for."""
    things, member = await speaking("zh-CN")

    quote = await member.read(
        """{ quoteEarning(input: {lines: [{product: "hotel", amount: "10"}]}) {
            availableText lines { productName } explanation { text } errors { message } } }"""
    )
    assert quote["quoteEarning"]["availableText"] == "付款后立即可用。"
    assert quote["quoteEarning"]["lines"] == [{"productName": "酒店"}]
    assert quote["quoteEarning"]["explanation"] == [{"text": "消费积分：按 ¥10.00 计"}]
    refused = await member.read(
        """{ quoteEarning(input: {lines: [{product: "moon", amount: "10"}]}) {
            availableOn availableText errors { message } } }"""
    )
    assert (refused["quoteEarning"]["availableOn"], refused["quoteEarning"]["availableText"]) == (
        "",
        None,
    )
    assert refused["quoteEarning"]["errors"][0]["message"].startswith("未知产品 moon；本计划销售")

    data = await member.read(
        "query($r: String!) { booking(reference: $r) { awards { text } } }", r=things.booking
    )
    assert data["booking"]["awards"] == [{"text": "消费积分"}]
    node = "query($id: ID!) { node(id: $id) { ... on LedgerEntry { description } } }"
    data = await member.read(node, id=things.entry_id)
    assert data["node"] == {"description": "兑换：贵宾厅"}
    nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on LedgerEntry { description } } }"
    data = await member.read(nodes, ids=[things.entry_id])
    assert data["nodes"] == [{"description": "兑换：贵宾厅"}]
    redemption = "query($id: ID!) { redemption(id: $id) { reward { name } } }"
    data = await member.read(redemption, id=things.redemption_id)
    assert data["redemption"] == {"reward": {"name": "贵宾厅"}}
    data = await member.read("{ rewards { edges { node { name } } } }")
    assert data["rewards"]["edges"] == [{"node": {"name": "贵宾厅"}}]
    data = await member.read("query($c: String!) { reward(code: $c) { name } }", c=things.reward)
    assert data["reward"] == {"name": "贵宾厅"}

    shared = await member.done(
        "earnForActivity", "explanation { text } awards { text }", type="share", reference="s"
    )
    assert shared["explanation"] == [{"text": "社交分享"}]
    assert shared["awards"] == [{"text": "社交分享"}]
    bought = await member.done(
        "redeemReward", "redemption { reward { name } }", reward=things.reward
    )
    assert bought["redemption"] == {"reward": {"name": "贵宾厅"}}


async def test_a_new_member_is_answered_in_the_language_that_it_enrols_with() -> None:
    stage = await open_stage()

    enrolled = await stage.member().done(
        "enrolMember", "member { locale standing { tier { name } } }", locale="en"
    )

    assert enrolled["member"] == {"locale": "en", "standing": {"tier": {"name": "Silver"}}}


async def test_a_changed_language_holds_from_the_same_answer_on() -> None:
    _, member = await speaking("zh-CN")
    before = await member.read("{ me { standing { tier { name } } } }")

    changed = await member.done(
        "updateMember", "member { standing { tier { name } } }", locale="en"
    )

    assert before["me"]["standing"]["tier"] == {"name": "白银会员"}
    assert changed["member"]["standing"]["tier"] == {"name": "Silver"}


async def test_others_read_english_whatever_their_members_read() -> None:
    things, _ = await speaking("zh-CN")
    other = await furnish(things.stage, "xiaoma", "13800138001")
    query = """query($by: MemberBy!) { programme { name }
        member(by: $by) { standing { tier { name } } } }"""

    for client in (await things.stage.partner(), things.stage.staff()):
        for reference in (things.reference, other.reference):
            data = await client.read(query, by={"reference": reference})
            assert data["programme"] == {"name": "Journey Points"}
            assert data["member"]["standing"]["tier"] == {"name": "Silver"}
    public = await (await things.stage.public()).read("{ programme { name } }")
    assert public["programme"] == {"name": "Journey Points"}


async def test_a_locale_that_is_none_is_refused() -> None:
    things, member = await speaking("zh-CN")
    before = await things.stage.everything()

    problem = await member.refused("updateMember", locale="fr")
    assert (problem["code"], problem["reason"]) == ("INVALID_INPUT", "locale")
    assert problem["message"] == "未知语言 fr；可用：zh-CN, en。"
    answer = await member.ask('{ programme { name(locale: "../etc") } }')
    assert codes(answer) == ["GRAPHQL_VALIDATION_FAILED"]
    assert await things.stage.everything() == before
