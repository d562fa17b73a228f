"""What is refused of bookings, their quotes and what pays them, in both languages."""

import pytest

from tests.support import factories as make
from tests.support.callers import open_stage
from tests.support.mutations import INPUTS
from tests.support.queries import QUERIES
from tests.support.refused import (
    EMPTY,
    LINE,
    PRODUCTS,
    Refused,
    check_refused,
    date_range,
    shared_things,
    too_long,
)

pytestmark = pytest.mark.usefixtures("database")


REFUSED = [
    Refused("earnForBookings", {"reference": ""}, ["reference"], *EMPTY),
    Refused("earnForBooking", {"reference": ""}, ["reference"], *EMPTY),
    Refused("earnForBooking", {"reference": "x" * 129}, ["reference"], *too_long(129, 128)),
    Refused(
        "earnForBooking",
        {"lines": []},
        ["lines"],
        "A booking needs at least one line and can have at most 100.",
        "订单至少要有一行，最多 100 行。",
    ),
    Refused(
        "earnForBooking",
        {"lines": [LINE] * 101},
        ["lines"],
        "101 lines are too many; a booking has at most 100.",
        "101 行过多；订单最多 100 行。",
    ),
    Refused(
        "earnForBooking",
        {"lines": [{**LINE, "product": "moon"}]},
        ["lines", "0", "product"],
        f"Unknown product 'moon'; this programme sells {PRODUCTS}.",
        f"未知产品 moon；本计划销售 {PRODUCTS}。",
    ),
    Refused(
        "earnForBooking",
        {"lines": [LINE, {**LINE, "product": "🚀" * 65}]},
        ["lines", "1", "product"],
        f"Unknown product '{'🚀' * 64}'; this programme sells {PRODUCTS}.",
        f"未知产品 {'🚀' * 64}；本计划销售 {PRODUCTS}。",
    ),
    Refused(
        "earnForBooking",
        {"lines": [LINE, {**LINE, "amount": "-0.01"}]},
        ["lines", "1", "amount"],
        "The amount -0.01 is negative; it must be zero or more.",
        "金额 -0.01 为负数；必须大于或等于零。",
    ),
    Refused(
        "earnForBooking",
        {"lines": [{**LINE, "amount": "0.001"}]},
        ["lines", "0", "amount"],
        "The amount 0.001 has too many decimals; the currency has 2.",
        "金额 0.001 小数位过多；该货币有 2 位小数。",
    ),
    Refused(
        "earnForBooking",
        {"lines": [{**LINE, "amount": "100000000000.01"}]},
        ["lines", "0", "amount"],
        "100000000000.01 is too large; at most 100000000000.00.",
        "100000000000.01 过大；最多 100000000000.00。",
    ),
    Refused(
        "earnForBooking",
        {"lines": [{**LINE, "travelFrom": "2126-04-02", "travelTo": "2126-04-01"}]},
        ["lines", "0", "travelTo"],
        "Travel ends on 2126-04-01, before it begins on 2126-04-02.",
        "行程结束日 2126-04-01 早于开始日 2126-04-02。",
    ),
    Refused(
        "earnForBooking",
        {"lines": [{**LINE, "travelTo": "9999-12-31"}]},
        ["lines", "0", "travelTo"],
        *date_range("9999-12-31"),
    ),
    Refused(
        "earnForBooking",
        {"lines": [LINE, {**LINE, "travelFrom": "1899-12-31"}]},
        ["lines", "1", "travelFrom"],
        *date_range("1899-12-31"),
    ),
    Refused(
        "earnForBooking",
        {"lines": [{**LINE, "attributes": {"stars": 5}}]},
        ["lines", "0", "attributes", "stars"],
        "Unknown attribute 'stars'; this programme knows city, niche, business, "
        "hot_route, destination.",
        "未知属性 stars；本计划使用 city, niche, business, hot_route, destination。",
    ),
    Refused(
        "earnForBooking",
        {"lines": [{**LINE, "attributes": {"hot_route": "yes"}}]},
        ["lines", "0", "attributes", "hot_route"],
        "Attribute 'hot_route' must be true or false.",
        "属性 hot_route 必须是 true 或 false。",
    ),
    Refused(
        "earnForBooking",
        {"lines": [{**LINE, "attributes": ["hot_route"]}]},
        ["lines", "0", "attributes"],
        'This must be a JSON object, such as {"city": "Sanya"}.',
        '此处必须是 JSON 对象，例如 {"city": "Sanya"}。',
    ),
    Refused(
        "earnForBooking",
        {"paymentMethod": "cowries"},
        ["paymentMethod"],
        "Unknown payment method 'cowries'; known methods are card, partner_card, wechat, alipay.",
        "未知支付方式 cowries；可用：card, partner_card, wechat, alipay。",
    ),
    Refused(
        "earnForBooking",
        {"currency": "USD"},
        ["currency"],
        "This programme uses CNY, not USD.",
        "本计划以 CNY 计价，不支持 USD。",
        code="CURRENCY_NOT_SUPPORTED",
    ),
    Refused(
        "earnForBooking",
        {"quoteId": "🏨"},
        ["quoteId"],
        "There is no quote '🏨' in this programme.",
        "本计划中没有这个报价：🏨。",
        code="NOT_FOUND",
    ),
    Refused(
        "guaranteeQuote",
        {"lines": [LINE] * 101},
        ["lines"],
        "101 lines are too many; a booking has at most 100.",
        "101 行过多；订单最多 100 行。",
    ),
    Refused(
        "guaranteeQuote",
        {"paymentMethod": "barter"},
        ["paymentMethod"],
        "Unknown payment method 'barter'; known methods are card, partner_card, wechat, alipay.",
        "未知支付方式 barter；可用：card, partner_card, wechat, alipay。",
    ),
    Refused(
        "guaranteeQuote",
        {"offsetPoints": 150},
        ["offsetPoints"],
        "Points are taken in steps of 100.",
        "积分须为 100 的整数倍。",
        code="NOT_A_STEP",
    ),
    Refused("completeBooking", {"booking": " "}, ["booking"], *EMPTY),
    Refused(
        "completeBooking",
        {"lines": [1, 7]},
        ["lines", "1"],
        "The booking has no line 7; it has 1.",
        "该订单没有第 7 行；现有：1。",
    ),
    Refused("refundBooking", {"reference": "x" * 129}, ["reference"], *too_long(129, 128)),
    Refused(
        "refundBooking",
        {"lines": [{"line": 1, "amount": "500.01"}]},
        ["lines", "0", "amount"],
        "Line 1 has CNY 500.00 left to refund.",
        "第 1 行最多还可退 ¥500.00。",
        code="REFUND_EXCEEDS_BOOKING",
    ),
    Refused(
        "amendBooking",
        {"lines": [{**LINE, "travelTo": "3000-01-01"}]},
        ["lines", "0", "travelTo"],
        *date_range("3000-01-01"),
    ),
    Refused("amendBooking", {"booking": "x" * 129}, ["booking"], *too_long(129, 128)),
    Refused("amendBooking", {"reference": " "}, ["reference"], *EMPTY),
    Refused(
        "amendBooking",
        {"lines": [{"product": "hotel", "amount": "0"}]},
        ["lines"],
        "Nothing of the booking would be left: refund it instead.",
        "订单将不剩任何内容：请改用退款。",
    ),
    Refused(
        "amendBooking",
        {"booking": "B-none"},
        ["booking"],
        "There is no booking 'B-none' in this programme.",
        "本计划中没有这个订单：B-none。",
        code="NOT_FOUND",
    ),
    Refused(
        "redeemOnBooking",
        {"points": 150},
        ["points"],
        "Points are taken in steps of 100.",
        "积分须为 100 的整数倍。",
        code="NOT_A_STEP",
    ),
    Refused(
        "redeemOnBooking",
        {"points": 10_100},
        ["points"],
        "Points can pay for at most 100.00 % of this booking: 10000 points.",
        "此订单最多可用积分支付 100.00%：至多 10000 积分。",
        code="SHARE_EXCEEDED",
    ),
]
"""By hand, the message in both languages: as it is, or as it begins."""


