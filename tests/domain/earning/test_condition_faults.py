"""What conditions of grants and segments may ask, and those that are unreadable in old versions."""

import json
from datetime import date
from typing import Any

import pytest

from domain.earning import earning
from domain.earning.values import Line, MemberFacts
from domain.programmes import reader
from domain.programmes.refusals import PolicyInvalid
from tests.support import factories as make

BASE = make.rule("rate", "base", points=1, per=1)


def grant(cel: str, **parts: Any) -> dict[str, Any]:
    given = {"kind": "calendar", "day": "10-01", "gives": {"points": 5}, **parts}
    return {"code": "gift", "name": make.WORDS, "when": {"cel": cel}, **given}


def mission(fact: str, **when: Any) -> dict[str, Any]:
    """A mission of one step."""
    step = {"code": "it", "name": make.WORDS, "fact": fact, "when": when}
    window = {"days": 30, "after": "joining"}
    kind = {"kind": "mission", "gives": {"points": 5}}
    return {"code": "gift", "name": make.WORDS, "steps": [step], "window": window, **kind}


def segment(cel: str) -> dict[str, Any]:
    return {"code": "keen", "name": make.WORDS, "when": {"cel": cel}}


def refused(**parts: Any) -> list[tuple[str, str]]:
    """The code and the path of each fault of a new document."""
    document = make.variant(BASE, counts={"stays": {"of": "bookings"}}, **parts)
    try:
        reader.parse(json.dumps(document, default=str))
    except PolicyInvalid as invalid:
        return [(fault.code, fault.path) for fault in invalid.faults]
    return []


@pytest.mark.parametrize(
    ("parts", "faults"),
    [
        ({"grants": [grant("count.stays > 3 && fact.hour < 12")]}, []),
        (
            {"grants": [grant("line.amount > 3")]},
            [("condition_name", "grants.0.when.cel")],
        ),
        ({"segments": [segment("count.stays > 3 && member.tier == 'gold'")]}, []),
        # a segment asks for no other, and of no fact
        (
            {"segments": [segment("segment.keen || fact.hour > 1")]},
            [("condition_name", "segments.0.when.cel")] * 2,
        ),
        (
            {"referrals": {"qualifies": "enrolled", "when": {"cel": "count.stay > 3"}}},
            [("condition_name", "referrals.when.cel")],
        ),
    ],
)
def test_each_kind_of_rule_knows_its_own_names(
    parts: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    assert refused(**parts) == faults


@pytest.mark.parametrize(
    ("fact", "when", "keys"),
    [
        ("booking", {"cel": "line.amount > 3"}, ["cel"]),
        (
            "booking",
            {"counts": {"stays": {"min": 1}}, "segments": ["keen"]},
            ["counts", "segments"],
        ),
        ("completion", {"products": ["hotel"], "min_amount": 5, "tiers": ["gold"]}, []),
        ("activity", {"products": ["hotel"], "weekdays": ["mon"]}, ["products"]),
        (
            "redemption",
            {"payment_methods": ["card"], "member": {"birthday_month": True}},
            ["payment_methods"],
        ),
        ("activity", {"member": {"joined_days": {"max": 9}}, "tiers": ["gold"]}, []),
    ],
)
def test_a_step_asks_only_what_its_fact_still_answers_later(
    fact: str, when: dict[str, Any], keys: list[str]
) -> None:
    keen = segment("true")
    found = refused(grants=[mission(fact, **when)], segments=[keen])
    assert found == [("unknown_key", f"grants.0.steps.0.when.{key}") for key in keys]


def test_a_condition_that_can_be_read_no_more_errs() -> None:
    """A version that is published loads as it is, whatever becomes of the language."""
    bonus = make.rule("bonus", "old", points=5, when={"cel": "line.colour == 'red'"})
    policy = reader.validate(make.variant(BASE, bonus))
    line = Line(1, "hotel", 100_00)
    found = earning.evaluate(policy, [line], MemberFacts("silver"), day=date(2026, 3, 15))
    assert found.points == 100
    assert found.explanation[-1].code == "condition_error"
