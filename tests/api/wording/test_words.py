"""Explanations speak the policy's own words, and a reader is answered in a known language."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from api.wording.messages import choose_language, problem_message, reason_text
from domain.kernel.refusals import Instant, InvalidInput


def test_an_explanation_uses_the_policys_own_words() -> None:
    params = {"rule": "flight_bonus", "short_minor": 12000, "currency": "CNY", "bonus": 500}
    names = {"flight_bonus": "满额奖励"}

    assert reason_text("near_miss", params, "zh-CN", names=names) == (
        "距离 满额奖励（+500）还差 ¥120.00"
    )
    assert reason_text("near_miss", params, "en", names={}) == (
        "CNY 120.00 short of flight_bonus (+500)"
    )


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, None),
        ("", None),
        ("fr", None),
        ("zh", "zh-CN"),
        ("zh-Hant-TW", "zh-CN"),
        ("en-GB,zh;q=0.8", "en"),
        ("en;q=0.3, zh;q=0.8", "zh-CN"),
        ("zh;q=0, en;q=0.1", "en"),
        ("de, zh_CN", "zh-CN"),
        ("english", None),
        ("en;q=x", None),
        ("en;q=nan", None),
    ],
)
def test_the_language_that_the_reader_likes_best(header: str | None, language: str | None) -> None:
    assert choose_language(header) == language


def test_instants_of_a_refusal_are_told_by_the_clocks_of_a_zone() -> None:
    begins, first = datetime(2026, 2, 28, 16, tzinfo=UTC), datetime(2026, 3, 1, 1, 30, tzinfo=UTC)
    refusal = InvalidInput("before_first_version", Instant.of(begins), (Instant.of(first),))
    assert refusal.value == "2026-02-28T16:00:00+00:00"
    assert problem_message(refusal, "en", ZoneInfo("Asia/Shanghai")) == (
        "1 March 2026, 00:00 is before 1 March 2026, 09:30, when the first version took effect."
    )
    # what only looks like one is told as it was sent
    said = InvalidInput("month", "2026-02-28T16:00:00+00:00", ("2026-12",))
    assert problem_message(said, "en").startswith("2026-02-28T16:00:00+00:00 is not a month")
