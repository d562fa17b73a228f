"""Every limit exceeded, every hostile value: refused clearly in both languages, nothing changed."""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

import models
from tests.support import factories as make
from tests.support.callers import TODAY, codes, fresh_key, mutation_text, open_stage
from tests.support.operations import INPUTS, QUERIES, Things, furnished

pytestmark = pytest.mark.usefixtures("database")

LINE = {"product": "hotel", "amount": "100"}
JSON_BYTES_MAX = 4096

_shared: list[Things] = []


async def shared_things() -> Things:
    """One programme for all that must leave it as it is."""
    if not _shared:
        _shared.append(await furnished())
    return _shared[0]


@dataclass(frozen=True)
class Refused:
    """A mutation with these fields changed, and the problem that it is."""

    mutation: str
    sent: dict[str, Any]
    path: list[str]
    english: str
    chinese: str
    code: str = "INVALID_INPUT"
    extra: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.mutation}-{'.'.join(self.path)}-{self.english[:30]}"


EMPTY = ("This must not be empty.", "此项不能为空。")
CONTROL = ("This contains control characters; give plain text.", "含有控制字符；请使用纯文本。")
PRODUCTS = "flight, hotel, train, car, ticket, holiday_package, local_experience"


def too_long(length: int, most: int | str) -> tuple[str, str]:
    return (
        f"This is {length} long; at most {most} are accepted.",
        f"长度为 {length}；最多接受 {most}。",
    )


def date_range(day: str) -> tuple[str, str]:
    return (
        f"The date {day} is not within 1900-01-01 – 2999-12-31.",
        f"日期 {day} 不在 1900-01-01 – 2999-12-31 之间。",
    )


