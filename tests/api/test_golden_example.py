"""The golden example as an application, a booking system and a shop would play it over HTTP."""

import pytest

from tests.support import factories as make
from tests.support.callers import EXPIRES_ON, TODAY, open_stage
from tests.support.golden import EARNED, played

pytestmark = pytest.mark.usefixtures("database")


async def test_what_follows_from_the_golden_example() -> None:
    _, member, _ = await played()

    data = await member.read(
        """{ me {
            balance { available pending held owed worth { amount currency }
                nextExpiry { points on } }
            expirySchedule { points on }
            standing { tier { code name(locale: "zh-CN") } until progress {
                basis current required next { code rank }
                text(locale: "en") chinese: text(locale: "zh-CN") } }
            bookings { totalCount edges { node { reference status total { amount currency }
                pointsAwarded lines { number product amount { amount } points }
                awards { rule points text(locale: "en") } } } }
        } }"""
    )

    assert data["me"] == {
        "balance": {
            "available": 4350,
            "pending": 0,
            "held": 0,
            "owed": 0,
            "worth": {"amount": "43.50", "currency": "CNY"},
            "nextExpiry": {"points": 4350, "on": EXPIRES_ON},
        },
        "expirySchedule": [{"points": 4350, "on": EXPIRES_ON}],
        "standing": {
            "tier": {"code": "silver", "name": "白银会员"},
            "until": None,
            "progress": {
                "basis": "SPEND",
                "current": "3500.00",
                "required": "5000",
                "next": {"code": "gold", "rank": 1},
                "text": "CNY 1,500.00 to Gold.",
                "chinese": "距离黄金会员还差 ¥1,500.00。",
            },
        },
        "bookings": {
            "totalCount": 2,
            "edges": [
                {
                    "node": {
                        "reference": reference,
                        "status": "PAID",
                        "total": {"amount": f"{points}.00", "currency": "CNY"},
                        "pointsAwarded": points,
                        "lines": [
                            {
                                "number": 1,
                                "product": product,
                                "amount": {"amount": f"{points}.00"},
                                "points": points,
                            }
                        ],
                        "awards": [
                            {"rule": "base", "points": points, "text": "Points for spending"}
                        ],
                    }
                }
                for reference, product, points in (("H-1", "hotel", 2000), ("F-1", "flight", 1500))
            ],
        },
    }


async def test_the_ledger_of_the_golden_example() -> None:
    _, member, _ = await played()

    data = await member.read(
        """{ me { ledger { totalCount edges { node { sequence kind from to points availableChange
            pendingChange availableAfter expiresOn en: description(locale: "en")
            zh: description(locale: "zh-CN") booking { reference } redemption { id }
            explanation { code points text(locale: "en") } } } } } }"""
    )

    entries = [edge["node"] for edge in data["me"]["ledger"]["edges"]]
    assert data["me"]["ledger"]["totalCount"] == 6
    assert [
        (e["sequence"], e["points"], e["availableAfter"], e["en"], e["zh"]) for e in entries
    ] == [
        (6, 100, 4350, "Review written", "撰写点评"),
        (5, 50, 4250, "Booking shared", "社交分享"),
        (4, 2000, 4200, "Booking H-1", "订单 H-1"),
        (3, 1500, 2200, "Booking F-1", "订单 F-1"),
        (2, 200, 700, "Travel preferences filled in", "完善个人资料"),
        (1, 500, 500, "Registered and verified", "注册并完成实名认证"),
    ]
    assert {
        (e["kind"], e["from"], e["to"], e["expiresOn"], e["pendingChange"]) for e in entries
    } == {("EARN", "ISSUED", "AVAILABLE", EXPIRES_ON, 0)}
    assert all(e["availableChange"] == e["points"] and e["redemption"] is None for e in entries)
    assert [e["booking"] for e in entries] == [
        None, None, {"reference": "H-1"}, {"reference": "F-1"}, None, None,
    ]  # fmt: skip
    assert entries[3]["explanation"] == [
        {"code": "rate", "points": 1500, "text": "Points for spending: on CNY 1,500.00"},
        {
            "code": "near_miss",
            "points": None,
            "text": "CNY 500.00 short of Bonus for flights from CNY 2000 (+500)",
        },
    ]
    assert entries[5]["explanation"] == [
        {"code": "activity", "points": 500, "text": "Registered and verified"}
    ]


async def test_the_catalogue_says_what_4350_points_buy() -> None:
    _, member, _ = await played()

    data = await member.read(
        """{ rewards { edges { node { code name(locale: "en") points listPoints openValue
            affordable remaining } } } }"""
    )

    shown = [tuple(edge["node"].values()) for edge in data["rewards"]["edges"]]
    assert shown == [
        ("coupon_open", "Coupon of any value", 1, 1, True, True, None),
        ("backpack", "Backpack", 3000, 3000, False, True, 1000),
        ("lounge", "Airport lounge", 4000, 4000, False, True, 1000),
    ]


