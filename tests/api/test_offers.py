"""Offers through the API: what a member can gain now, why, until when, and how much at most."""

from datetime import datetime
from typing import Any

import pytest
import yaml

from domain.kernel import cache
from domain.programmes import programmes
from tests.conftest import Database
from tests.support import factories as make
from tests.support.callers import Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

PARTS = """
counts:
  business_hotels:
    of: bookings
    name: {zh-CN: 商务酒店, en: business hotels}
    products: [hotel]
    attributes: {business: true}
    days: 365
  cash: {of: spend, per: year}
seasons:
  - {code: spring, name: {zh-CN: 春季, en: Spring}, spans: [{from: 03-01, through: 05-31}]}
  - {code: autumn, name: {zh-CN: 秋季, en: Autumn}, spans: [{from: 09-01, through: 11-30}]}
earning:
  - {code: base, kind: rate, name: {zh-CN: 基础, en: Base}, points: 1}
  - code: business_double
    kind: multiplier
    class: campaign
    name: {zh-CN: 商务酒店双倍, en: Business hotels}
    factor: 2
    offer: true
    when: {products: [hotel], attributes: {business: true}, counts: {business_hotels: {min: 2}}}
  - code: spring_flight
    kind: bonus
    name: {zh-CN: 春季机票, en: Spring flights}
    points: 500
    offer: true
    limit: {points: 800, per: month}
    when: {products: [flight, train], seasons: [spring], min_amount: 2000, lead_days: {min: 7}}
  - code: autumn_flight
    kind: bonus
    name: {zh-CN: 秋季机票, en: Autumn flights}
    points: 500
    offer: true
    when: {seasons: [autumn]}
  - code: launch
    kind: bonus
    name: {zh-CN: 上线, en: Launch}
    points: 300
    offer: true
    budget: {points: 400}
    valid: {through: 2126-12-31}
  - code: birthday
    kind: multiplier
    class: birthday
    name: {zh-CN: 生日, en: Birthday}
    factor: 2
    offer: true
    when: {member: {birthday_month: true, profile: {travel_style: independent}}}
  - code: newcomer
    kind: bonus
    name: {zh-CN: 新会员, en: Newcomers}
    points: 20
    offer: true
    when: {tiers: [silver], member: {joined_days: {max: 30}}, counts: {cash: {max: 5000}}}
  - code: frequent
    kind: bonus
    name: {zh-CN: 常客, en: Frequent travellers}
    points: 70
    offer: true
    when: {cel: 'count.business_hotels >= 2 && member.tier_rank == 1'}
  - code: dear
    kind: bonus
    name: {zh-CN: 高价, en: Dear bookings}
    points: 80
    offer: true
    when: {cel: "count.business_hotels < 2 && line.amount > 10000"}
  - {code: hidden, kind: bonus, name: {zh-CN: 隐藏, en: Hidden}, points: 900}
redemption_rates: []
activities:
  - code: share
    name: {zh-CN: 分享, en: Share}
    points: 50
    offer: true
    limit: {times: 1, per: day}
    reporters: [member, partner]
  - code: quiz
    name: {zh-CN: 问答, en: Quiz}
    points: {attribute: score, maximum: 50}
    offer: true
    reporters: [partner]
    when: {weekdays: [mon]}
"""

OFFERS = """{ rule name(locale: "en") text(locale: "en") until mostPoints
    why { code points text(locale: "en") } }"""


async def offers(stage: Stage, reference: str = "xiaoli") -> list[Any]:
    found = await stage.member(reference).read(f"{{ me {{ offers {OFFERS} }} }}")
    told: list[Any] = found["me"]["offers"]
    return told