REFUSED = [
    # who
    Refused("enrolMember", {"reference": ""}, ["reference"], *EMPTY),
    Refused("enrolMember", {"reference": "x" * 129}, ["reference"], *too_long(129, 128)),
    Refused("enrolMember", {"reference": "a\tb"}, ["reference"], *CONTROL),
    Refused("enrolMember", {"name": " "}, ["name"], *EMPTY),
    Refused("enrolMember", {"name": "李" * 201}, ["name"], *too_long(201, 200)),
    Refused("enrolMember", {"name": "Li\x1b[31m"}, ["name"], *CONTROL),
    Refused("enrolMember", {"email": ""}, ["email"], *EMPTY),
    Refused(
        "enrolMember",
        {"email": "nobody"},
        ["email"],
        "'nobody' is not an e-mail address.",
        "nobody 不是邮箱地址。",
    ),
    Refused("enrolMember", {"email": "x" * 255}, ["email"], *too_long(255, 254)),
    Refused(
        "enrolMember",
        {"phone": "13800138000"},
        ["phone"],
        "'13800138000' is not a phone number; give it with the country code, as +86 138 0013 8000.",
        "13800138000 不是电话号码；请带国家代码，例如 +86 138 0013 8000。",
    ),
    Refused("enrolMember", {"phone": "+8" * 33}, ["phone"], *too_long(66, 64)),
    Refused(
        "enrolMember",
        {"birthday": "2126-03-16"},
        ["birthday"],
        "The birthday 2126-03-16 lies in the future.",
        "生日 2126-03-16 在将来。",
    ),
    Refused(
        "enrolMember",
        {"profile": [1]},
        ["profile"],
        'This must be a JSON object, as {"city": "Sanya"}.',
        '此处必须是 JSON 对象，例如 {"city": "Sanya"}。',
    ),
    Refused(
        "enrolMember",
        {"profile": []},
        ["profile"],
        'This must be a JSON object, as {"city": "Sanya"}.',
        '此处必须是 JSON 对象，例如 {"city": "Sanya"}。',
    ),
    Refused(
        "enrolMember",
        {"referralCode": "'; DROP TABLE member; --"},
        ["referralCode"],
        'No member has the referral code "\'; DROP TABLE member; --".',
        "没有会员使用推荐码 '; DROP TABLE member; --。",
        code="REFERRAL_INVALID",
    ),
    Refused(
        "enrolMember",
        {"email": "XiaoLi@example.com"},
        ["email"],
        "Another member has this e-mail address.",
        "该邮箱已属于另一位会员。",
        code="EMAIL_TAKEN",
    ),
    Refused(
        "enrolMember",
        {"phone": "+86 138-0013-8000"},
        ["phone"],
        "Another member has this phone number.",
        "该手机号已属于另一位会员。",
        code="PHONE_TAKEN",
    ),
    Refused(
        "enrolMember",
        {"reference": "xiaoli"},
        ["reference"],
        "Another member has this reference.",
        "该会员编号已属于另一位会员。",
        code="REFERENCE_TAKEN",
    ),
    Refused(
        "updateMember",
        {"member": {"reference": ""}},
        ["member"],
        "There is no member '' in this programme.",
        "本计划中没有这个会员：。",
        code="NOT_FOUND",
    ),
    Refused(
        "updateMember",
        {"locale": "fr"},
        ["locale"],
        "Unknown locale 'fr'; known are zh-CN, en.",
        "未知语言 fr；可用：zh-CN, en。",
    ),
    Refused("updateMember", {"name": ""}, ["name"], *EMPTY),
    Refused("updateMember", {"email": " "}, ["email"], *EMPTY),
    Refused(
        "updateMember",
        {"profile": "text"},
        ["profile"],
        'This must be a JSON object, as {"city": "Sanya"}.',
        '此处必须是 JSON 对象，例如 {"city": "Sanya"}。',
    ),
    Refused(
        "enrolMember",
        {"contactsProved": ["PHONE"]},
        ["contactsProved"],
        "PHONE is no contact that is given or known for this member.",
        "该会员没有提供或登记 PHONE 联系方式。",
    ),
    Refused(
        "proveContact",
        {"value": "wang@example.com"},
        ["value"],
        "'wang@example.com' is not what the member has by now; check it again.",
        "wang@example.com 已不是该会员当前的联系方式；请重新核实。",
    ),
    Refused(
        "proveContact",
        {"member": {"reference": "iloaix"}},
        ["kind"],
        "EMAIL is no contact that is given or known for this member.",
        "该会员没有提供或登记 EMAIL 联系方式。",
    ),
    # bookings
    Refused("earnForBooking", {"reference": ""}, ["reference"], *EMPTY),
    Refused("earnForBooking", {"reference": "x" * 129}, ["reference"], *too_long(129, 128)),
    Refused(
        "earnForBooking",
        {"lines": []},
        ["lines"],
        "A booking needs at least one line and has at most 100.",
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
        "The amount 1.000000000e+11 is too large; at most 100000000000.00.",
        "金额 1.000000000e+11 过大；最多 100000000000.00。",
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
        "amendBooking",
        {"lines": [{**LINE, "travelTo": "3000-01-01"}]},
        ["lines", "0", "travelTo"],
        *date_range("3000-01-01"),
    ),
    Refused("adjustPoints", {"expiresOn": "9999-12-30"}, ["expiresOn"], *date_range("9999-12-30")),
    Refused("enrolMember", {"birthday": "0001-01-01"}, ["birthday"], *date_range("0001-01-01")),
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
        "属性 hot_route 必须是 true or false。",
    ),
    Refused(
        "earnForBooking",
        {"lines": [{**LINE, "attributes": ["hot_route"]}]},
        ["lines", "0", "attributes"],
        'This must be a JSON object, as {"city": "Sanya"}.',
        '此处必须是 JSON 对象，例如 {"city": "Sanya"}。',
    ),
    Refused(
        "earnForBooking",
        {"paymentMethod": "cowries"},
        ["paymentMethod"],
        "Unknown payment method 'cowries'; known are card, partner_card, wechat, alipay.",
        "未知支付方式 cowries；可用：card, partner_card, wechat, alipay。",
    ),
    Refused(
        "earnForBooking",
        {"currency": "USD"},
        ["currency"],
        "This programme prices CNY, not USD.",
        "本计划以 CNY 计价，不支持 USD。",
        code="CURRENCY_NOT_SUPPORTED",
    ),
    # activities
    Refused("earnForActivity", {"reference": "\n"}, ["reference"], *EMPTY),
    Refused("earnForActivity", {"reference": "x" * 129}, ["reference"], *too_long(129, 128)),
    Refused(
        "earnForActivity",
        {"type": "sleep"},
        ["type"],
        "Unknown activity 'sleep'; this programme knows verification, profile_completed, review, "
        "share, quiz, survey, photo_contest, talk, lottery, browse, partner_spend.",
        "未知活动 sleep；本计划有 verification, profile_completed, review, share, quiz, survey, "
        "photo_contest, talk, lottery, browse, partner_spend。",
    ),
    Refused(
        "earnForActivity",
        {"type": "quiz"},
        ["attributes", "score"],
        "Attribute 'score' is required here; give it as a number.",
        "此处必须提供属性 score，类型为 a number。",
    ),
    Refused(
        "earnForActivity",
        {"type": "quiz", "attributes": {"score": -1}},
        ["attributes", "score"],
        "Attribute 'score' must be a number, zero or more.",
        "属性 score 必须是 a number, zero or more。",
    ),
    Refused(
        "earnForActivity",
        {"type": "partner_spend", "attributes": {"amount": "0.005"}},
        ["attributes", "amount"],
        "The amount 0.005 has too many decimals; the currency has 2.",
        "金额 0.005 小数位过多；该货币有 2 位小数。",
    ),
    Refused(
        "earnForActivity",
        {"attributes": "score"},
        ["attributes"],
        'This must be a JSON object, as {"city": "Sanya"}.',
        '此处必须是 JSON 对象，例如 {"city": "Sanya"}。',
    ),
    # redeeming
    Refused(
        "redeemReward",
        {"quantity": 0},
        ["quantity"],
        "0 is not enough; give one or more.",
        "0 不够；请至少填一。",
    ),
    Refused(
        "redeemReward",
        {"quantity": -(2**31)},
        ["quantity"],
        "-2147483648 is not enough; give one or more.",
        "-2147483648 不够；请至少填一。",
    ),
    Refused(
        "redeemReward",
        {"quantity": 101},
        ["quantity"],
        "101 at once are too many; at most 100.",
        "一次 101 份太多；最多 100 份。",
    ),
    Refused(
        "redeemReward",
        {"points": 4000},
        ["points"],
        "This reward has a fixed price; leave `points` out.",
        "此奖励价格固定；请不要填写 points。",
    ),
    Refused(
        "redeemReward",
        {"reward": "' OR 1=1 --"},
        ["reward"],
        'There is no reward "\' OR 1=1 --" in this programme; there are lounge-xiaoli.',
        "本计划中没有这个奖励：' OR 1=1 --；现有：lounge-xiaoli。",
        code="NOT_FOUND",
    ),
    Refused(
        "redeemReward",
        {"quantity": 2},
        ["points"],
        "This takes 8000 points; 6500 are available.",
        "需要 8000 积分，可用 6500 积分。",
        code="INSUFFICIENT_POINTS",
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
        "Unknown payment method 'barter'; known are card, partner_card, wechat, alipay.",
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
        "Line 1 has 500.00 CNY left to refund.",
        "第 1 行最多还可退 500.00 CNY。",
        code="REFUND_EXCEEDS_BOOKING",
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
        "Points may pay 100.00 % of this booking: at most 10000 points.",
        "此订单最多可用积分支付 100.00%：至多 10000 积分。",
        code="SHARE_EXCEEDED",
    ),
    Refused("cancelRedemption", {"reason": " "}, ["reason"], *EMPTY),
    Refused("cancelRedemption", {"reason": "x" * 1001}, ["reason"], *too_long(1001, 1000)),
    Refused(
        "cancelRedemption",
        {"redemption": "🏨"},
        ["redemption"],
        "There is no redemption '🏨' in this programme.",
        "本计划中没有这个兑换：🏨。",
        code="NOT_FOUND",
    ),
    Refused(
        "confirmRedemption",
        {"redemption": "🏨"},
        ["redemption"],
        "There is no redemption '🏨' in this programme.",
        "本计划中没有这个兑换：🏨。",
        code="NOT_FOUND",
    ),
    Refused("fulfilRedemption", {"tracking": " "}, ["tracking"], *EMPTY),
    Refused("fulfilRedemption", {"tracking": "x" * 201}, ["tracking"], *too_long(201, 200)),
    Refused("fulfilRedemption", {"tracking": "a\tb"}, ["tracking"], *CONTROL),
    Refused("fulfilRedemption", {"reference": " "}, ["reference"], *EMPTY),
    Refused("fulfilRedemption", {"reference": "x" * 129}, ["reference"], *too_long(129, 128)),
    Refused("fulfilRedemption", {"reference": "a\tb"}, ["reference"], *CONTROL),
    Refused("redeemReward", {"partnerAccount": " "}, ["partnerAccount"], *EMPTY),
    Refused("redeemReward", {"partnerAccount": "x" * 65}, ["partnerAccount"], *too_long(65, 64)),
    Refused("redeemReward", {"partnerAccount": "a\nb"}, ["partnerAccount"], *CONTROL),
    Refused(
        "redeemReward",
        {"partnerAccount": "CA-1"},
        ["partnerAccount"],
        "'lounge-xiaoli' goes to no account with a partner; leave `partnerAccount` out.",
        "lounge-xiaoli 不转入合作方账户；请不要填写 partnerAccount。",
    ),
    Refused(
        "fulfilRedemption",
        {"redemption": "🏨"},
        ["redemption"],
        "There is no redemption '🏨' in this programme.",
        "本计划中没有这个兑换：🏨。",
        code="NOT_FOUND",
    ),
    Refused("useCoupon", {"code": ""}, ["code"], *EMPTY),
    Refused("useCoupon", {"code": "x" * 129}, ["code"], *too_long(129, 128)),
    Refused("useCoupon", {"code": "a\nb"}, ["code"], *CONTROL),
    Refused(
        "useCoupon",
        {"code": "🏨"},
        ["code"],
        "There is no coupon '🏨' in this programme.",
        "本计划中没有这个券码：🏨。",
        code="NOT_FOUND",
    ),
    # by hand
    Refused(
        "transferPoints",
        {"points": 0},
        ["points"],
        "0 is not enough; give one or more.",
        "0 不够；请至少填一。",
    ),
    Refused(
        "transferPoints",
        {"points": 981},
        ["points"],
        "This takes 981 points; 980 are available.",
        "需要 981 积分，可用 980 积分。",
        code="INSUFFICIENT_POINTS",
    ),
    Refused(
        "transferPoints",
        {"to": {"reference": "iloaix"}},
        ["to"],
        "Points cannot be transferred to oneself.",
        "不能把积分转给自己。",
    ),
    Refused(
        "transferPoints",
        {"to": {"reference": "nobody"}},
        ["to"],
        "There is no member 'nobody' in this programme.",
        "本计划中没有这个会员：nobody。",
        code="NOT_FOUND",
    ),
    Refused(
        "transferPoints",
        {"from": {"reference": "xiaoli"}, "to": {"reference": "iloaix"}},
        ["from"],
        "This is possible from ",
        "自",
        code="LIMIT_REACHED",
    ),
    Refused("transferPoints", {"note": " "}, ["note"], *EMPTY),
    Refused("transferPoints", {"note": "x" * 1001}, ["note"], *too_long(1001, 1000)),
    Refused("transferPoints", {"note": "a\x1bb"}, ["note"], *CONTROL),
    Refused(
        "adjustPoints",
        {"points": 0},
        ["points"],
        "An adjustment changes something: give points above or below zero.",
        "调整必须有变化：请填写大于或小于零的积分。",
    ),
    Refused(
        "adjustPoints",
        {"points": -6501},
        ["points"],
        "This takes 6501 points; 6500 are available.",
        "需要 6501 积分，可用 6500 积分。",
        code="INSUFFICIENT_POINTS",
    ),
    Refused("adjustPoints", {"reason": " "}, ["reason"], *EMPTY),
    Refused("adjustPoints", {"reason": "x" * 1001}, ["reason"], *too_long(1001, 1000)),
    Refused("adjustPoints", {"reason": "a\x1bb"}, ["reason"], *CONTROL),
    Refused(
        "adjustPoints",
        {"expiresOn": "2126-03-14"},
        ["expiresOn"],
        "The date 2126-03-14 has passed; points would expire at once.",
        "日期 2126-03-14 已过，积分会立即过期。",
    ),
    Refused(
        "adjustPoints",
        {"points": -1, "expiresOn": "2126-12-31"},
        ["expiresOn"],
        "Points that are taken have no expiry; leave `expiresOn` out.",
        "扣减的积分没有有效期；请不要填写 expiresOn。",
    ),
    Refused(
        "assignTier",
        {"tier": "wood"},
        ["tier"],
        "Unknown tier 'wood'; this programme has silver, gold, platinum, diamond.",
        "未知等级 wood；本计划有 silver, gold, platinum, diamond。",
    ),
    Refused(
        "assignTier",
        {"tier": None},
        ["tier"],
        "Staff assigned no tier to this member; there is nothing to lift.",
        "没有为该会员指定过等级，无可撤销。",
    ),
    Refused(
        "assignTier",
        {"tier": None, "until": "2127-01-01T00:00:00Z"},
        ["until"],
        "Lifting a tier acts at once; leave `until` out.",
        "撤销指定等级立即生效；请不要填写 until。",
    ),
    Refused("assignTier", {"reason": " "}, ["reason"], *EMPTY),
    Refused("assignTier", {"reason": "x" * 1001}, ["reason"], *too_long(1001, 1000)),
    Refused("assignTier", {"reason": "a\x1bb"}, ["reason"], *CONTROL),
    # publishing
    Refused(
        "publishPolicy",
        {"effectiveFrom": "2126-03-14T00:00:00Z"},
        ["effectiveFrom"],
        "A new version cannot be effective before now (",
        "新版本的生效时间不能早于现在（",
    ),
    Refused("publishPolicy", {"note": "x" * 1001}, ["note"], *too_long(1001, 1000)),
    # keys
    Refused(
        "revokePartnerKey",
        {"keyId": "nope"},
        ["keyId"],
        "There is no key 'nope' in this programme.",
        "本计划中没有这个密钥：nope。",
        code="NOT_FOUND",
    ),
    Refused("rotatePartnerKey", {"label": " "}, ["label"], *EMPTY),
    Refused("updatePartnerKey", {"label": "x" * 201}, ["label"], *too_long(201, 200)),
    Refused(
        "updatePartnerKey",
        {"expiresAt": "2020-01-01T00:00:00Z"},
        ["expiresAt"],
        "2020-01-01T00:00:00Z is not ahead; it is 20",
        "2020-01-01T00:00:00Z",
    ),
]
"""By hand, the message in both languages: as it is, or as it begins."""


