"""The shipped texts of notices: each kind in both languages, in plain words."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from jinja2.exceptions import SecurityError, UndefinedError

from api.wording import notice_words
from api.wording.catalogues import LANGUAGES, LOCALES
from api.wording.notice_words import Names, text
from domain.kernel.ids import new_id
from domain.notices.kinds import VARIABLES, Kind
from domain.notices.naming import AnnouncementWords, Called
from domain.programmes import reader
from domain.programmes.programmes import Programme
from tests.support import factories as make

REWARD = {"reward": "lounge"}
TIER = {"before": "silver", "tier": "gold", "until": "2027-12-31"}
GIFT = {"rule": "welcome", "points": 500, "reward": None, "benefit": None}

SAID: list[tuple[Kind, dict[str, Any], str, str]] = [
    (
        Kind.REWARD_READY,
        {**REWARD, "quantity": 1, "points": 4000},
        "Your reward is ready: Lounge | Lounge is yours, for 4,000 points.",
        "您的奖励已就绪：贵宾室 | 您已获得 贵宾室，使用了 4,000 积分。",
    ),
    (
        Kind.REWARD_READY,
        {**REWARD, "quantity": 2, "points": 0},
        "Your reward is ready: Lounge | 2 × Lounge are yours.",
        "您的奖励已就绪：贵宾室 | 您已获得 贵宾室 × 2。",
    ),
    (
        Kind.REWARD_SHIPPED,
        REWARD,
        "On its way: Lounge | Lounge was sent to you.",
        "已发货：贵宾室 | 贵宾室 已寄出。",
    ),
    (
        Kind.REWARD_FULFILLED,
        {"reward": "unknown"},
        "Delivered: unknown | unknown was delivered.",
        "已送达：unknown | unknown 已送达。",
    ),
    (
        Kind.REWARD_REJECTED,
        {**REWARD, "points": 1},
        "Not possible: Lounge | Lounge cannot be delivered. 1 point is back on your account.",
        "无法提供：贵宾室 | 贵宾室 无法交付。1 积分已退回您的账户。",
    ),
    (
        Kind.CLAIM_DECIDED,
        {"status": "APPROVED", "points": 900},
        "Your claim was approved | Your missing booking was recorded and earned 900 points.",
        "您的补登申请已通过 | 您申请补登的预订已入账，获得 900 积分。",
    ),
    (
        Kind.CLAIM_DECIDED,
        {"status": "DECLINED", "points": 0},
        (
            "Your claim was declined | The booking that you claimed could not be credited. The "
            "reason stands with your claim."
        ),
        "您的补登申请未通过 | 您申请补登的预订无法计入，原因请见该申请。",
    ),
    (
        Kind.CLAIM_DECIDED,
        {"status": "ALREADY_CREDITED", "points": 0},
        (
            "Your booking had its points already | The booking that you claimed is on your account "
            "already, with its points."
        ),
        "该预订此前已计入积分 | 您申请补登的预订已在账户中，积分此前已计入。",
    ),
    (
        Kind.FEEDBACK_ANSWERED,
        {},
        "We answered you | You find our answer with your feedback.",
        "我们已回复您 | 您的反馈已有回复，请在反馈中查看。",
    ),
    (
        Kind.POINTS_TAKEN_BACK,
        {"points": 300, "owed": 1, "forgiven": 0},
        (
            "300 points were taken back | 300 points of a booking or activity that changed were "
            "taken back. You had spent some of them: 1 is owed, and the next points that you earn "
            "pay for that first."
        ),
        (
            "已收回 300 积分 | 因预订或活动有变，已收回 300 积分。其中部分积分您已使用，尚欠 1 "
            "积分，将从您之后获得的积分中先行抵扣。"
        ),
    ),
    (
        Kind.TRANSFER_RECEIVED,
        {"points": 1},
        "You were given 1 point | Another member gave you 1 point.",
        "您获赠 1 积分 | 另一位会员向您转赠了 1 积分。",
    ),
    (
        Kind.WELCOME,
        {},
        "Welcome to Test OTA | You are a member now. Your bookings with us count from today on.",
        "欢迎加入测试 | 您已成为会员，从今天起，您的预订将为您累积权益。",
    ),
    (
        Kind.POINTS_EARNED,
        {"points": 1500, "pending": 500, "rules": ["welcome", "old"]},
        (
            "1,500 points earned | You earned 1,500 points (Welcome gift, old). 500 of them can be "
            "spent later."
        ),
        "获得 1,500 积分 | 您获得 1,500 积分（迎新礼、old）。其中 500 积分稍后可用。",
    ),
    (
        Kind.POINTS_MATURED,
        {"points": 2},
        "2 points can be spent now | 2 points that you earned before can be spent from now on.",
        "2 积分现已可用 | 您此前获得的 2 积分从现在起可以使用。",
    ),
    (
        Kind.POINTS_EXPIRING,
        {"points": 70, "days": 1, "expires_on": "2026-12-31"},
        (
            "70 points expire soon | 70 of your points can be spent through 31 December 2026, for "
            "1 day more."
        ),
        "70 积分即将过期 | 您有 70 积分可使用至2026年12月31日，还剩 1 天。",
    ),
    (
        Kind.POINTS_EXPIRING,
        {"points": 1, "days": 0, "expires_on": "2026-12-31"},
        (
            "1 point expires soon | 1 of your points can be spent through 31 December 2026, which "
            "is today."
        ),
        "1 积分即将过期 | 您有 1 积分可使用至2026年12月31日，就在今天。",
    ),
    (
        Kind.TIER_UP,
        TIER,
        "You are Gold now | You have risen from Silver to Gold, through 31 December 2027.",
        "您已升级为金卡 | 您已从银卡升级为金卡，有效期至2027年12月31日。",
    ),
    (
        Kind.TIER_DOWN,
        {"before": "gold", "tier": "silver", "until": None},
        "You are Silver now | Your tier is Silver after Gold.",
        "您的等级现为银卡 | 您的等级已由金卡变为银卡。",
    ),
    (
        Kind.MISSION_DONE,
        {**GIFT, "points": 0, "reward": "lounge"},
        (
            "Mission done: Welcome gift | You have done all steps of Welcome gift. It gives you "
            "Lounge."
        ),
        "任务完成：迎新礼 | 您已完成“迎新礼”的全部步骤。您获得贵宾室。",
    ),
    (
        Kind.REFERRAL_PAID,
        GIFT,
        "Thank you for the referral | Welcome gift was credited. It gives you 500 points.",
        "感谢您的推荐 | “迎新礼”已到账。您获得 500 积分。",
    ),
    (
        Kind.BIRTHDAY,
        {**GIFT, "points": 0, "benefit": "upgrade"},
        "Happy birthday | Welcome gift is for you. It gives you upgrade.",
        "生日快乐 | 迎新礼送给您。您获得upgrade。",
    ),
    (
        Kind.BALANCE,
        {"available": 4350},
        "You have 4,350 points | A new month has begun, and you have 4,350 points to spend.",
        "您有 4,350 积分可用 | 新的一个月开始了，您的账户有 4,350 积分可用。",
    ),
    (
        Kind.TIER_EXPIRING,
        {"tier": "gold", "until": "2026-12-31"},
        (
            "Gold is yours through 31 December 2026 | Your tier Gold ends after 31 December 2026, "
            "unless you qualify for it again by then."
        ),
        (
            "金卡有效期至2026年12月31日 | 您的金卡等级有效期至2026年12月31日，"
            "届时未再次达标将不再保留。"
        ),
    ),
    (
        Kind.COUPON_EXPIRING,
        {"reward": "lounge", "until": "2026-12-31"},
        "Lounge ends on 31 December 2026 | You can use Lounge through 31 December 2026.",
        "贵宾室 将于2026年12月31日到期 | 您的 贵宾室 可使用至2026年12月31日。",
    ),
    (
        Kind.TRIP_SOON,
        {"reference": "B-1", "on": "2026-12-31"},
        ("Your trip begins on 31 December 2026 | Your booking B-1 begins on 31 December 2026."),
        "您的行程将于2026年12月31日开始 | 您的预订 B-1 将于2026年12月31日开始。",
    ),
    (
        Kind.OFFER,
        {"rule": "welcome", "until": "2026-12-31"},
        "For you: Welcome gift | Welcome gift is open to you, through 31 December 2026.",
        "为您推荐：迎新礼 | 您现在可以参加“迎新礼”，截至2026年12月31日。",
    ),
    (
        Kind.OFFER,
        {"rule": "welcome", "until": None},
        "For you: Welcome gift | Welcome gift is open to you.",
        "为您推荐：迎新礼 | 您现在可以参加“迎新礼”。",
    ),
    (
        Kind.CONTACT_CODE,
        {"code": "012345"},
        (
            "Your code: 012345 | Your code is 012345. It is good for 10 minutes; nobody from "
            "Test OTA will ask you for it."
        ),
        "您的验证码：012345 | 您的验证码是 012345，10 分钟内有效；测试的工作人员不会向您索要。",
    ),
    (
        Kind.ANNOUNCEMENT,
        {"title": "sea", "text": "sea"},
        "Sea | Go.",
        "夏日 | 去海边",
    ),
]


def named() -> Names:
    names = {
        "silver": {"zh-CN": "银卡", "en": "Silver"},
        "gold": {"zh-CN": "金卡", "en": "Gold"},
    }
    document = make.shipped_document(
        name={"zh-CN": "测试", "en": "Test OTA"},
        grants=[
            {
                "code": "welcome",
                "kind": "tier_entry",
                "name": {"zh-CN": "迎新礼", "en": "Welcome gift"},
                "tiers": ["gold"],
                "gives": {"points": 500},
            }
        ],
    )
    for level in document["tiers"]["levels"]:
        level["name"] = names.get(level["code"], level["name"])
    policy = reader.validate(document)
    rewards = {"lounge": {"zh-CN": "贵宾室", "en": "Lounge"}}
    announced = {
        "sea": AnnouncementWords({"zh-CN": "夏日", "en": "Sea"}, {"zh-CN": "去海边", "en": "Go."})
    }
    called = Called(rewards, announced)
    return Names(Programme(new_id(), "test", timedelta(0), ()), policy, called)


def test_every_kind_is_said_in_both_languages() -> None:
    names = named()
    assert {kind for kind, *_ in SAID} == set(Kind) == set(VARIABLES)
    for kind, variables, english, chinese in SAID:
        assert set(variables) == set(VARIABLES[kind]), kind
        for language, expected in (("en", english), ("zh-CN", chinese)):
            said = text(kind, variables, names, language)
            assert f"{said.title} | {said.body}" == expected


def test_a_title_is_one_line_whatever_names_say() -> None:
    called = Called({"lounge": {"en": "Lounge\r\nBcc: all", "zh-CN": "室"}})
    names = replace(named(), called=called)
    said = text(Kind.REWARD_SHIPPED, REWARD, names, "en")
    assert said.title == "On its way: Lounge Bcc: all"


def test_there_is_a_text_of_each_kind_and_no_other() -> None:
    for language in LANGUAGES:
        folder = LOCALES / language.replace("-", "_") / "notices"
        assert {path.stem for path in folder.iterdir()} == set(Kind)
        for path in folder.iterdir():
            said = path.read_text(encoding="utf-8")
            assert re.fullmatch(r"[^\n]+\n\n[^\n]+\n", said), path


def test_a_text_reaches_its_variables_and_nothing_else() -> None:
    made = notice_words.environment("en")
    with pytest.raises(UndefinedError):
        made.from_string("{{ name }}").render()
    for reaching in ("{{ x.__class__ }}", "{{ range(9) }}", "{{ lipsum() }}"):
        with pytest.raises((SecurityError, UndefinedError)):
            made.from_string(reaching).render(x="")
