"""What is refused of notices, announcements, consents and feedback, in both languages."""

from uuid import UUID

import pytest

from api.kit.relay import to_global_id
from tests.support.refused import (
    CONTROL,
    EMPTY,
    Refused,
    check_refused,
    too_long,
)

pytestmark = pytest.mark.usefixtures("database")

NO_NOTICE = to_global_id("Notice", UUID(int=0), member_id=UUID(int=0))
NO_CLAIM = to_global_id("Claim", UUID(int=0), member_id=UUID(int=0))

REFUSED = [
    Refused(
        "recordConsent",
        {"purpose": "PROFILING"},
        ["channel"],
        "PROFILING is not divided by channel; leave `channel` out, or name one of ACCOUNT, ",
        "PROFILING 不分渠道",
    ),
    *(
        Refused(
            mutation,
            {"address": "nobody"},
            ["address"],
            "'nobody' is not an e-mail address.",
            "nobody 不是邮箱地址。",
        )
        for mutation in ("reportBounce", "liftSuppression")
    ),
    Refused(
        "reportBounce",
        {"channel": "PUSH", "address": "x" * 255},
        ["address"],
        *too_long(255, 254),
    ),
    Refused(
        "publishTemplate",
        {"kind": "x"},
        ["kind"],
        "Unknown kind of notice 'x'; known kinds are reward_ready, ",
        "没有通知类型 x",
    ),
    Refused(
        "publishTemplate",
        {"locale": "fr"},
        ["locale"],
        "Unknown locale 'fr'; known locales are zh-CN, en.",
        "未知语言 fr；可用：zh-CN, en。",
    ),
    Refused(
        "publishTemplate",
        {"providerTemplate": "x" * 101},
        ["providerTemplate"],
        *too_long(101, 100),
    ),
    Refused(
        "saveAnnouncement",
        {"title": {"en": "Summer", "fr": "Été"}},
        ["title"],
        "Unknown locale 'fr'; known locales are zh-CN, en.",
        "未知语言 fr；可用：zh-CN, en。",
    ),
    Refused("saveAnnouncement", {"text": {"en": "Summer"}}, ["text", "zh-CN"], *EMPTY),
    Refused(
        "saveAnnouncement",
        {"text": {"en": 5, "zh-CN": "夏"}},
        ["text", "en"],
        "This must be a text.",
        "此处应为文本。",
    ),
    Refused(
        "saveAnnouncement",
        {"imageUrl": "ftp://example.com"},
        ["imageUrl"],
        "ftp://example.com is not the address of a page",
        "ftp://example.com",
    ),
    Refused(
        "saveAnnouncement",
        {"until": "2026-01-01T00:00:00Z"},
        ["until"],
        "The period ends on 1 January 2026, 08:00, before it begins on ",
        "结束日 2026年1月1日 08:00 早于开始日 ",
    ),
    Refused(
        "saveAnnouncement",
        {"tiers": ["wood"]},
        ["tiers"],
        "Unknown tier 'wood'; this programme has ",
        "未知等级 wood；",
    ),
    Refused("saveAnnouncement", {"tiers": []}, ["tiers"], *EMPTY),
    Refused(
        "resendNotice",
        {"notice": NO_NOTICE},
        ["notice"],
        "There is no notice",
        "本计划中没有这个通知",
        "NOT_FOUND",
    ),
    Refused("registerPush", {"address": " "}, ["address"], *EMPTY),
    Refused("removePush", {"address": "a\x1bb"}, ["address"], *CONTROL),
    Refused("readNotices", {"notices": None}, ["notices"], "Say which notices", "请指明已读的通知"),
    Refused(
        "readNotices",
        {"notices": ["x"] * 101},
        ["notices"],
        "101 notices are too many; name at most 100 at once.",
        "101 条通知过多",
    ),
    Refused(
        "readNotices",
        {"notices": ["🏨"]},
        ["notices", "0"],
        "There is no notice '🏨' in this programme.",
        "本计划中没有这个通知：🏨。",
        "NOT_FOUND",
    ),
    Refused("recordConsent", {"textVersion": "x" * 65}, ["textVersion"], *too_long(65, 64)),
    Refused("submitFeedback", {"text": " "}, ["text"], *EMPTY),
    Refused("submitFeedback", {"text": "x" * 2001}, ["text"], *too_long(2001, 2000)),
    Refused("submitFeedback", {"rating": 0}, ["rating"], "A rating is from 1 to 5", "评分应为"),
    Refused("submitFeedback", {"rating": 6}, ["rating"], "A rating is from 1 to 5", "评分应为"),
    Refused(
        "submitFeedback",
        {"about": NO_CLAIM},
        ["about"],
        "There is no object",
        "本计划中没有这个对象",
        "NOT_FOUND",
    ),
    Refused("answerFeedback", {"text": None}, ["text"], "Give an answer", "请填写回复"),
    Refused("answerFeedback", {"text": "x" * 2001}, ["text"], *too_long(2001, 2000)),
]
"""By hand, the message in both languages: as it is, or as it begins."""


@pytest.mark.parametrize("case", REFUSED, ids=str)
async def test_refused_with_its_path_in_both_languages(case: Refused) -> None:
    await check_refused(case)