async def test_what_a_member_can_gain() -> None:
    stage = await open_stage(make.shipped_document(**yaml.safe_load(PARTS)))
    await stage.member().done("enrolMember", "member { id }")
    partner, member = await stage.partner(), {"reference": "xiaoli"}

    # 15 March 2126 is a Friday in spring
    first = await offers(stage)
    assert [(one["rule"], one["until"], one["mostPoints"]) for one in first] == [
        ("spring_flight", "2126-05-31", 500),
        ("launch", "2126-12-31", 300),
        ("newcomer", None, 20),
        ("dear", None, 80),
        ("share", None, 50),
    ]
    assert first[0]["text"] == (
        "Spring flights: +500; for Flight or Train, booked at least 7 days ahead, "
        "and CNY 2,000.00 or more"
    )
    assert [one["text"] for one in first[2]["why"]] == [
        "For tier Silver",
        "Within 30 days of joining",
        "at most CNY 5,000.00 cash this year",
    ]
    assert first[4]["text"] == "Share: 50 points"

    # limits, budgets and conditions as they are now
    await partner.done("earnForActivity", type="share", reference="S-1", member=member)
    flight = {"product": "flight", "amount": "2000", "travelFrom": "2126-04-15"}
    await partner.book("B-1", flight)
    business = {"product": "hotel", "amount": "2000", "attributes": {"business": True}}
    await partner.book("B-2", business)
    await partner.book("B-3", business)
    await partner.done(
        "updateMember",
        member=member,
        birthday="1990-03-03",
        profile={"travel_style": "independent"},
    )
    second = await offers(stage)
    assert [(one["rule"], one["until"], one["mostPoints"]) for one in second] == [
        ("birthday", "2126-03-31", None),
        ("spring_flight", "2126-05-31", 300),
        ("business_double", None, None),
        ("frequent", None, 70),
        ("dear", None, 80),
    ]
    assert [one["text"] for one in second[0]["why"]] == [
        "In the month of your birthday",
        "travel_style: independent",
    ]
    assert second[2]["why"] == [
        {"code": "asks_count", "points": None, "text": "2 business hotels in 365 days"}
    ]
    assert second[2]["text"] == "Business hotels: ×2; for Hotel and business: yes"
    chinese = (
        await stage.member().reading("zh-CN").read("{ me { offers { name text why { text } } } }")
    )
    assert chinese["me"]["offers"][2] == {
        "name": "商务酒店双倍",
        "text": "商务酒店双倍：×2；适用于酒店和business: 是",
        "why": [{"text": "商务酒店：2（近 365 天）"}],
    }

    # a Monday in autumn of the next year
    autumn = datetime.fromisoformat("2127-09-01T12:00:00+08:00")
    moved = Stage(await programmes.advance_clock(stage.programme, autumn - stage.now()))
    assert [(one["rule"], one["until"], one["mostPoints"]) for one in await offers(moved)] == [
        ("autumn_flight", "2127-11-30", 500),
        ("dear", None, 80),
        ("share", None, 50),
        ("quiz", None, 50),
    ]


WITH_CAPS = """
caps: [{points: 120, per: month}]
segments:
  - {code: guests_of_honour, name: {zh-CN: 贵宾, en: guests of honour}, list: true}
  - code: spenders
    name: {zh-CN: 消费者, en: spenders}
    when: {counts: {cash: {min: 100}}, member: {joined_days: {min: 0}}}
counts: {cash: {of: spend, name: {zh-CN: 消费, en: spent}, days: 30}}
earning:
  - code: for_spenders
    kind: bonus
    name: {zh-CN: 奖励, en: Bonus}
    points: 200
    offer: true
    when: {segments: [guests_of_honour, spenders]}
activities:
  - {code: share, name: {zh-CN: 分享, en: Share}, points: 70, offer: true, reporters: [partner]}
"""


async def test_offers_of_segments_within_caps() -> None:
    stage = await open_stage(make.shipped_document(**yaml.safe_load(WITH_CAPS)))
    await stage.member().done("enrolMember", "member { id }")
    partner, member = await stage.partner(), {"reference": "xiaoli"}
    assert [(one["rule"], one["mostPoints"]) for one in await offers(stage)] == [("share", 70)]
    await partner.done("earnForActivity", type="share", reference="S-1", member=member)
    assert await partner.book("B-1", {"product": "hotel", "amount": "100"}) is not None
    first, second = await offers(stage)
    assert (first["rule"], first["mostPoints"]) == ("for_spenders", 50)
    assert [one["text"] for one in first["why"]] == [
        "A member for 0 days or longer",
        "CNY 100.00 spent in 30 days",
    ]
    assert (second["rule"], second["mostPoints"]) == ("share", 50)
    # nothing is left of the month
    await partner.done("earnForActivity", type="share", reference="S-2", member=member)
    assert await offers(stage) == []