def test_every_mutation_is_refused_something() -> None:
    assert {case.mutation for case in REFUSED} == set(INPUTS)


@pytest.mark.parametrize("case", REFUSED, ids=str)
async def test_refused_with_its_path_in_both_languages(case: Refused) -> None:
    things = await shared_things()
    before = await things.stage.everything()
    sent = {**INPUTS[case.mutation](things), **case.sent}

    for language, message in (("en", case.english), ("zh-CN", case.chinese)):
        problem = await things.stage.staff().reading(language).refused(case.mutation, **sent)
        assert problem["code"] == case.code
        assert problem["path"] == case.path
        assert problem["message"].startswith(message)

    assert await things.stage.everything() == before


async def test_facts_too_old_or_not_yet_happened() -> None:
    things = await shared_things()
    before = await things.stage.everything()
    partner = await things.stage.partner()

    for mutation, name in (("earnForBooking", "bookedAt"), ("earnForActivity", "occurredAt")):
        for instant, code in {
            "2125-03-15T02:29:59Z": "EVENT_TOO_OLD",
            "0001-01-01T00:00:00Z": "EVENT_TOO_OLD",
            "2126-03-15T02:36:00Z": "EVENT_IN_FUTURE",
            "9999-12-31T23:59:59Z": "EVENT_IN_FUTURE",
        }.items():
            sent = {**INPUTS[mutation](things), name: instant}
            for language in ("en", "zh-CN"):
                problem = await partner.reading(language).refused(mutation, **sent)
                assert (problem["code"], problem["path"]) == (code, [name]), instant
    quoted = await partner.read(
        QUERIES["quoteEarning"][0].replace("points", "points errors { code path message }"),
        input={"lines": [LINE], "bookedAt": "2125-03-15T02:29:59Z"},
    )
    assert quoted["quoteEarning"]["errors"][0]["code"] == "EVENT_TOO_OLD"
    assert await things.stage.everything() == before


