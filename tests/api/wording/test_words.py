"""Explanations speak the policy's own words, and a reader is answered in a known language."""

import pytest

from api.wording.messages import choose_language, reason_text


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
