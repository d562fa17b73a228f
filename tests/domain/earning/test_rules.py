"""Which rules apply to a booking, and how bonuses, multipliers and limits meet."""

from datetime import date
from typing import Any

import pytest

from domain.earning.values import Allowance, Reason
from tests.support import factories as make
from tests.support.evaluated import BASE, awards, earned, reason, variant


@pytest.mark.parametrize(
    ("when", "given", "matches"),
    [
        ({"tiers": ["gold", "diamond"]}, {"tier": "diamond"}, True),
        ({"tiers": ["gold"]}, {"tier": "silver"}, False),
        ({"payment_methods": ["wechat", "card"]}, {"payment_method": "card"}, True),
        ({"payment_methods": ["wechat"]}, {"payment_method": None}, False),
        ({"seasons": ["off_season"]}, {"day": date(2025, 11, 10)}, True),
        ({"seasons": ["off_season"]}, {"day": date(2025, 12, 20)}, True),
        ({"seasons": ["off_season"]}, {"day": date(2025, 11, 9)}, False),
        ({"seasons": ["off_season"]}, {"day": date(2025, 12, 21)}, False),
        ({"member": {"birthday_month": True}}, {"birthday": True}, True),
        ({"member": {"birthday_month": True}}, {"birthday": False}, False),
        ({"member": {"profile": {"seat": "aisle"}}}, {"profile": {"seat": "aisle", "x": 1}}, True),
        ({"member": {"profile": {"seat": "aisle"}}}, {"profile": {"seat": "window"}}, False),
        ({"member": {"profile": {"seat": "aisle"}}}, {"profile": {}}, False),
        ({"member": {"profile": {"vip": True, "age": 30}}}, {"profile": {"vip": True}}, False),
        ({"products": ["hotel"]}, {}, True),
        ({"products": ["flight", "train"]}, {}, False),
        ({"attributes": {"city": "上海"}}, {}, True),
        ({"attributes": {"city": "北京"}}, {}, False),
        ({"attributes": {"hot_route": False}}, {}, False),
        ({"attributes": {"city": "上海", "niche": True}}, {}, False),
        ({"min_amount": 100}, {}, True),
        ({"min_amount": "100.01"}, {}, False),
        ({}, {}, True),
    ],
)
def test_everything_given_must_match(
    when: dict[str, Any], given: dict[str, Any], matches: bool
) -> None:
    by = variant(BASE, make.rule("bonus", "extra", points=7, when=when))
    found = earned(by, ("hotel", "100", {"city": "上海"}), **{"tier": "silver", **given})
    assert awards(found).get("extra", 0) == (7 if matches else 0)


def test_a_rule_multiplies_the_lines_that_it_is_about() -> None:
    by = variant(
        BASE, make.rule("multiplier", "x", _class="campaign", factor=3, when={"products": ["car"]})
    )
    found = earned(by, ("car", "10"), ("hotel", "10"))
    assert found.line_points == {1: 30, 2: 10}
    assert awards(found) == {"base": 20, "x": 20}


def test_of_one_class_the_largest_factor_counts_line_by_line() -> None:
    by = variant(
        BASE,
        make.rule("multiplier", "all", _class="campaign", factor=2),
        make.rule(
            "multiplier", "hotels", _class="campaign", factor=3, when={"products": ["hotel"]}
        ),
        make.rule(
            "multiplier", "small", _class="campaign", factor="1.5", when={"products": ["hotel"]}
        ),
    )
    found = earned(by, ("flight", "100"), ("hotel", "100"))
    assert found.line_points == {1: 200, 2: 300}
    assert awards(found) == {"base": 200, "all": 100, "hotels": 200}


def test_of_equal_factors_the_first_counts() -> None:
    by = variant(
        BASE,
        make.rule("multiplier", "first", _class="campaign", factor=2),
        make.rule("multiplier", "second", _class="campaign", factor=2),
    )
    assert awards(earned(by, ("hotel", "100"))) == {"base": 100, "first": 100}


def test_several_bonuses_are_added() -> None:
    by = variant(
        BASE,
        make.rule("bonus", "one", points=10, when={"products": ["flight"]}),
        make.rule("bonus", "two", points=5, when={"min_amount": 200}),
    )
    found = earned(by, ("flight", "100"), ("hotel", "100"))
    assert awards(found) == {"base": 200, "one": 10, "two": 5}
    # one is the flight's alone, two is 2.5 each: the tie goes to the first line
    assert found.line_points == {1: 113, 2: 102}


