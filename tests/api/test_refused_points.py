"""What is refused of activities, transfers, corrections, benefits and claims, in both languages."""

from uuid import UUID

import pytest

import models
from api.kit.relay import to_global_id
from tests.support.callers import codes
from tests.support.mutations import INPUTS
from tests.support.refused import (
    CONTROL,
    EMPTY,
    Refused,
    check_refused,
    date_range,
    shared_things,
    too_long,
)
from tests.support.things import furnished

pytestmark = pytest.mark.usefixtures("database")

NO_CLAIM = to_global_id("Claim", UUID(int=0), member_id=UUID(int=0))

REFUSED = [
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
        "Attribute 'score' is required here; give it as a number of zero or more.",
        "此处必须提供属性 score，类型为零或更大的数字。",
    ),
    Refused(
        "earnForActivity",
        {"type": "quiz", "attributes": {"score": -1}},
        ["attributes", "score"],
        "Attribute 'score' must be a number of zero or more.",
        "属性 score 必须是零或更大的数字。",
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
        'This must be a JSON object, such as {"city": "Sanya"}.',
        '此处必须是 JSON 对象，例如 {"city": "Sanya"}。',
    ),
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
    Refused("adjustPoints", {"expiresOn": "9999-12-30"}, ["expiresOn"], *date_range("9999-12-30")),
    Refused(
        "adjustPoints",
        {"points": 0},
        ["points"],
        "An adjustment cannot be zero: give points above or below zero.",
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
    Refused(
        "useBenefit",
        {"benefit": "sauna"},
        ["benefit"],
        "Unknown benefit 'sauna'; this programme knows lounge_visit, free_cancellation, upgrade.",
        "未知权益 sauna；本计划有 lounge_visit, free_cancellation, upgrade。",
    ),
    Refused("useBenefit", {"reference": "x" * 129}, ["reference"], *too_long(129, 128)),
    Refused("returnBenefit", {"reference": "\n"}, ["reference"], *EMPTY),
    Refused("claimPoints", {"text": " "}, ["text"], *EMPTY),
    Refused("claimPoints", {"text": "x" * 1001}, ["text"], *too_long(1001, 1000)),
    Refused("claimPoints", {"reference": "x" * 129}, ["reference"], *too_long(129, 128)),
    Refused("claimPoints", {"links": ["https://a.b"] * 4}, ["links"], "4 links are", "链接共 4 个"),
    Refused("claimPoints", {"links": ["a"]}, ["links", "0"], "a is not the", "a 不是网页地址"),
    Refused(
        "withdrawClaim",
        {"claim": NO_CLAIM},
        ["claim"],
        "There is no claim",
        "本计划中没有这个补登申请",
        "NOT_FOUND",
    ),
    Refused("decideClaim", {"lines": []}, ["lines"], "To approve a claim, give", "批准申请须给出"),
    Refused("decideClaim", {"approve": False, "lines": None}, ["reason"], *EMPTY),
    Refused("decideClaim", {"reason": "x" * 1001}, ["reason"], *too_long(1001, 1000)),
    Refused("reverseActivity", {"reason": " "}, ["reason"], *EMPTY),
    Refused("reverseActivity", {"reason": "x" * 1001}, ["reason"], *too_long(1001, 1000)),
    Refused("reverseActivity", {"reason": "a\x1bb"}, ["reason"], *CONTROL),
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
        "Points that are deducted have no expiry; leave `expiresOn` out.",
        "扣减的积分没有有效期；请不要填写 expiresOn。",
    ),
]
"""By hand, the message in both languages: as it is, or as it begins."""


@pytest.mark.parametrize("case", REFUSED, ids=str)
async def test_refused_with_its_path_in_both_languages(case: Refused) -> None:
    await check_refused(case)


async def test_who_is_under_review_gone_or_a_guest_earns_and_spends_nothing() -> None:
    things = await furnished()
    member, partner = things.stage.member(), await things.stage.partner()
    for status, code in {
        "CLOSED": "MEMBER_SUSPENDED",
        "UNDER_REVIEW": "MEMBER_SUSPENDED",
        "GUEST": "MEMBER_NOT_ENROLLED",
    }.items():
        await models.Member.filter(
            reference="xiaoli", programme_id=things.stage.programme.id
        ).update(status=status)
        before = await things.stage.everything()
        # what who is under review earns waits
        mutations = ["redeemReward"]
        mutations += ["earnForActivity"] if status != "UNDER_REVIEW" else []
        mutations += ["earnForBooking"] if status == "CLOSED" else []
        for mutation in mutations:
            sent = INPUTS[mutation](things)
            problem = await partner.refused(mutation, **sent)
            assert (problem["code"], problem["path"]) == (code, ["member"]), mutation
            if mutation != "earnForBooking":
                assert (await member.refused(mutation, **sent))["code"] == code
        assert await things.stage.everything() == before


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
