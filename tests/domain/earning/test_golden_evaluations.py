"""What bookings earn under a policy with rules of every kind, to the last part of a point.

What was judged once is judged again by refunds and amendments, years later: by this same sum.
"""

from dataclasses import replace
from fractions import Fraction
from typing import Any

from domain.earning import earning, entitlements, rulebooks
from domain.earning.clipping import EVERY_RULE
from domain.earning.lot_keys import LotKey
from domain.earning.values import Allowance, Award, Evaluation, Line, MemberFacts, Reason
from tests.support import factories as make
from tests.support.evaluated import BASE, DAY, earned, lines_of, variant

FLIGHTS = {"products": ["flight"]}
POLICY = variant(
    BASE,
    make.rule(
        "step",
        "nights",
        points=3,
        per=200,
        when={"products": ["hotel"]},
        available="on_completion",
        expiry={"months": 1},
    ),
    make.rule("rate_add", "wallet", add="0.5", when={"payment_methods": ["wechat"]}),
    make.rule("multiplier", "sunday", _class="campaign", factor="1.50", when={"weekdays": ["sun"]}),
    make.rule("multiplier", "as_much", _class="campaign", factor="1.5"),
    make.rule(
        "multiplier",
        "hot",
        _class="campaign",
        factor=2,
        when={"attributes": {"hot_route": True}},
        limit={"points": 700, "per": "day"},
    ),
    make.rule("bonus", "small", points=100, exclusive="flights", when=FLIGHTS),
    make.rule(
        "bonus",
        "large",
        points=301,
        exclusive="flights",
        when={**FLIGHTS, "min_amount": 2000},
        funder="carrier",
    ),
    make.rule("bonus", "dear", points=9, when={"min_amount": 100_000}),
)
LINES = lines_of(
    ("flight", "1500.55", {"hot_route": True}),
    ("flight", "900.25"),
    ("hotel", "777.77"),
    ("car", "0"),
)
FIRST = Evaluation(
    5870,
    (
        Award("base", 2400),
        Award("nights", 9),
        Award("tier", 482),
        Award("wallet", 1205),
        Award("sunday", 773),
        Award("hot", 700),
        Award("large", 301),
    ),
    {1: 4017, 2: 1836, 3: 17, 4: 0},
    (
        Reason("rate", {"rule": "base", "amount_minor": 240_080, "currency": "CNY"}, 2400),
        Reason("step", {"rule": "nights", "amount_minor": 77_777, "currency": "CNY"}, 9),
        Reason("tier_multiplier", {"tier": "gold", "factor": "1.2"}, 482),
        Reason("rate_add", {"rule": "wallet", "add": "0.5"}, 1205),
        Reason("multiplier", {"rule": "sunday", "factor": "1.5"}, 773),
        Reason("multiplier", {"rule": "hot", "factor": "2"}, 700),
        Reason("capped", {"rule": "hot", "lost": 1851}),
        Reason(
            "near_miss",
            {"rule": "dear", "short_minor": 9_682_143, "currency": "CNY", "bonus": 9},
        ),
        Reason("exclusive", {"rule": "small", "instead": "large"}, 0),
        Reason("bonus", {"rule": "large"}, 301),
    ),
)


def judged(lines: list[Line], **more: Any) -> Evaluation:
    facts = MemberFacts("gold")
    return earning.evaluate(POLICY, lines, facts, day=DAY, payment_method="wechat", **more)


def said(found: Evaluation) -> tuple[Any, ...]:
    return found.points, found.awards, found.line_points, found.explanation


def test_rules_of_every_kind_add_up_to_what_they_always_did() -> None:
    found = judged(LINES)
    assert said(found) == said(FIRST)
    assert found.by_lot == {
        LotKey(None, 1): 3823,
        LotKey(None, 2): 1720,
        LotKey(None, 3): 17,
        LotKey("nights", 1, waits=True): 6,
        LotKey("nights", 2, waits=True): 3,
        LotKey("large", 1): 188,
        LotKey("large", 2): 113,
    }
    assert found.shares == {
        "base": Fraction(240_080, 100),
        "nights": 9,
        "tier": Fraction(48_196, 100),
        "wallet": Fraction(120_490, 100),
        "sunday": Fraction(7_728_625, 10_000),
        "hot": Fraction(2_550_935, 1000),
    }


def test_of_a_refunded_booking_each_line_keeps_the_rules_that_it_had() -> None:
    left = [replace(line, cash_minor=line.cash_minor // 3) for line in LINES]
    found = judged(left, booked=LINES)
    kept = {"base": 800, "nights": 3, "tier": 160, "wallet": 402, "sunday": 258, "hot": 700}
    assert {award.rule: award.points for award in found.awards} == {**kept, "small": 100}
    assert found.line_points == {1: 1660, 2: 756, 3: 7, 4: 0}
    first = {award.rule: award.points for award in FIRST.awards}
    # a bonus that would be given now was never granted, and no other rule has its points
    assert entitlements.entitled(first, found) == {**kept, "large": 0}


def test_limits_then_caps_then_budgets_clip_each_rule_in_turn() -> None:
    left = {
        "base": Allowance(budget=1000),
        "large": Allowance(times=0),
        "hot": Allowance(points=0),
        EVERY_RULE: Allowance(points=2500),
    }
    found = judged(LINES, allowances=left)
    assert found.awards == (Award("base", 1000), Award("nights", 9), Award("tier", 91))
    assert found.line_points == {1: 756, 2: 341, 3: 3, 4: 0}
    losses = [why for why in found.explanation if "lost" in why.params]
    assert [(why.code, why.params["rule"], why.params["lost"]) for why in losses] == [
        ("budget", "base", 1400),
        ("cap", "tier", 391),
        ("cap", "wallet", 1205),
        ("cap", "sunday", 773),
        ("capped", "hot", 2551),
        ("cap", "small", 100),
    ]


def test_two_versions_that_are_judged_by_in_turn_are_not_taken_for_each_other() -> None:
    one, two = variant(BASE), variant(make.rule("rate", "base", points=2))
    points = [earned(policy, ("hotel", "10")).points for policy in (one, two, one, two)]
    assert points == [10, 20, 10, 20]
    assert rulebooks.of(one) is rulebooks.of(one)
    assert rulebooks.of(one) is not rulebooks.of(two)