MISSIONS = """
grants:
  - code: three_ways
    kind: mission
    name: {zh-CN: 三种出行, en: Three ways}
    window: {days: 90, after: joining}
    budget: {points: 250}
    gives: {points: 300}
    when: {tiers: [silver]}
    steps:
      - {code: flight, fact: booking, name: {zh-CN: 机票, en: a flight}, when: {products: [flight]}}
      - {code: hotel, fact: booking, name: {zh-CN: 酒店, en: a hotel}, when: {products: [hotel]}}
  - code: reviewer
    kind: mission
    name: {zh-CN: 点评, en: Reviewer}
    window: {from: 2126-03-01, through: 2126-03-20}
    gives: {perk: {benefit: lounge_visit, uses: 1, days: 30}}
    steps: [{code: share, fact: activity, name: {zh-CN: 分享, en: a share}, types: [share]}]
  - code: april
    kind: mission
    name: {zh-CN: 四月, en: April}
    window: {from: 2126-04-01, through: 2126-04-30}
    gives: {points: 10}
    steps: [{code: car, fact: booking, name: {zh-CN: 租车, en: a car}, when: {products: [car]}}]
"""


async def test_open_missions_are_offers() -> None:
    stage = await open_stage(make.shipped_document(**yaml.safe_load(MISSIONS)))
    await stage.member().done("enrolMember", "member { id }")
    partner = await stage.partner()
    found = await offers(stage)
    assert [(one["rule"], one["until"], one["mostPoints"]) for one in found] == [
        ("reviewer", "2126-03-20", None),
        ("three_ways", "2126-06-13", 250),
    ]
    assert found[1]["text"] == "Three ways: 300 points; for a flight and a hotel"
    assert [one["text"] for one in found[1]["why"]] == ["For tier Silver"]
    await partner.book("B-1", {"product": "hotel", "amount": "100"})
    await partner.book("B-2", {"product": "flight", "amount": "100"})
    assert [one["rule"] for one in await offers(stage)] == ["reviewer"]


async def test_an_offer_of_points_is_shown_while_caps_leave_some() -> None:
    document = make.shipped_document(**yaml.safe_load(MISSIONS))
    stage = await open_stage({**document, "caps": [{"points": 150, "per": "month"}]})
    await stage.member().done("enrolMember", "member { id }")
    partner = await stage.partner()
    for reference, left in (("B-1", [("reviewer", None), ("three_ways", 50)]), ("B-2", None)):
        await partner.book(reference, {"product": "hotel", "amount": "100"})
        shown = [(one["rule"], one["mostPoints"]) for one in await offers(stage)]
        assert shown == (left or [("reviewer", None)])


async def test_who_is_not_enrolled_is_offered_nothing() -> None:
    stage = await open_stage(make.shipped_document(**yaml.safe_load(PARTS)))
    partner = await stage.partner()
    await partner.done("enrolMember", "member { id }", reference="guest", guest=True)
    found = await partner.read(
        """{ member(by: {reference: "guest"}) { offers { rule } benefits { code } } }"""
    )
    assert found["member"] == {"offers": [], "benefits": []}
    plain = await open_stage()
    await plain.member().done("enrolMember", "member { id }")
    assert await offers(plain) == []


async def test_an_offer_names_the_days_of_travel() -> None:
    terms = {"points": 1, "offer": True}
    weekend = make.rule("bonus", "weekend", when={"travel_weekdays": ["sat", "sun"]}, **terms)
    quiet = make.rule("bonus", "quiet", when={"travel_seasons": ["off_season"]}, **terms)
    stage = await open_stage(make.variant(weekend, quiet))
    await stage.member().done("enrolMember", "member { id }")
    asked = '{ me { offers { en: text(locale: "en") zh: text(locale: "zh-CN") } } }'
    found = (await stage.member().read(asked))["me"]["offers"]
    assert [(one["en"], one["zh"]) for one in found] == [
        ("Rule: +1; for travel on Saturday or Sunday", "规则：+1；适用于星期六或星期日出行"),
        ("Rule: +1; for travel in Off-season", "规则：+1；适用于淡季出行"),
    ]


async def test_offers_of_many_members_are_read_together(
    database: Database, statements: list[str]
) -> None:
    """The shipped programme's rules have no limit, and ask for counts, segments and a mission."""
    stage = await open_stage(make.whole_document("ota"))
    for number in range(4):
        await make.enrol(stage.programme, reference=f"m-{number}", now=stage.now())
    query = "{ members(first: 1) { edges { node { offers { rule } } } } }"
    async with cache.listening(database.serving):
        await stage.staff().read(query)
        counts = []
        for size in ("first: 1", "first: 4"):
            statements.clear()
            found = await stage.staff().read(query.replace("first: 1", size))
            counts.append(len(statements))
    shown = [edge["node"]["offers"] for edge in found["members"]["edges"]]
    assert [[offer["rule"] for offer in one] for one in shown] == [["newcomer"]] * 4
    assert counts[0] == counts[1], statements