def test_a_zero_amount_earns_nothing_not_even_a_bonus() -> None:
    by = variant(BASE, make.rule("bonus", "gift", points=5, when={"products": ["hotel"]}))
    assert earned(by, ("hotel", "0"), ("hotel", "0")).points == 0
    assert awards(earned(by, ("flight", "7"), ("hotel", "0"))) == {"base": 7}
    found = earned(by, ("flight", "0"), ("hotel", "0"), ("hotel", "0.01"))
    assert (found.points, found.line_points) == (5, {1: 0, 2: 0, 3: 5})


# Limits.


def test_a_bonus_used_up_pays_nothing_and_says_so() -> None:
    by = variant(BASE, make.rule("bonus", "extra", points=500, limit={"times": 1, "per": "month"}))
    assert earned(by, ("hotel", "10")).points == 510
    found = earned(by, ("hotel", "10"), allowances={"extra": Allowance(times=0)})
    assert found.points == 10
    assert reason(found, "capped") == Reason("capped", {"rule": "extra", "lost": 500})


def test_a_limit_of_points_clips_to_what_is_left() -> None:
    by = variant(
        make.rule("rate", "base", points=1, limit={"points": 1000, "per": "month"}),
    )
    whole = earned(by, ("hotel", "1500"))
    assert (whole.points, reason(whole, "capped").params["lost"]) == (1000, 500)
    part = earned(by, ("hotel", "1500"), allowances={"base": Allowance(points=300)})
    assert (part.points, reason(part, "capped").params["lost"]) == (300, 1200)
    none = earned(by, ("hotel", "1500"), allowances={"base": Allowance(points=0)})
    assert (none.points, none.awards) == (0, ())
    assert reason(none, "capped").params["lost"] == 1500


def test_a_clipped_rule_leaves_the_others_their_shares() -> None:
    by = variant(
        make.rule("rate", "base", points=1, limit={"points": 100, "per": "day"}),
        make.rule(
            "multiplier",
            "double",
            _class="campaign",
            factor=2,
            limit={"points": 30, "per": "member"},
        ),
    )
    found = earned(by, ("hotel", "150"), ("hotel", "50"), tier="gold")
    # base 200 clipped to 100, tier 40, double 240 clipped to 30
    assert awards(found) == {"base": 100, "tier": 40, "double": 30}
    # 170 spread as 150 : 50 is 127.5 and 42.5
    assert found.line_points == {1: 128, 2: 42}


# Groups of bonuses of which a booking gets one.

FIRST = make.rule(
    "bonus",
    "first",
    points=500,
    when={"min_amount": 2000},
    limit={"times": 1, "per": "month"},
    exclusive="spring",
)
SECOND = make.rule("bonus", "second", points=300, when={"min_amount": 1000}, exclusive="spring")
THIRD = make.rule("bonus", "third", points=300, exclusive="spring")
OTHER = make.rule("bonus", "other", points=7, exclusive="autumn")


@pytest.mark.parametrize(
    ("amount", "left", "granted", "instead"),
    [
        ("2400", None, {"first": 500}, {"second": "first", "third": "first"}),
        ("1999.99", None, {"second": 300}, {"third": "second"}),
        ("999.99", None, {"third": 300}, {}),
        ("2400", Allowance(times=0), {"second": 300}, {"first": "second", "third": "second"}),
        # a budget is not the group's: what it clips goes to nobody
        (
            "2400",
            Allowance(times=1, budget=20),
            {"first": 20},
            {"second": "first", "third": "first"},
        ),
    ],
)
def test_of_a_group_the_bonus_that_grants_most_counts(
    amount: str, left: Allowance | None, granted: dict[str, int], instead: dict[str, str]
) -> None:
    policy = variant(FIRST, SECOND, THIRD, OTHER)
    allowances = {} if left is None else {"first": left}
    found = earned(policy, ("flight", amount), allowances=allowances)
    assert awards(found) == {**granted, "other": 7}
    lost = [one.params for one in found.explanation if one.code == "exclusive"]
    assert {one["rule"]: one["instead"] for one in lost} == instead


def test_a_limit_of_which_nothing_is_used_counts_in_its_group() -> None:
    """It leaves 100 of 500 points, so that the bonus of 300 grants more."""
    limited = {**FIRST, "limit": {"points": 100, "per": "month"}}
    found = earned(variant(limited, SECOND), ("flight", "2400"))
    assert awards(found) == {"second": 300}
