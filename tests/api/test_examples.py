"""The design's own examples through the API: points spent, raced for, and how long they last.

Refunds, shares of a line, holds and the golden example have files of their own.
"""

import asyncio
import itertools
from collections import Counter
from typing import Any

import pytest

from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

HIM = {"reference": "xiaoli"}
WEALTH = """{ member(by: {reference: "xiaoli"}) {
    balance { available } expirySchedule { points on } } }"""


async def open_account(**changes: Any) -> tuple[Stage, Client]:
    stage = await open_stage(make.shipped_document(**changes))
    await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    return stage, stage.staff()


async def wealth(client: Client) -> tuple[int, dict[str, int]]:
    """Available points, and by last valid date."""
    seen = (await client.read(WEALTH))["member"]
    return seen["balance"]["available"], {e["on"]: e["points"] for e in seen["expirySchedule"]}


@pytest.mark.parametrize("order", list(itertools.permutations("ABC")))
async def test_what_expires_first_is_spent_first(order: tuple[str, ...]) -> None:
    """A100@30 Jun, B50@31 Mar, C70@never; spend 120 → B50 + A70; left A30, C70."""
    forever = {"worth": {"points": 100, "money": 1}, "available": "at_payment"}
    stage, staff = await open_account(points=forever)
    given: dict[str, dict[str, Any]] = {
        "A": {"points": 100, "expiresOn": "2126-06-30"},
        "B": {"points": 50, "expiresOn": "2126-03-31"},
        "C": {"points": 70},
    }
    for name in order:
        await staff.done("adjustPoints", member=HIM, reason="example", **given[name])
    never = "9999-12-31"
    assert await wealth(staff) == (220, {"2126-03-31": 50, "2126-06-30": 100, never: 70})
    reward = await make.reward(stage.programme, list_points=120)
    taken = "redemption { id }"
    redeemed = await staff.done("redeemReward", taken, member=HIM, reward=reward.code)
    assert await wealth(staff) == (100, {"2126-06-30": 30, never: 70})
    await staff.done("cancelRedemption", redemption=redeemed["redemption"]["id"])
    assert await wealth(staff) == (220, {"2126-03-31": 50, "2126-06-30": 100, never: 70})


@pytest.mark.parametrize(
    ("months", "paid_at", "last"),
    [
        (12, "2126-03-15T10:30:00+08:00", "2127-03-15"),
        (1, "2126-01-31T10:00:00+08:00", "2126-02-28"),
        (1, "2128-01-31T10:00:00+08:00", "2128-02-29"),
    ],
)
async def test_points_last_through_the_last_day(months: int, paid_at: str, last: str) -> None:
    """15 March 10:30 + 12 months: through 15 March; 31 January + 1 month: 28 or 29 February."""
    points = {
        "worth": {"points": 100, "money": 1},
        "available": "at_payment",
        "expiry": {"months": months, "through": "day"},
    }
    stage = await open_stage(make.shipped_document(points=points), stands_at=paid_at)
    staff = stage.staff()
    await staff.done("enrolMember", **HIM)
    line = {"product": "hotel", "amount": "100"}
    await staff.done("earnForBooking", member=HIM, reference="B", lines=[line])
    assert await wealth(staff) == (100, {last: 100})


async def test_birthday_and_partner_card_together_are_four_times() -> None:
    stage = await open_stage()
    staff = stage.staff()
    await staff.done("enrolMember", **HIM, birthday="1990-03-02")
    booked = await staff.done(
        "earnForBooking",
        "pointsAwarded awards { rule points }",
        member=HIM,
        reference="B",
        paymentMethod="partner_card",
        lines=[{"product": "hotel", "amount": "100"}],
    )
    assert booked["pointsAwarded"] == 400
    assert booked["awards"] == [
        {"rule": "base", "points": 100},
        {"rule": "birthday_month", "points": 100},
        {"rule": "partner_card", "points": 200},
    ]


async def test_120_short_of_the_bonus() -> None:
    stage = await open_stage()
    quote = """query($lines: [BookingLineInput!]!) { quoteEarning(input: {lines: $lines}) {
        points explanation { code text(locale: "en") } } }"""
    lines = [{"product": "flight", "amount": "1880"}]
    quoted = (await stage.staff().read(quote, lines=lines))["quoteEarning"]
    assert quoted["points"] == 1880
    assert quoted["explanation"][-1] == {
        "code": "near_miss",
        "text": "CNY 120.00 short of Bonus for flights from CNY 2000 (+500)",
    }


async def test_50_redeem_the_last_item() -> None:
    """Exactly 1 success, 49 OUT_OF_STOCK, no points moved for the 49."""
    stage, staff = await open_account()
    reward = await make.reward(stage.programme, list_points=100, stock=1)
    references = [f"m{n}" for n in range(50)]
    for reference in references:
        member_id = await make.enrol(stage.programme, now=TODAY, reference=reference)
        await make.give(stage.programme, member_id, 100, now=TODAY)
    answers = await asyncio.gather(
        *(staff.do("redeemReward", member={"reference": r}, reward=reward.code) for r in references)
    )
    codes = Counter(tuple(error["code"] for error in answer["errors"]) for answer in answers)
    assert codes == {(): 1, ("OUT_OF_STOCK",): 49}
    left = await staff.read("{ members(first: 100) { edges { node { balance { available } } } } }")
    held = Counter(e["node"]["balance"]["available"] for e in left["members"]["edges"])
    assert held == {100: 49, 0: 2}


async def test_20_transfers_of_100_from_100() -> None:
    stage, staff = await open_account(transfers={"account_age_days": 0})
    await make.enrol(stage.programme, now=TODAY, reference="friend")
    await staff.done("adjustPoints", member=HIM, reason="example", points=100)
    sent: dict[str, Any] = {"from": HIM, "to": {"reference": "friend"}, "points": 100}
    answers = await asyncio.gather(*(staff.do("transferPoints", **sent) for _ in range(20)))
    codes = Counter(tuple(error["code"] for error in answer["errors"]) for answer in answers)
    assert codes == {(): 1, ("INSUFFICIENT_POINTS",): 19}
    assert await wealth(staff) == (0, {})