async def test_a_policy_document_with_faults_names_each() -> None:
    things = await shared_things()
    before = await things.stage.everything()
    staff = things.stage.staff()
    documents = ["", "[]", "7", "a: [", "a: &a [*a]", "\u202e", "x" * 2_00_000, "{}", "🏨: 1"]

    for document in documents:
        for language in ("en", "zh-CN"):
            problem = await staff.reading(language).refused("publishPolicy", document=document)
            assert problem["code"] == "POLICY_INVALID", document[:20]
            assert problem["message"]
    faulty = INPUTS["publishPolicy"](things)["document"].replace('"flight"', '"fligth"', 1)
    payload = await staff.ask(
        """mutation($input: PublishPolicyInput!) { publishPolicy(input: $input) { version errors {
            code path ... on PolicyInvalid { faults { path message } } } } }""",
        input={"document": faulty, "idempotencyKey": fresh_key()},
    )
    [problem] = payload["data"]["publishPolicy"]["errors"]
    assert problem["code"] == "POLICY_INVALID"
    assert any(
        "fligth" in fault["message"] or "flight" in fault["message"] for fault in problem["faults"]
    )
    assert await things.stage.everything() == before


async def test_rewards_that_may_not_be_had() -> None:
    stage = await open_stage()
    await make.rich_member(stage.programme, 10_000, now=TODAY, reference="xiaoli")
    rewards: dict[str, dict[str, Any]] = {
        "sold_out": {"stock": 0},
        "for_gold": {"minimum_tier": "gold"},
        "withdrawn": {"active": False},
        "over": {"valid_until": TODAY},
        "once": {"per_member_limit": 1, "list_points": 10},
        "pooled": {"kind": "COUPON", "pooled_codes": True},
        "open": {"kind": "COUPON", "open_value": True, "list_points": 1},
    }
    for code, columns in rewards.items():
        await make.reward(stage.programme, code=code, **columns)
    member = stage.member().reading("en")
    await member.done("redeemReward", reward="once")
    before = await stage.everything()

    refused: list[tuple[dict[str, Any], str, list[str], str]] = [
        ({"reward": "sold_out"}, "OUT_OF_STOCK", ["reward"], "'sold_out' is out of stock; 0 are"),
        ({"reward": "for_gold"}, "TIER_REQUIRED", ["reward"], "This reward is for tier 'gold'"),
        ({"reward": "withdrawn"}, "REWARD_INACTIVE", ["reward"], "'withdrawn' is not on offer"),
        ({"reward": "over"}, "REWARD_INACTIVE", ["reward"], "'over' is not on offer now."),
        ({"reward": "once"}, "LIMIT_REACHED", ["quantity"], "The limit of 1 is reached."),
        ({"reward": "pooled"}, "CODE_POOL_EXHAUSTED", ["reward"], "There are no codes of 'pooled'"),
        ({"reward": "open"}, "INVALID_INPUT", ["points"], "This reward takes any number of points"),
        ({"reward": "open", "points": 0}, "INVALID_INPUT", ["points"], "0 is not enough"),
        ({"reward": "open", "points": -(2**53)}, "INVALID_INPUT", ["points"], "-90071992547409"),
        (
            {"reward": "open", "points": 5, "quantity": 2},
            "INVALID_INPUT",
            ["quantity"],
            "An open-value reward is redeemed once at a time; change `points`.",
        ),
        (
            {"reward": "open", "points": 2**53},
            "INSUFFICIENT_POINTS",
            ["points"],
            "This takes 9007199254740992 points; 9990 are available.",
        ),
    ]
    for sent, code, path, message in refused:
        problem = await member.refused("redeemReward", **sent)
        assert (problem["code"], problem["path"]) == (code, path), sent
        assert problem["message"].startswith(message)
        chinese = await member.reading("zh-CN").refused("redeemReward", **sent)
        assert not chinese["message"].isascii(), sent
    listed = await member.read("{ rewards { edges { node { code } } } }")
    shown = {edge["node"]["code"] for edge in listed["rewards"]["edges"]}
    assert shown == {"once", "open", "pooled", "for_gold", "sold_out"}
    assert await stage.everything() == before


