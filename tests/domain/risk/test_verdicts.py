"""Which rules fire at a fact, and which of them decides."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from domain.programmes.risk_terms import AnyRiskRule, RiskTerms
from domain.risk import verdicts
from domain.risk.prior_facts import PriorFacts
from tests.support import risks

NOTHING_SEEN = PriorFacts()


def terms(*rules: dict[str, Any]) -> RiskTerms:
    return RiskTerms.model_validate({"rules": list(rules)})


def fires(rule: dict[str, Any], seen: PriorFacts | None, points: int) -> bool:
    read: AnyRiskRule = TypeAdapter(AnyRiskRule).validate_python(rule)
    known = {} if seen is None else {read.code: seen}
    return bool(verdicts.judge([read], known, points).fired)


@pytest.mark.parametrize(
    ("rule", "seen", "points", "expected"),
    [
        (risks.velocity("v", "earn", "hold", more_than=20), PriorFacts(19, 900), 10, False),
        (risks.velocity("v", "earn", "hold", more_than=20), PriorFacts(20, 900), 10, True),
        # nothing is known of a signal that nobody sent
        (risks.velocity("v", "earn", "hold", by="card", more_than=0), None, 10, False),
        (
            risks.velocity("v", "earn", "hold", of="points", more_than=100),
            PriorFacts(1, 90),
            10,
            False,
        ),
        (
            risks.velocity("v", "earn", "hold", of="points", more_than=100),
            PriorFacts(1, 90),
            11,
            True,
        ),
        (risks.rule("a", "earn", "amount", "hold", over=100), None, 100, False),
        (risks.rule("a", "earn", "amount", "hold", over=100), None, 101, True),
    ],
)
def test_more_than_the_rule_says(
    rule: dict[str, Any], seen: PriorFacts | None, points: int, *, expected: bool
) -> None:
    assert fires(rule, seen, points) is expected


@pytest.mark.parametrize(
    ("share", "count", "came_back", "expected"),
    [
        ("0.8", 4, 4, False),
        ("0.8", 5, 3, False),
        ("0.8", 5, 4, True),
        # exactly: 0.7 of 10 is 7, in no float
        ("0.7", 10, 7, True),
        ("0.7", 10, 6, False),
        ("1", 5, 5, True),
        ("1", 6, 5, False),
    ],
)
def test_a_share_of_enough_bookings(
    share: str, count: int, came_back: int, *, expected: bool
) -> None:
    rule = risks.rule("l", "earn", "loop", "review", bookings=5, share=share, days=90)
    assert fires(rule, PriorFacts(count, 0, came_back), 1) is expected


def test_the_hardest_live_rule_decides() -> None:
    rules = [
        risks.rule("held", "earn", "amount", "hold", over=1),
        risks.rule("read", "earn", "amount", "review", over=10),
        risks.rule("no", "earn", "amount", "deny", over=100, facts=["activity"]),
        risks.rule("dry", "earn", "amount", "deny", over=0, mode="shadow"),
    ]
    of_activities = terms(*rules).asked_of("earn", "activity")
    for points, decision in ((1, None), (2, "hold"), (11, "review"), (101, "deny")):
        assert verdicts.judge(of_activities, {}, points).decision == decision
    of_bookings = terms(*rules).asked_of("earn", "booking")
    judged = verdicts.judge(of_bookings, {}, 101)
    assert (judged.decision, [one.code for one in judged.fired]) == (
        "review",
        ["held", "read", "dry"],
    )
    assert terms(*rules).asked_of("redeem") == ()
