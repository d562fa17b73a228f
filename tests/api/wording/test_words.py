"""Both languages are complete, and a refusal keeps all its facts on the way out."""

import dataclasses
import string
from datetime import UTC, datetime
from typing import Any

import pytest

from api.kit import problems
from api.kit.problem_codes import ProblemCode
from api.wording import messages
from api.wording.messages import (
    INVALID_INPUT_ZH,
    PROBLEMS_ZH,
    REASONS,
    choose_language,
    reason_text,
)
from domain.kernel import refusals
from domain.kernel.refusals import INVALID_INPUT_REASONS, Refusal
from domain.programmes.refusals import PolicyFault

ERRORS = sorted(problems.TYPES, key=lambda error: error.code)
SAMPLES: dict[str, Any] = {
    "faults": (PolicyFault("earning.0", "is odd"), PolicyFault("tiers", "are missing")),
    "what": "member",
    "reason": "too_long",
    "occurred_at": datetime(2026, 3, 15, tzinfo=UTC),
    "now": datetime(2026, 3, 16, tzinfo=UTC),
    "resets_at": None,
}


def names_in(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def made(error: type[Refusal]) -> Refusal:
    facts = [found for found in dataclasses.fields(error) if found.name != "path"]
    given = {fact.name: SAMPLES.get(fact.name, 7 if fact.type is int else "CNY") for fact in facts}
    return error(**given, path=("input", "field"))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_every_refusal_becomes_a_problem_in_both_languages(error: type[Refusal]) -> None:
    refused = made(error)

    english, chinese = (problems.to_problem(refused, language) for language in ("en", "zh-CN"))

    assert english.code is ProblemCode(error.code)
    assert english.path == ["input", "field"]
    assert english.message == refused.message
    assert any("一" <= character <= "鿿" for character in chinese.message)
    for name, fact in refused.facts.items():
        shown = getattr(english, name)
        assert shown == fact or name == "faults"


def test_every_error_is_known() -> None:
    declared = set(problems.declared_refusals())

    assert set(problems.TYPES) == declared
    assert {error.code for error in declared} <= set(ProblemCode)
    assert set(PROBLEMS_ZH) == {error.code for error in declared} - {"INVALID_INPUT"}


@pytest.mark.parametrize("reason", sorted(INVALID_INPUT_REASONS))
def test_every_reason_is_told_in_chinese_with_no_other_facts(reason: str) -> None:
    chinese = INVALID_INPUT_ZH[reason]

    assert names_in(chinese) <= {"value", "allowed"}
    error = refusals.InvalidInput(reason, "12", "34")
    assert "{" not in messages.problem_message(error, "zh-CN")


def test_no_reason_is_told_that_does_not_exist() -> None:
    assert INVALID_INPUT_ZH.keys() == INVALID_INPUT_REASONS.keys()


def test_explanations_name_the_same_facts_in_both_languages() -> None:
    assert REASONS["en"].keys() == REASONS["zh-CN"].keys()
    for code, english in REASONS["en"].items():
        assert names_in(english) == names_in(REASONS["zh-CN"][code]), code


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
