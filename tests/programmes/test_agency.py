"""The travel agency: a year of its members' lives, with every figure of its document and ours.

`FIGURES` has each figure with the sentence that it comes from, of the article that the agency's
programme is made of.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.activities import calendar_rules
from domain.programmes import programmes, reader
from domain.rewards import offers, placing
from domain.rewards.placing import How
from tests.api.test_referrals import bring, li
from tests.support import factories as make
from tests.support.callers import Client, Stage, open_stage
from tests.support.said import Said

pytestmark = pytest.mark.usefixtures("database")

SERVICES = "机场接送服务、当地导游的专属讲解服务、旅游景区的快速通行证"
GIFTS = "当地特色的手工艺品、旅行用品(如高品质的旅行背包、便携式水壶等)"
WARNED = "通过短信、邮件等方式提醒会员尽快使用积分"

FIGURES: Mapping[str, Said] = {
    "domestic group tour": Said((1, 100), "预订国内跟团游每消费100元可获得1个积分"),
    "overseas independent": Said((3, 200), "预订国外自由行每消费200元获得3个积分"),
    "anything else": Said(
        Decimal("1.5"), "将自己的积分价值设定为消费金额的1.5%左右,即每消费100元获得1.5个积分"
    ),
    "average basket": Said(3000, "其平均客单价为3000元左右"),
    "percent that others return": Said((1, 2), "竞争对手的积分价值大致相当于消费金额的1% - 2%"),
    "yuan that a point is worth": Said(1, "每个积分价值约为1元左右(可用于金额抵扣或者服务兑换)"),
    "three friends": Said(500, "会员小王推荐了三位朋友成为旅行社会员,他因此获得了500积分"),
    "quiz": Said((10, 50), "回答正确的会员可以获得10 - 50不等的积分"),
    "talk": Said(30, None),
    "photo contest, once a month": Said(50, None),
    "birthday": Said(
        100, "在会员生日当天,旅行社自动为会员发放100积分,会员可以在当月内使用这些积分"
    ),
    "anniversary": Said(50, None),
    "niche route": Said(15, None),
    "percent of a hot route, in the peak": Said(10, "在旺季可能只能允许用积分抵扣总费用的10%"),
    "percent of a hot route, else": Said(20, "而在淡季则可以抵扣20%"),
    "percent of any other line": Said(50, None),
    "transfer": Said(80, None),
    "guide": Said(150, None),
    "fast_pass": Said(40, None),
    "handicraft": Said(60, None),
    "backpack": Said(120, None),
    "bottle": Said(50, None),
    "years that points last": Said(2, "积分的有效期为自获取之日起两年内"),
    "days of reminders": Said((30, 7), None),
}
"""Each figure of the document, in points unless it says otherwise. Of services and gifts, of
journeys off the beaten track, of anniversaries, activities and reminders the article tells without
a number: `UNNUMBERED`.
"""

UNNUMBERED: Mapping[str, str] = {
    "talk": "如线上旅游知识问答、线下旅游分享会、摄影比赛等",
    "photo contest, once a month": "如线上旅游知识问答、线下旅游分享会、摄影比赛等",
    "anniversary": "对于会员的生日、会员注册周年等特殊纪念日,旅行社可以给予积分奖励",
    "niche route": "每次他完成旅行后都会获得额外的积分奖励",
    **dict.fromkeys(("transfer", "guide", "fast_pass"), SERVICES),
    **dict.fromkeys(("handicraft", "backpack", "bottle"), GIFTS),
    "percent of any other line": "可以用积分直接抵扣部分或全部的费用",
    "days of reminders": WARNED,
}


def figure(name: str) -> Any:
    return FIGURES[name].value


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
    domestic, overseas = figure("domestic group tour"), figure("overseas independent")
    basket = figure("average basket")
    earned = 0
    for reference, product, amount, points in (
        ("D-1", "domestic_group_tour", 3999, 3999 // domestic[1] * domestic[0]),
        ("O-1", "overseas_independent", 5000, 5000 // overseas[1] * overseas[0]),
        ("O-2", "overseas_independent", 599, 599 // overseas[1] * overseas[0]),
        ("B-1", "overseas_group_tour", basket, int(basket * figure("anything else") / 100)),
    ):
        booked = await partner.book(reference, line(product, str(amount)))
        assert booked["pointsAwarded"] == points
        earned += points
    assert earned == 39 + 75 + 6 + 45
    # a score below 1 is a wrong answer
    scores = [await play(partner, "quiz", f"Q-{score}", score=score) for score in (37, 3, 80, 0)]
    least, most = figure("quiz")
    assert scores == [37, least, most, 0]
    assert await play(partner, "talk", "T-1") == figure("talk")
    photo = figure("photo contest, once a month")
    assert [await play(partner, "photo_contest", f"P-{n}") for n in (1, 2)] == [photo, 0]
    earned += sum(scores) + figure("talk") + photo
    # through that day two years later
    last = date(2126 + figure("years that points last"), 3, 15)
    assert await wealth(partner) == (earned, {str(last): earned})

    # more once the journey is over
    off_track = figure("niche route")
    niche = line("domestic_independent", "1000", attributes={"niche": True})
    assert (await partner.book("N-1", niche))["pointsAwarded"] == 15 + off_track
    assert (await wealth(partner))[0] == earned + 15
    done = await partner.done("completeBooking", "pointsMatured", booking="N-1")
    assert done["pointsMatured"] == off_track
    earned += 15 + off_track

    # on the day, and gone with the month
    stage = await at(stage, "2126-07-20T00:05:00+08:00")
    assert (await wealth(partner))[0] == earned + figure("birthday")
    assert (await wealth(partner))[1]["2126-07-31"] == figure("birthday")
    stage = await at(stage, "2126-08-01T00:05:00+08:00")
    assert (await wealth(partner))[0] == earned

    # services and gifts for points, each worth a yuan
    for reward in ("transfer", "fast_pass", "handicraft", "bottle"):
        shown = "redemption { points worth { amount } }"
        got = (await stage.member().done("redeemReward", shown, reward=reward))["redemption"]
        assert got["points"] == figure(reward)
        earned -= got["points"]
    assert (await wealth(partner))[0] == earned

    # each year on the day of joining
    stage = await at(stage, "2127-03-15T00:05:00+08:00")
    assert (await wealth(partner))[0] == earned + figure("anniversary")
    assert (await wealth(partner))[1]["2129-03-15"] == figure("anniversary")


async def test_who_brings_three_friends_along() -> None:
    stage = await open_stage(make.whole_document("agency"))
    code = await li(stage)
    for number, points in enumerate((0, 0, figure("three friends"), figure("three friends"))):
        await bring(stage, code, f"friend-{number}", email=f"f-{number}@example.com")
        assert await make.available(await stage.member_id("li")) == points


async def test_how_much_of_a_line_points_pay() -> None:
    """CNY 3000 of a hot route: 10 % in the peak, 20 % else, the lower share without a date."""
    stage, partner = await open_agency("2126-03-15")
    await stage.staff().done(
        "adjustPoints", "pointsAdjusted", member=HIM, points=5000, reason="so that it is the share"
    )
    hot = {"hot_route": True}
    peak, off, other = (
        figure(f"percent of {which}")
        for which in ("a hot route, in the peak", "a hot route, else", "any other line")
    )
    for terms, percent in (
        ({"attributes": hot, "travelFrom": "2126-07-01"}, peak),
        ({"attributes": hot, "travelFrom": "2126-10-07"}, peak),
        ({"attributes": hot, "travelFrom": "2126-11-10"}, off),
        ({"attributes": hot}, peak),
        ({"travelFrom": "2126-07-01"}, other),
    ):
        points = 3000 * percent // 100 // figure("yuan that a point is worth")
        sent = {"member": HIM, "lines": [line("overseas_group_tour", "3000", **terms)]}
        quoted = (await partner.read(QUOTE, input=sent))["quoteOffset"]
        assert quoted["maxPoints"] == points
        assert quoted["lines"] == [
            {"sharePercent": str(percent), "maxWorth": {"amount": f"{points}.00"}}
        ]


def test_the_document_says_what_no_booking_shows() -> None:
    """Reminders, the season of every lunar new year, what refunds take, and the rewards' prices."""
    policy = reader.parse((make.SHIPPED / "agency.yaml").read_text(encoding="utf-8"))
    assert policy.reminders is not None
    assert policy.reminders.expiry_days == figure("days of reminders")
    assert policy.target_return is not None
    least, most = figure("percent that others return")
    assert (policy.target_return.maximum, policy.target_return.basket) == (
        most,
        figure("average basket"),
    )
    assert least <= figure("anything else") <= most
    assert policy.refunds.claw_back == "within_balance"
    assert policy.facts.oldest_days == 365
    assert [level.code for level in policy.tiers.levels] == ["member"]
    eves = [str(span.from_) for span in policy.seasons[0].spans if len(str(span.from_)) == 10]
    assert eves == ["2026-02-16", "2027-02-05", "2028-01-25", "2029-02-12", "2030-02-02"]
    shipped = offers.shipped("agency")
    assert shipped is not None
    codes = ("transfer", "guide", "fast_pass", "handicraft", "backpack", "bottle")
    assert {reward.code: reward.points for reward in shipped.rewards} == {
        code: figure(code) for code in codes
    }
    assert {name for name, one in FIGURES.items() if one.sentence is None} == set(UNNUMBERED)
