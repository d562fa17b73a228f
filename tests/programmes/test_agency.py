"""The travel agency: a year of its members' lives, with every figure of its document and ours.

`FIGURES` names each figure and the sentence that it comes from: of the article that the agency's
programme is made of, or of how the product is described, where the article gives no number.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from domain.activities import calendar_rules
from domain.programmes import programmes, reader
from domain.rewards import offers, placing
from domain.rewards.placing import How
from tests.support import factories as make
from tests.support.callers import Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

FIGURES: Mapping[str, str] = {
    "domestic group tour": "预订国内跟团游每消费100元可获得1个积分",
    "overseas independent": "预订国外自由行每消费200元获得3个积分",
    "anything else": "将自己的积分价值设定为消费金额的1.5%左右，即每消费100元获得1.5个积分",
    "average basket": "其平均客单价为3000元左右",
    "point worth": "每个积分价值约为1元左右（可用于金额抵扣或者服务兑换）",
    "quiz": "回答正确的会员可以获得10 - 50不等的积分",
    "talk": "线下旅游分享会: 30, not of the article",
    "photo contest": "摄影比赛: 50, once a month, not of the article",
    "birthday": "在会员生日当天，旅行社自动为会员发放100积分，会员可以在当月内使用这些积分",
    "anniversary": "对于会员的生日、会员注册周年等特殊纪念日，旅行社可以给予积分奖励: 50",
    "niche route": "每次他完成旅行后都会获得额外的积分奖励: 15",
    "peak": "热门旅游线路在旺季可能只能允许用积分抵扣总费用的10%",
    "off-season": "而在淡季则可以抵扣20%",
    "services": "机场接送服务、当地导游的专属讲解服务、旅游景区的快速通行证: 80, 150, 40",
    "gifts": "当地特色的手工艺品、旅行用品（如高品质的旅行背包、便携式水壶等）: 60, 120, 50",
    "expiry": "积分的有效期为自获取之日起两年内",
    "reminders": "在会员即将到期前，通过短信、邮件等方式提醒会员尽快使用积分: 30 and 7 days",
}
HIM = {"reference": "xiaoli"}
QUOTE = """query($input: QuoteOffsetInput!) { quoteOffset(input: $input) {
    maxPoints lines { sharePercent maxWorth { amount } } } }"""
WEALTH = """query($by: MemberBy!) { member(by: $by) {
    balance { available pending } expirySchedule { points on } } }"""


async def open_agency(day: str, **member: Any) -> tuple[Stage, Client]:
    """The shipped programme with its rewards, at noon of this day, and its member xiaoli."""
    document = make.whole_document("agency")
    stage = await open_stage(document, stands_at=f"{day}T12:00:00+08:00")
    shipped = offers.shipped("agency")
    assert shipped is not None
    own = shipped.model_copy(update={"programme": stage.programme.code})
    await placing.place(stage.programme, own, stage.now(), How(missing_only=True))
    await make.enrol(stage.programme, now=stage.now(), reference="xiaoli", **member)
    return stage, await stage.partner()


async def at(stage: Stage, instant: str) -> Stage:
    """The same programme with its clock moved on, after the hourly job has run."""
    ahead = datetime.fromisoformat(instant) + timedelta(seconds=1) - stage.now()
    moved = Stage(await programmes.advance_clock(stage.programme, ahead))
    now = moved.now()
    found = [due async for due in calendar_rules.candidates(moved.programme, now)]
    for due in found:
        await calendar_rules.pay(moved.programme, due, now)
    return moved


async def wealth(client: Client) -> tuple[int, dict[str, int]]:
    """Available points, and by last valid date."""
    seen = (await client.read(WEALTH, by=HIM))["member"]
    return seen["balance"]["available"], {e["on"]: e["points"] for e in seen["expirySchedule"]}


def line(product: str, amount: str, **terms: Any) -> dict[str, Any]:
    return {"product": product, "amount": amount, **terms}


async def play(client: Client, kind: str, reference: str, **attributes: Any) -> int:
    payload = await client.done(
        "earnForActivity",
        "pointsAwarded",
        member=HIM,
        type=kind,
        reference=reference,
        attributes=attributes or None,
    )
    points: int = payload["pointsAwarded"]
    return points


async def test_a_year_of_a_member() -> None:
    stage, partner = await open_agency("2126-03-15", birthday=date(1990, 7, 20))
    # domestic group tour, overseas independent, anything else, average basket
    for reference, product, amount, points in (
        ("D-1", "domestic_group_tour", "3999", 39),
        ("O-1", "overseas_independent", "5000", 75),
        ("O-2", "overseas_independent", "599", 6),
        ("B-1", "overseas_group_tour", "3000", 45),
    ):
        assert (await partner.book(reference, line(product, amount)))["pointsAwarded"] == points
    # quiz: a score below 1 is a wrong answer
    scores = [await play(partner, "quiz", f"Q-{score}", score=score) for score in (37, 3, 80, 0)]
    assert scores == [37, 10, 50, 0]
    assert await play(partner, "talk", "T-1") == 30
    assert [await play(partner, "photo_contest", f"P-{n}") for n in (1, 2)] == [50, 0]
    earned = 39 + 75 + 6 + 45 + 37 + 10 + 50 + 30 + 50
    # expiry: two years, through that day
    assert await wealth(partner) == (earned, {"2128-03-15": earned})

    # niche route: 15 more once the journey is over
    niche = line("domestic_independent", "1000", attributes={"niche": True})
    assert (await partner.book("N-1", niche))["pointsAwarded"] == 15 + 15
    assert (await wealth(partner))[0] == earned + 15
    done = await partner.done("completeBooking", "pointsMatured", booking="N-1")
    assert done["pointsMatured"] == 15
    earned += 30

    # birthday: 100 on the day, gone with the month
    stage = await at(stage, "2126-07-20T00:05:00+08:00")
    assert (await wealth(partner))[0] == earned + 100
    assert (await wealth(partner))[1]["2126-07-31"] == 100
    stage = await at(stage, "2126-08-01T00:05:00+08:00")
    assert (await wealth(partner))[0] == earned

    # services and gifts for points, each worth a yuan
    for reward, price in (("transfer", 80), ("fast_pass", 40), ("handicraft", 60), ("bottle", 50)):
        got = await stage.member().done("redeemReward", "redemption { points }", reward=reward)
        assert got["redemption"]["points"] == price
        earned -= price
    assert (await wealth(partner))[0] == earned

    # anniversary: 50 each year on the day of joining
    stage = await at(stage, "2127-03-15T00:05:00+08:00")
    assert (await wealth(partner))[0] == earned + 50
    assert (await wealth(partner))[1]["2129-03-15"] == 50


async def test_how_much_of_a_line_points_pay() -> None:
    """CNY 3000 of a hot route: 10 % in the peak, 20 % else, the lower share without a date."""
    stage, partner = await open_agency("2126-03-15")
    await stage.staff().done(
        "adjustPoints", "pointsAdjusted", member=HIM, points=5000, reason="so that it is the share"
    )
    hot = {"hot_route": True}
    for terms, percent, points in (
        ({"attributes": hot, "travelFrom": "2126-07-01"}, "10", 300),
        ({"attributes": hot, "travelFrom": "2126-10-07"}, "10", 300),
        ({"attributes": hot, "travelFrom": "2126-11-10"}, "20", 600),
        ({"attributes": hot}, "10", 300),
        ({"travelFrom": "2126-07-01"}, "50", 1500),
    ):
        sent = {"member": HIM, "lines": [line("overseas_group_tour", "3000", **terms)]}
        quoted = (await partner.read(QUOTE, input=sent))["quoteOffset"]
        assert quoted["maxPoints"] == points
        assert quoted["lines"] == [
            {"sharePercent": percent, "maxWorth": {"amount": f"{points}.00"}}
        ]


def test_the_document_says_what_no_booking_shows() -> None:
    """Reminders, the season of every lunar new year, what refunds take, and the rewards' prices."""
    policy = reader.parse((make.SHIPPED / "agency.yaml").read_text(encoding="utf-8"))
    assert policy.reminders is not None
    assert policy.reminders.expiry_days == (30, 7)
    assert policy.refunds.claw_back == "within_balance"
    assert policy.facts.oldest_days == 365
    assert [level.code for level in policy.tiers.levels] == ["member"]
    eves = [str(span.from_) for span in policy.seasons[0].spans if len(str(span.from_)) == 10]
    assert eves == ["2026-02-16", "2027-02-05", "2028-01-25", "2029-02-12", "2030-02-02"]
    shipped = offers.shipped("agency")
    assert shipped is not None
    assert {reward.code: reward.points for reward in shipped.rewards} == {
        "transfer": 80,
        "guide": 150,
        "fast_pass": 40,
        "handicraft": 60,
        "backpack": 120,
        "bottle": 50,
    }
    assert len(FIGURES) == 17