async def test_the_same_facts_under_new_keys_are_replayed() -> None:
    stage, member, partner = await played()
    before = await stage.everything()
    him = {"reference": "xiaoli"}

    flight = [{"product": "flight", "amount": "1500"}]
    again = await partner.done("earnForBooking", EARNED, member=him, reference="F-1", lines=flight)
    shared = await member.done("earnForActivity", EARNED, type="share", reference="s-1")
    other = await partner.refused(
        "earnForBooking",
        member=him,
        reference="F-1",
        lines=[{"product": "flight", "amount": "1501"}],
    )

    assert again == {
        "pointsAwarded": 1500,
        "balance": {"available": 4350},
        "replayed": True,
    }
    assert shared == {"pointsAwarded": 50, "balance": {"available": 4350}, "replayed": True}
    assert other["code"] == "REFERENCE_CONFLICT"
    after = await stage.everything()
    assert len(after.pop("idempotency_key")) == len(before.pop("idempotency_key")) + 2
    assert after == before


async def test_a_second_share_of_the_day_is_kept_and_pays_nothing() -> None:
    _, member, _ = await played()

    second = await member.done(
        "earnForActivity",
        "pointsAwarded awards { rule } explanation { code points text } balance { available }",
        type="share",
        reference="s-2",
    )

    assert second == {
        "pointsAwarded": 0,
        "awards": [],
        "explanation": [
            {
                "code": "limit_reached",
                "points": 0,
                "text": "Booking shared: the limit of 1 is used up",
            }
        ],
        "balance": {"available": 4350},
        "replayed": False,
    }


async def test_in_the_off_season_the_lounge_costs_half() -> None:
    document = make.shipped_document()
    document["seasons"][0]["spans"] = [{"from": TODAY.date(), "through": TODAY.date()}]
    _, member, partner = await played(document)

    price = 'reward(code: "lounge") { points listPoints affordable }'
    shown = await member.read(f"{{ {price} rewards {{ edges {{ node {{ code points }} }} }} }}")
    assert shown["reward"] == {"points": 2000, "listPoints": 4000, "affordable": True}
    assert [edge["node"] for edge in shown["rewards"]["edges"]] == [
        {"code": "coupon_open", "points": 1},
        {"code": "backpack", "points": 1500},
        {"code": "lounge", "points": 2000},
    ]

    answer = await member.done(
        "redeemReward", "redemption { points } balance { available }", reward="lounge"
    )
    assert answer["redemption"] == {"points": 2000}
    assert answer["balance"] == {"available": 2350}

    for_him = await partner.read(
        """query($by: MemberBy) {
            rewards(for: $by, filter: {affordable: true}) {
                totalCount edges { node { code } } } }""",
        by={"reference": "xiaoli"},
    )
    assert for_him["rewards"]["totalCount"] == 3
    await member.done("redeemReward", reward="backpack")
    for_him = await partner.read(
        """query($by: MemberBy) {
            reward(code: "lounge", for: $by) { points affordable }
            rewards(for: $by, filter: {affordable: true}) {
                totalCount edges { node { code } } } }""",
        by={"reference": "xiaoli"},
    )
    assert for_him == {
        "reward": {"points": 2000, "affordable": False},
        "rewards": {"totalCount": 1, "edges": [{"node": {"code": "coupon_open"}}]},
    }


async def test_with_the_added_rate_a_gold_members_flight_of_45_earns_63() -> None:
    flights = make.rule("rate_add", "flight_extra", when={"products": ["flight"]}, add="0.2")
    stage = await open_stage(make.variant(*make.shipped_rules(), flights))
    member, partner = stage.member().reading("en"), await stage.partner()
    await member.done("enrolMember")
    him, lines = {"reference": "xiaoli"}, [{"product": "flight", "amount": "45"}]
    lifted = await partner.done(
        "earnForBooking",
        EARNED,
        member=him,
        reference="H-1",
        lines=[{"product": "hotel", "amount": "5000"}],
    )
    assert lifted["pointsAwarded"] == 5000

    quote = await member.read(
        """query($lines: [BookingLineInput!]!) { quoteEarning(input: {lines: $lines}) {
            points lines { line product points } expiresOn availableOn availableText errors { code }
            explanation { code points text(locale: "en") } } }""",
        lines=lines,
    )
    booked = await partner.done(
        "earnForBooking",
        "pointsAwarded awards { rule points } booking { lines { points } }",
        member=him,
        reference="F-1",
        lines=lines,
    )

    assert quote["quoteEarning"] == {
        "points": 63,
        "lines": [{"line": 1, "product": "flight", "points": 63}],
        "expiresOn": EXPIRES_ON,
        "availableOn": str(TODAY.date()),
        "availableText": "As soon as the booking is paid.",
        "errors": [],
        "explanation": [
            {"code": "rate", "points": 45, "text": "Points for spending: on CNY 45.00"},
            {"code": "tier_multiplier", "points": 9, "text": "Tier Gold: ×1.2"},
            {"code": "rate_add", "points": 9, "text": "Rule: rate +0.2"},
            {
                "code": "near_miss",
                "points": None,
                "text": "CNY 1,955.00 short of Bonus for flights from CNY 2000 (+500)",
            },
        ],
    }
    assert booked == {
        "pointsAwarded": 63,
        "awards": [
            {"rule": "base", "points": 45},
            {"rule": "tier", "points": 9},
            {"rule": "flight_extra", "points": 9},
        ],
        "booking": {"lines": [{"points": 63}]},
        "replayed": False,
    }
