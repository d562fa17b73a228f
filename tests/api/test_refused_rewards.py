"""What is refused of rewards, redemptions and coupons, in both languages."""

from typing import Any

import pytest

from tests.support import factories as make
from tests.support.callers import TODAY, open_stage
from tests.support.refused import CONTROL, EMPTY, Refused, check_refused, too_long
from tests.support.things import furnished

pytestmark = pytest.mark.usefixtures("database")


UMBRELLA = {
    "code": "umbrella",
    "kind": "PRODUCT",
    "name": {"zh-CN": "伞", "en": "Umbrella"},
    "description": {"zh-CN": "伞", "en": "An umbrella"},
}

REFUSED = [
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
        "101 at once is too many; the limit is 100.",
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
        'There is no reward "\' OR 1=1 --" in this programme; it has lounge-xiaoli.',
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
    Refused("redeemReward", {"partnerAccount": " "}, ["partnerAccount"], *EMPTY),
    Refused("redeemReward", {"partnerAccount": "x" * 65}, ["partnerAccount"], *too_long(65, 64)),
    Refused("redeemReward", {"partnerAccount": "a\nb"}, ["partnerAccount"], *CONTROL),
    Refused(
        "redeemReward",
        {"partnerAccount": "CA-1"},
        ["partnerAccount"],
        "'lounge-xiaoli' is not credited to an account with a partner; leave `partnerAccount` out.",
        "lounge-xiaoli 不转入合作方账户；请不要填写 partnerAccount。",
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
    Refused(
        "fulfilRedemption",
        {"redemption": "🏨"},
        ["redemption"],
        "There is no redemption '🏨' in this programme.",
        "本计划中没有这个兑换：🏨。",
        code="NOT_FOUND",
    ),
    Refused(
        "changeDelivery",
        {"redemption": "🏨"},
        ["redemption"],
        "There is no redemption '🏨' in this programme.",
        "本计划中没有这个兑换：🏨。",
        code="NOT_FOUND",
    ),
    Refused(
        "shipRedemption",
        {"redemption": "🏨"},
        ["redemption"],
        "There is no redemption '🏨' in this programme.",
        "本计划中没有这个兑换：🏨。",
        code="NOT_FOUND",
    ),
    Refused(
        "rejectOrder",
        {"redemption": "🏨"},
        ["redemption"],
        "There is no redemption '🏨' in this programme.",
        "本计划中没有这个兑换：🏨。",
        code="NOT_FOUND",
    ),
    Refused("shipRedemption", {"tracking": "x" * 201}, ["tracking"], *too_long(201, 200)),
    Refused("rejectOrder", {"reason": " "}, ["reason"], *EMPTY),
    Refused("rejectOrder", {"reason": "x" * 1001}, ["reason"], *too_long(1001, 1000)),
    Refused("extendCoupon", {"reason": " "}, ["reason"], *EMPTY),
    Refused("extendCoupon", {"reason": "a\x1bb"}, ["reason"], *CONTROL),
    Refused("adjustStock", {"reason": " "}, ["reason"], *EMPTY),
    Refused("adjustStock", {"reason": "x" * 1001}, ["reason"], *too_long(1001, 1000)),
    Refused(
        "saveReward",
        {"reward": {**UMBRELLA, "points": 500, "code": "Spring"}},
        ["reward", "code"],
        "The reward has 1 fault; first: code (Spring)",
        "奖励",
        code="POLICY_INVALID",
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
]
"""By hand, the message in both languages: as it is, or as it begins."""


@pytest.mark.parametrize("case", REFUSED, ids=str)
async def test_refused_with_its_path_in_both_languages(case: Refused) -> None:
    await check_refused(case)


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
        ({"reward": "for_gold"}, "TIER_REQUIRED", ["reward"], "This reward is for tier Gold and"),
        ({"reward": "withdrawn"}, "REWARD_INACTIVE", ["reward"], "'withdrawn' is not available"),
        ({"reward": "over"}, "REWARD_INACTIVE", ["reward"], "'over' is not available at the"),
        ({"reward": "once"}, "LIMIT_REACHED", ["quantity"], "The limit of 1 is reached."),
        ({"reward": "pooled"}, "CODE_POOL_EXHAUSTED", ["reward"], "No codes are left for 'pooled'"),
        ({"reward": "open"}, "INVALID_INPUT", ["points"], "This reward takes any number of points"),
        ({"reward": "open", "points": 0}, "INVALID_INPUT", ["points"], "0 is not enough"),
        ({"reward": "open", "points": -(2**53)}, "INVALID_INPUT", ["points"], "-90071992547409"),
        (
            {"reward": "open", "points": 5, "quantity": 2},
            "INVALID_INPUT",
            ["quantity"],
            "An open-value reward can only be redeemed one at a time; change `points` instead.",
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


async def test_stock_that_no_32_bits_hold() -> None:
    stage = await open_stage()
    await make.reward(stage.programme, code="plenty", stock=2**40)

    data = await stage.staff().read('{ reward(code: "plenty") { remaining } }')

    assert data["reward"] == {"remaining": 2**31 - 1}