@pytest.mark.parametrize("case", REFUSED, ids=str)
async def test_refused_with_its_path_in_both_languages(case: Refused) -> None:
    await check_refused(case)


TOO_OLD_OR_NOT_YET = {
    ("2125-03-15T02:29:59Z", "EVENT_TOO_OLD"): (
        "15 March 2125, 10:29:59 is too long ago; the limit is 365 days.",
        "2125年3月15日 10:29:59 太久以前了，最多接受 365 天前的记录。",
    ),
    ("0001-01-01T00:00:00Z", "EVENT_TOO_OLD"): (
        "1 January 1, 08:05:43 is too long ago",
        "1年1月1日 08:05:43 太久以前了",
    ),
    ("2126-03-15T02:36:00.9Z", "EVENT_IN_FUTURE"): (
        "15 March 2126, 10:36 is in the future; it is now 15 March 2126, ",
        "2126年3月15日 10:36 在将来，现在是 2126年3月15日 ",
    ),
    ("9999-12-31T23:59:59Z", "EVENT_IN_FUTURE"): (
        "31 December 9999, 23:59:59 UTC is in the future; it is now 15 March 2126, ",
        "9999年12月31日 23:59:59 UTC 在将来，现在是 2126年3月15日 ",
    ),
}
"""By instant and code, how the message begins in both languages; the programme is in Shanghai."""


async def test_facts_too_old_or_not_yet_happened() -> None:
    things = await shared_things()
    before = await things.stage.everything()
    partner = await things.stage.partner()

    for mutation, name in (("earnForBooking", "bookedAt"), ("earnForActivity", "occurredAt")):
        for (instant, code), (english, chinese) in TOO_OLD_OR_NOT_YET.items():
            sent = {**INPUTS[mutation](things), name: instant}
            for language, said in (("en", english), ("zh-CN", chinese)):
                problem = await partner.reading(language).refused(mutation, **sent)
                assert (problem["code"], problem["path"]) == (code, [name]), instant
                assert problem["message"].startswith(said)
    quoted = await partner.read(
        QUERIES["quoteEarning"][0].replace("points", "points errors { code path message }"),
        input={"lines": [LINE], "bookedAt": "2125-03-15T02:29:59Z"},
    )
    assert quoted["quoteEarning"]["errors"][0]["code"] == "EVENT_TOO_OLD"
    assert await things.stage.everything() == before


async def test_more_points_than_a_booking_can_have() -> None:
    stage = await open_stage(make.variant(make.rule("rate", "base", points=10**6, per=1)))
    partner = await stage.partner()
    await partner.done("enrolMember", reference="xiaoli")
    before = await stage.everything()
    most = {"product": "hotel", "amount": "1000000"}
    over = {**most, "amount": "1000000.01"}
    for language, said in (
        ("en", "1000000010000 points is too large; at most 1000000000000 points."),
        ("zh-CN", "1000000010000 积分 过大；最多 1000000000000 积分。"),
    ):
        problem = await partner.reading(language).refused(
            "earnForBooking", member={"reference": "xiaoli"}, reference="B", lines=[over]
        )
        assert (problem["code"], problem["path"]) == ("INVALID_INPUT", ["lines"])
        assert problem["message"] == said
    assert await stage.everything() == before
    assert (await partner.book("B", most))["pointsAwarded"] == 10**12