async def test_who_is_suspended_or_a_guest_earns_and_spends_nothing() -> None:
    things = await furnished()
    member, partner = things.stage.member(), await things.stage.partner()
    for status, code in {
        "SUSPENDED": "MEMBER_SUSPENDED",
        "UNDER_REVIEW": "MEMBER_SUSPENDED",
        "GUEST": "MEMBER_NOT_ENROLLED",
    }.items():
        await models.Member.filter(
            reference="xiaoli", programme_id=things.stage.programme.id
        ).update(status=status)
        before = await things.stage.everything()
        mutations = ["earnForActivity", "redeemReward"]
        mutations += ["earnForBooking"] if status != "GUEST" else []
        for mutation in mutations:
            sent = INPUTS[mutation](things)
            problem = await partner.refused(mutation, **sent)
            assert (problem["code"], problem["path"]) == (code, ["member"]), mutation
            if mutation != "earnForBooking":
                assert (await member.refused(mutation, **sent))["code"] == code
        assert await things.stage.everything() == before


async def test_what_a_redemption_may_not_become_any_more() -> None:
    things = await furnished()
    member, staff = things.stage.member().reading("en"), things.stage.staff()
    await member.done("cancelRedemption", redemption=things.redemption_id)
    before = await things.stage.everything()

    for client in (member, staff):
        problem = await client.refused("cancelRedemption", redemption=things.redemption_id)
        assert problem["code"] == "REDEMPTION_STATE"
        assert problem["status"] == "CANCELLED"
    assert await things.stage.everything() == before


