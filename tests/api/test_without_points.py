"""A programme without points over HTTP: levels, discounts, and nothing that moves points."""

from typing import Any

import pytest

from tests.support import factories as make
from tests.support.callers import Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

HIM = {"reference": "xiaoli"}
HOTEL = {"product": "hotel", "amount": "1000.00"}
CAR = {"product": "car", "amount": "333.33"}
QUOTE = """query($input: QuoteEarningInput!) { quoteEarning(input: $input) {
    points lines { points discount { amount } } discount { amount }
    explanation { code text } availableOn errors { code } } }"""


async def opened() -> tuple[Stage, Client]:
    stage = await open_stage(make.shipped_document("genius"))
    await stage.member().done("enrolMember", "member { id }")
    return stage, await stage.partner()


async def complete(partner: Client, times: int) -> None:
    for number in range(times):
        await partner.book(f"B{number}", HOTEL)
        await partner.done("completeBooking", "booking { status }", booking=f"B{number}")


async def test_the_programme_says_that_there_are_none() -> None:
    stage, _ = await opened()
    query = """{ programme { hasPoints pointWorth { points money { amount } } expiry rules
        tiers { code discountPercent discounts } }
        me { balance { available pending held owed worth { amount } }
             ledger { totalCount } } }"""
    found = await stage.member().reading("en").read(query)
    assert found["programme"] == {
        "hasPoints": False,
        "pointWorth": {"points": 1, "money": {"amount": "0.00"}},
        "expiry": "There are no points.",
        "rules": [],
        "tiers": [
            {
                "code": f"level_{level}",
                "discountPercent": "0",
                "discounts": [f"{percent}% off hotel.", "10% off car."],
            }
            for level, percent in ((1, 10), (2, 15), (3, 20))
        ],
    }
    nothing = {"available": 0, "pending": 0, "held": 0, "owed": 0, "worth": {"amount": "0.00"}}
    assert found["me"] == {"balance": nothing, "ledger": {"totalCount": 0}}
    chinese = await stage.member().reading("zh-CN").read("{ programme { expiry } }")
    assert chinese["programme"]["expiry"] == "没有积分。"


async def test_a_quote_shows_the_discount_of_the_level() -> None:
    """Level 2: 15 % off 1000.00 and 10 % off 333.33 are 183.33; no points."""
    stage, partner = await opened()
    await complete(partner, 5)
    sent = {"lines": [HOTEL, CAR], "member": HIM}
    quoted = (await partner.reading("en").read(QUOTE, input=sent))["quoteEarning"]
    assert quoted == {
        "points": 0,
        "lines": [
            {"points": 0, "discount": {"amount": "150.00"}},
            {"points": 0, "discount": {"amount": "33.33"}},
        ],
        "discount": {"amount": "183.33"},
        "explanation": [
            {
                "code": "no_points",
                "text": "This programme has no points; the tier gives discounts.",
            }
        ],
        "availableOn": quoted["availableOn"],
        "errors": [],
    }
    # without a member the entry tier's, and a guest has none
    entry = await (await stage.public()).read(QUOTE, input={"lines": [HOTEL, CAR]})
    assert entry["quoteEarning"]["discount"] == {"amount": "133.33"}
    await make.enrol(stage.programme, reference="guest", guest=True, now=stage.now())
    sent["member"] = {"reference": "guest"}
    guest = await partner.read(QUOTE, input=sent)
    assert guest["quoteEarning"]["discount"] is None
    assert [line["discount"] for line in guest["quoteEarning"]["lines"]] == [None, None]


async def test_bookings_earn_nothing_and_lift() -> None:
    stage, partner = await opened()
    made = await partner.done(
        "earnForBooking",
        "pointsAwarded awards { rule } booking { pointsAwarded } balance { available }",
        member=HIM,
        reference="B",
        lines=[HOTEL],
    )
    assert made == {
        "pointsAwarded": 0,
        "awards": [],
        "booking": {"pointsAwarded": 0},
        "balance": {"available": 0},
        "replayed": False,
    }
    await complete(partner, 5)
    me = (await stage.member().read("{ me { standing { tier { code } until } } }"))["me"]
    assert me["standing"] == {"tier": {"code": "level_2"}, "until": None}


async def test_nothing_moves_points() -> None:
    stage, partner = await opened()
    await make.enrol(stage.programme, reference="wang", now=stage.now())
    member, staff = stage.member(), stage.staff()
    attempts: list[tuple[Client, str, list[str], dict[str, Any]]] = [
        (staff, "adjustPoints", ["points"], {"member": HIM, "points": 5, "reason": "gift"}),
        (member, "transferPoints", ["points"], {"to": {"reference": "wang"}, "points": 5}),
        (member, "redeemOnBooking", ["points"], {"points": 5, "lines": [HOTEL]}),
        (partner, "guaranteeQuote", ["lines"], {"member": HIM, "lines": [HOTEL]}),
    ]
    before = await stage.everything()
    for client, mutation, path, sent in attempts:
        problem = await client.reading("en").refused(mutation, **sent)
        assert (problem["code"], problem["reason"], problem["path"]) == (
            "INVALID_INPUT",
            "no_points",
            path,
        ), mutation
        assert problem["message"] == "This programme has no points."
    offset = await partner.read(
        """query($lines: [BookingLineInput!]!) { quoteOffset(input: {lines: $lines}) {
            errors { code ... on InvalidInput { reason } } } }""",
        lines=[HOTEL],
    )
    assert offset["quoteOffset"]["errors"] == [{"code": "INVALID_INPUT", "reason": "no_points"}]
    assert await stage.everything() == before