async def test_a_birth_date_changes_once_a_year() -> None:
    things = await furnished()
    member, staff = things.stage.member().reading("en"), things.stage.staff()
    for birthday in ("1990-03-15", "1990-03-16"):
        await member.done("updateMember", birthday=birthday)
    before = await things.stage.everything()

    problem = await member.refused("updateMember", birthday="1990-03-17")

    assert problem == {
        "__typename": "LimitReached",
        "code": "LIMIT_REACHED",
        "message": "The limit of 1 is reached; this is possible again from 1 January 2127.",
        "path": ["birthday"],
        "limit": 1,
        "resetsAt": "2126-12-31T16:00:00Z",
    }
    assert await things.stage.everything() == before
    changed = await staff.done(
        "updateMember",
        "member { birthday }",
        member={"reference": "xiaoli"},
        birthday="1990-03-17",
    )
    assert changed["member"] == {"birthday": "1990-03-17"}


# What stops a request as a whole.

PAGES = {
    name: f"query($n: Int) {{ {name}(first: $n) {{ totalCount }} }}"
    for name in ("members", "rewards")
} | {
    name: f"""query($n: Int) {{ member(by: {{reference: "xiaoli"}}) {{
        {name}(first: $n) {{ totalCount }} }} }}"""
    for name in ("ledger", "bookings", "redemptions")
}


@pytest.mark.parametrize("page", sorted(PAGES))
async def test_pages_have_at_most_100_rows(page: str) -> None:
    things = await shared_things()
    staff = things.stage.staff()

    for first, code in ((101, "PAGE_TOO_LARGE"), (2**31, "PAGE_TOO_LARGE")):
        answer = await staff.ask(PAGES[page], n=first)
        assert codes(answer) == [code]
        assert answer["errors"][0]["extensions"]["max"] == 100
    for odd in (-1, -(2**31), "5", 1.5, True):
        assert codes(await staff.ask(PAGES[page], n=odd)) == ["BAD_USER_INPUT"], odd
    for allowed in (0, 1, 100, None):
        assert codes(await staff.ask(PAGES[page], n=allowed)) == [], allowed


def cursor(*parts: Any) -> str:
    return urlsafe_b64encode(orjson.dumps(list(parts))).rstrip(b"=").decode()


NOBODY = "00000000-0000-7000-8000-000000000000"
BAD_CURSORS = [
    "",
    "x",
    "é",
    "=" * 2000,
    "bm90IGpzb24",
    cursor(),
    cursor(1, "elsewhere", 5),
    cursor(1, "ledger", "5"),
    cursor(1, "ledger", 2**63),
    cursor(1, "ledger", True),
    cursor(1, "ledger", 1.5),
    cursor(1, "ledger", [5]),
    cursor(2, "ledger", 5),
    cursor(1, "members", "2126-03-15", NOBODY),
    cursor(1, "members", "2126-03-15T00:00:00", NOBODY),
    cursor(1, "members", "0001-01-01T00:00:00+14:00", NOBODY),
    cursor(1, "members", "9999-12-31T23:59:59-14:00", NOBODY),
    cursor(1, "members", "2126-03-15T00:00:00+00:00", "not-a-uuid"),
    cursor(1, "rewards-points_asc", "1", "a"),
    cursor(1, "rewards-points_desc", 1, "a"),
    cursor(1, "bookings", 5, 5),
]


@pytest.mark.parametrize("bad", BAD_CURSORS)
async def test_no_list_takes_a_cursor_that_it_did_not_give(bad: str) -> None:
    things = await shared_things()

    for name, query in {
        "members": "query($c: String) { members(after: $c) { totalCount } }",
        "rewards": "query($c: String) { rewards(after: $c) { totalCount } }",
        **{
            page: PAGES[page].replace("$n: Int", "$c: String").replace("first: $n", "after: $c")
            for page in ("ledger", "bookings", "redemptions")
        },
    }.items():
        answer = await things.stage.staff().ask(query, c=bad)
        assert codes(answer) == ["BAD_CURSOR"], name


async def test_too_many_ids_at_once() -> None:
    things = await shared_things()
    query = QUERIES["nodes"][0]

    answer = await things.stage.staff().ask(query, ids=[things.member_id] * 101)
    assert codes(answer) == ["PAGE_TOO_LARGE"]
    found = await things.stage.staff().read(query, ids=[things.member_id, "x"] * 50)
    assert found["nodes"] == [{"id": things.member_id}, None] * 50
    assert (await things.stage.staff().read(query, ids=[]))["nodes"] == []


@pytest.mark.parametrize("mutation", sorted(INPUTS))
@pytest.mark.parametrize("text", ["\0", "a\0b"])
async def test_nul_is_refused_in_every_text(mutation: str, text: str) -> None:
    things = await shared_things()
    before = await things.stage.everything()
    good = INPUTS[mutation](things)

    for name, value in {**good, "idempotencyKey": "k"}.items():
        if isinstance(value, str):
            sent = {"idempotencyKey": fresh_key(), **good, name: text}
            answer = await things.stage.staff().ask(mutation_text(mutation), input=sent)
            assert codes(answer) == ["BAD_USER_INPUT"], name
            assert "data" not in answer
    assert await things.stage.everything() == before


@pytest.mark.parametrize("mutation", sorted(INPUTS))
async def test_lone_surrogates_are_no_text(mutation: str) -> None:
    things = await shared_things()
    before = await things.stage.everything()
    good = INPUTS[mutation](things)

    for name, value in {**good, "idempotencyKey": "k"}.items():
        if isinstance(value, str):
            sent = {"idempotencyKey": fresh_key(), **good, name: "a\ud800b"}
            body = json.dumps({"query": mutation_text(mutation), "variables": {"input": sent}})
            answer = (await things.stage.staff().post(body.encode())).json()
            assert codes(answer) == ["BAD_REQUEST"], name
    answer = await things.stage.staff().ask(
        'mutation { enrolMember(input: {idempotencyKey: "k", name: "a\\uD800"}) { replayed } }'
    )
    assert codes(answer) == ["GRAPHQL_PARSE_FAILED"]
    assert await things.stage.everything() == before


@pytest.mark.parametrize(
    ("mutation", "sent"),
    [
        ("enrolMember", {"profile": {"a": "x" * JSON_BYTES_MAX}}),
        ("enrolMember", {"guest": "yes"}),
        ("enrolMember", {"birthday": "1990-02-30"}),
        ("enrolMember", {"birthday": "15.03.1990"}),
        ("enrolMember", {"locale": "Chinese (simplified)"}),
        ("enrolMember", {"tier": "diamond"}),
        ("updateMember", {"member": {}}),
        ("updateMember", {"member": {"id": None}}),
        ("updateMember", {"member": {"email": "a@b.cn", "phone": "+86"}}),
        ("proveContact", {"member": None}),
        ("proveContact", {"kind": "FAX"}),
        ("earnForBooking", {"member": None}),
        ("earnForBooking", {"lines": None}),
        ("earnForBooking", {"lines": [None]}),
        ("earnForBooking", {"lines": [{"product": "hotel"}]}),
        ("earnForBooking", {"lines": [{**LINE, "amount": 10**30}]}),
        ("earnForBooking", {"lines": [{**LINE, "amount": 99.9}]}),
        ("earnForBooking", {"lines": [{**LINE, "amount": "1e9"}]}),
        ("earnForBooking", {"lines": [{**LINE, "amount": "NaN"}]}),
        ("earnForBooking", {"lines": [{**LINE, "attributes": {"city": "x" * JSON_BYTES_MAX}}]}),
        ("earnForBooking", {"currency": "yuan"}),
        ("earnForBooking", {"bookedAt": "yesterday"}),
        ("earnForBooking", {"bookedAt": "2126-03-15T10:30:00"}),
        ("earnForBooking", {"quoteId": {}}),
        ("guaranteeQuote", {"member": None}),
        ("guaranteeQuote", {"lines": None}),
        ("guaranteeQuote", {"offsetPoints": 0.5}),
        ("earnForActivity", {"type": None}),
        ("earnForActivity", {"occurredAt": 1}),
        ("earnForActivity", {"attributes": {"a": ["x"] * JSON_BYTES_MAX}}),
        ("redeemReward", {"points": 2**53 + 1}),
        ("redeemReward", {"points": "100"}),
        ("redeemReward", {"points": 1.5}),
        ("redeemReward", {"quantity": 2**31}),
        ("redeemReward", {"quantity": None, "reward": None}),
        ("cancelRedemption", {"redemption": None}),
        ("cancelRedemption", {"redemption": {}}),
        ("confirmRedemption", {"redemption": None}),
        ("fulfilRedemption", {"tracking": 5}),
        ("fulfilRedemption", {"reference": 5}),
        ("redeemReward", {"partnerAccount": ["CA-1"]}),
        ("useCoupon", {"code": None}),
        ("useCoupon", {"code": 5}),
        ("transferPoints", {"points": 0.5}),
        ("transferPoints", {"points": 2**53 + 1}),
        ("transferPoints", {"to": None}),
        ("transferPoints", {"to": {}}),
        ("transferPoints", {"from": {"email": "a@b.cn", "phone": "+86"}}),
        ("adjustPoints", {"points": "100"}),
        ("adjustPoints", {"points": -(2**53) - 1}),
        ("adjustPoints", {"reason": None}),
        ("adjustPoints", {"member": None}),
        ("adjustPoints", {"expiresOn": "2126-02-30"}),
        ("assignTier", {"tier": 5}),
        ("assignTier", {"until": "soon"}),
        ("assignTier", {"reason": None}),
        ("assignTier", {"member": {}}),
        ("publishPolicy", {"document": {"programme": "ota"}}),
        ("publishPolicy", {"effectiveFrom": "now"}),
    ],
)
async def test_ill_typed_input_never_runs(mutation: str, sent: dict[str, Any]) -> None:
    things = await shared_things()
    before = await things.stage.everything()

    answer = await things.stage.staff().ask(
        mutation_text(mutation),
        input={"idempotencyKey": fresh_key(), **INPUTS[mutation](things), **sent},
    )

    assert codes(answer) == ["BAD_USER_INPUT"]
    assert "data" not in answer
    assert await things.stage.everything() == before


@pytest.mark.parametrize("mutation", sorted(INPUTS))
async def test_a_mutation_needs_its_key(mutation: str) -> None:
    things = await shared_things()
    before = await things.stage.everything()

    answer = await things.stage.staff().ask(mutation_text(mutation), input=INPUTS[mutation](things))

    assert codes(answer) == ["BAD_USER_INPUT"]
    assert await things.stage.everything() == before


async def test_a_wrong_enum_value_never_runs() -> None:
    things = await shared_things()
    staff = things.stage.staff()

    for query in (
        "{ members(filter: {status: ASLEEP}) { totalCount } }",
        "{ rewards(orderBy: RANDOM) { totalCount } }",
        "{ rewards(filter: {kinds: [SERVICE, NONSENSE]}) { totalCount } }",
        '{ member(by: {reference: "xiaoli"}) { ledger(kinds: [STEAL]) { totalCount } } }',
    ):
        assert codes(await staff.ask(query)) == ["GRAPHQL_VALIDATION_FAILED"], query


async def test_filters_find_what_they_say_and_take_text_as_text() -> None:
    things = await shared_things()
    staff = things.stage.staff()

    for text, count in {
        "xiaoli": 1,
        "XIAOLI@": 0,
        "XIAOLI@example.com": 1,
        "+86138": 0,
        "+86 138 0013 8000": 1,
        "%": 0,
        "_": 0,
        "\\": 0,
        "'; DROP TABLE member; --": 0,
        "🏨": 0,
        "x" * 5000: 0,
    }.items():
        query = "query($t: String) { members(filter: {text: $t}) { totalCount edges { cursor } } }"
        data = await staff.read(query, t=text)
        assert data["members"]["totalCount"] == count, text
        assert len(data["members"]["edges"]) == count
    unknown = await staff.ask('{ rewards(filter: {tier: "wood"}) { totalCount } }')
    assert codes(unknown) == ["BAD_USER_INPUT"]
    assert unknown["errors"][0]["message"] == (
        "Unknown tier 'wood'; this programme has silver, gold, platinum, diamond."
    )


async def test_a_balance_is_asked_for_at_any_instant_that_has_passed() -> None:
    things = await shared_things()
    member = things.stage.member()
    query = "query($at: DateTime) { me { balance(asOf: $at) { available worth { amount } } } }"

    for instant, available in {
        "0001-01-01T00:00:00Z": 0,
        "2126-03-15T02:29:59.999999Z": 0,
        "2126-03-15T02:30:00Z": 6500,
    }.items():
        data = await member.read(query, at=instant)
        assert data["me"]["balance"]["available"] == available, instant
    for instant in ("9999-12-31T23:59:59Z", "2126-03-15T04:00:00Z"):
        assert codes(await member.ask(query, at=instant)) == ["BAD_USER_INPUT"]


async def test_stock_that_no_32_bits_hold() -> None:
    stage = await open_stage()
    await make.reward(stage.programme, code="plenty", stock=2**40)

    data = await stage.staff().read('{ reward(code: "plenty") { remaining } }')

    assert data["reward"] == {"remaining": 2**31 - 1}


@pytest.mark.parametrize(
    "attributes", ["{x: 1e400}", "{x: -1e400}", "{x: [1e999]}", "{score: 1e400}"]
)
async def test_numbers_that_json_does_not_know(attributes: str) -> None:
    things = await shared_things()
    before = await things.stage.everything()
    query = """mutation { earnForActivity(input: {idempotencyKey: "k", type: "quiz",
        reference: "q", attributes: ATTRIBUTES}) { errors { code path } } }"""

    answer = await things.stage.staff().ask(query.replace("ATTRIBUTES", attributes))

    assert codes(answer) in ([], ["BAD_USER_INPUT"], ["GRAPHQL_VALIDATION_FAILED"])
    assert answer.get("data") is None or answer["data"]["earnForActivity"]["errors"]
    assert await things.stage.everything() == before


NAMED = [
    ("earnForBooking", "reference"),
    ("refundBooking", "booking"),
    ("refundBooking", "reference"),
    ("completeBooking", "booking"),
    ("amendBooking", "booking"),
    ("amendBooking", "reference"),
    ("earnForActivity", "reference"),
    ("enrolMember", "reference"),
    ("fulfilRedemption", "reference"),
]
BLANKS = ("This begins or ends with a blank; give it without.", "开头或结尾有空白；请去掉。")
COMPOSED = (
    "This is not in Unicode's composed form (NFC); give it in that form.",
    "不是 Unicode 组合形式（NFC）；请使用该形式。",
)
ALIKE = [
    ("B-1 ", BLANKS),
    ("\u3000B-1", BLANKS),
    ("Cafe\u0301-1", COMPOSED),
    ("B\u200b-1", CONTROL),
    ("B-1\u2028", CONTROL),
]


@pytest.mark.parametrize(("mutation", "name"), NAMED)
async def test_what_looks_like_another_identifier_is_refused(mutation: str, name: str) -> None:
    """`B-1`, `B-1 ` and another Unicode form of it were three bookings."""
    for value, (english, chinese) in ALIKE:
        refused = Refused(mutation, {name: value}, [name], english, chinese)
        await test_refused_with_its_path_in_both_languages(refused)
