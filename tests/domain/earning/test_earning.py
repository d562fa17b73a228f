"""What bookings and activities earn, to the point and with the reasons."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.earning import earning
from domain.earning.values import Allowance, Award, Evaluation, Line, MemberFacts, Reason
from domain.programmes import reader
from domain.programmes.policy import Policy
from tests.support import factories as make

DAY = date(2026, 3, 15)
OTA = reader.validate(make.shipped_document())

AGENCY_PRODUCTS = [
    "domestic_group_tour",
    "overseas_group_tour",
    "overseas_independent",
    "local_experience",
]


def lines_of(*lines: tuple[str, str] | tuple[str, str, Mapping[str, Any]]) -> list[Line]:
    """`("flight", "1500")`, or with line attributes behind."""
    return [
        Line(number, line[0], int(Decimal(line[1]) * 100), line[2] if len(line) > 2 else {})
        for number, line in enumerate(lines, 1)
    ]


def earned(
    by: Policy,
    *lines: tuple[str, str] | tuple[str, str, Mapping[str, Any]],
    tier: str = "silver",
    birthday: bool = False,
    profile: Mapping[str, Any] | None = None,
    payment_method: str | None = None,
    day: date = DAY,
    allowances: Mapping[str, Allowance] | None = None,
) -> Evaluation:
    found = earning.evaluate(
        by,
        lines_of(*lines),
        MemberFacts(tier, birthday, profile or {}),
        day=day,
        payment_method=payment_method,
        allowances=allowances,
    )
    assert sum(award.points for award in found.awards) == found.points
    assert sum(found.line_points.values()) == found.points
    return found


def awards(found: Evaluation) -> dict[str, int]:
    assert len({award.rule for award in found.awards}) == len(found.awards)
    return {award.rule: award.points for award in found.awards}


def reason(found: Evaluation, code: str) -> Reason:
    (only,) = [one for one in found.explanation if one.code == code]
    return only


def variant(*rules: dict[str, Any], **changes: Any) -> Policy:
    return reader.validate(make.variant(*rules, **changes))


BASE = make.rule("rate", "base", points=1)


# The shipped policy.


def test_the_golden_numbers() -> None:
    assert earned(OTA, ("flight", "1500")).points == 1500
    assert earned(OTA, ("hotel", "2000")).points == 2000


def test_a_flight_of_2400_earns_2900() -> None:
    found = earned(OTA, ("flight", "2400"))
    assert found.points == 2900
    assert found.awards == (Award("base", 2400), Award("flight_over_2000", 500))


@pytest.mark.parametrize(
    ("amount", "points"), [("1999.99", 1999), ("2000", 2500), ("2000.01", 2500)]
)
def test_a_threshold_is_reached_exactly(amount: str, points: int) -> None:
    assert earned(OTA, ("flight", amount)).points == points


def test_a_near_miss_says_what_was_short() -> None:
    found = earned(OTA, ("flight", "1880"))
    assert found.points == 1880
    assert reason(found, "near_miss") == Reason(
        "near_miss",
        {"rule": "flight_over_2000", "short_minor": 12000, "currency": "CNY", "bonus": 500},
    )


def test_who_bought_no_flight_missed_nothing() -> None:
    assert [r.code for r in earned(OTA, ("hotel", "1999")).explanation] == ["rate"]
    assert [r.code for r in earned(OTA, ("flight", "0")).explanation] == ["rate"]


@pytest.mark.parametrize(
    ("tier", "points", "share"),
    [("silver", 1500, None), ("gold", 1800, 300), ("platinum", 2250, 750), ("diamond", 3000, 1500)],
)
def test_a_tier_multiplies(tier: str, points: int, share: int | None) -> None:
    found = earned(OTA, ("flight", "1500"), tier=tier)
    assert found.points == points
    assert awards(found) == {"base": 1500} | ({"tier": share} if share else {})


def test_a_bonus_is_never_multiplied() -> None:
    found = earned(OTA, ("flight", "2400"), tier="diamond", birthday=True)
    assert awards(found) == {
        "base": 2400,
        "tier": 2400,
        "birthday_month": 4800,
        "flight_over_2000": 500,
    }
    assert found.points == 10100


def test_birthday_and_partner_card_make_four() -> None:
    found = earned(OTA, ("hotel", "100"), birthday=True, payment_method="partner_card")
    assert found.points == 400
    assert found.awards == (
        Award("base", 100),
        Award("birthday_month", 100),
        Award("partner_card", 200),
    )


def test_tier_and_birthday_compose() -> None:
    found = earned(OTA, ("hotel", "100"), tier="gold", birthday=True)
    assert found.points == 240
    assert awards(found) == {"base": 100, "tier": 20, "birthday_month": 120}


def test_another_card_multiplies_nothing() -> None:
    assert earned(OTA, ("hotel", "100"), payment_method="card").points == 100


def test_the_threshold_looks_at_the_total_of_the_matching_lines() -> None:
    found = earned(OTA, ("flight", "1200"), ("hotel", "100"), ("flight", "1300"))
    assert found.points == 3100
    # 500 × 1200 ÷ 2500 = 240 and 500 × 1300 ÷ 2500 = 260
    assert found.line_points == {1: 1440, 2: 100, 3: 1560}
    short = earned(OTA, ("flight", "1999"), ("hotel", "5000"))
    assert short.points == 6999
    assert reason(short, "near_miss").params["short_minor"] == 100


def test_every_share_is_explained_in_order() -> None:
    found = earned(
        OTA, ("flight", "2400"), tier="gold", birthday=True, payment_method="partner_card"
    )
    assert found.explanation == (
        Reason("rate", {"rule": "base", "amount_minor": 240000, "currency": "CNY"}, 2400),
        Reason("tier_multiplier", {"tier": "gold", "factor": "1.2"}, 480),
        Reason("multiplier", {"rule": "birthday_month", "factor": "2"}, 2880),
        Reason("multiplier", {"rule": "partner_card", "factor": "2"}, 5760),
        Reason("bonus", {"rule": "flight_over_2000"}, 500),
    )
    assert found.points == 12020


def test_nothing_is_earned_by_nothing_and_says_so() -> None:
    found = earned(OTA, ("flight", "0"))
    assert (found.points, found.awards, found.line_points) == (0, (), {1: 0})
    empty = earned(variant(), ("flight", "100"))
    assert empty.explanation == (Reason("nothing_earned", {}, 0),)


# Rounding.


def test_45_by_one_point_four_is_63() -> None:
    flights = make.rule("rate_add", "flight_add", add=0.2, when={"products": ["flight"]})
    by = variant(BASE, flights)
    found = earned(by, ("flight", "45"), tier="gold")
    assert found.points == 63  # a float makes 62 of it
    assert awards(found) == {"base": 45, "tier": 9, "flight_add": 9}
    assert reason(found, "rate_add") == Reason("rate_add", {"rule": "flight_add", "add": "0.2"}, 9)
    assert earned(by, ("hotel", "45"), tier="gold").points == 54
    assert earned(by, ("flight", "45")).points == 54


def test_rate_adds_are_added_to_the_tier_before_classes_multiply() -> None:
    by = variant(
        BASE,
        make.rule("rate_add", "one", add="0.2"),
        make.rule("rate_add", "two", add="0.1", when={"products": ["flight"]}),
        make.rule("multiplier", "double", _class="campaign", factor=2),
    )
    found = earned(by, ("flight", "100"), ("hotel", "100"), tier="gold")
    # flight 100 × (1.2 + 0.2 + 0.1) × 2 = 300, hotel 100 × (1.2 + 0.2) × 2 = 280
    assert found.points == 580
    assert found.line_points == {1: 300, 2: 280}
    assert awards(found) == {"base": 200, "tier": 40, "one": 40, "two": 10, "double": 290}


def test_a_booking_is_rounded_down_once() -> None:
    assert earned(OTA, ("hotel", "0.50"), ("hotel", "0.50")).points == 1
    assert earned(OTA, ("hotel", "0.99")).points == 0
    assert earned(OTA, ("hotel", "33.33"), tier="platinum").points == 49  # 49.995
    assert earned(OTA, *[("hotel", "0.10")] * 9).points == 0
    assert earned(OTA, *[("hotel", "0.10")] * 10).points == 1


def test_shares_of_rules_are_cumulative_floors() -> None:
    found = earned(OTA, ("hotel", "1.90"), tier="gold", birthday=True)
    # 1.90 → 1; × 1.2 = 2.28 → 2; × 2 = 4.56 → 4
    assert found.awards == (Award("base", 1), Award("tier", 1), Award("birthday_month", 2))


def test_a_share_of_nothing_is_no_award() -> None:
    found = earned(OTA, ("hotel", "0.90"), tier="gold")  # 0.90 → 0; 1.08 → 1
    assert found.awards == (Award("tier", 1),)


@pytest.mark.parametrize(
    ("amounts", "points"),
    [
        (("1.60", "1.70", "1.70"), {1: 1, 2: 2, 3: 2}),  # largest remainders
        (("0.50", "0.50", "0.50"), {1: 1, 2: 0, 3: 0}),  # a tie goes to the lower number
        (("0.50", "0.50"), {1: 1, 2: 0}),
        (("0.30", "0.30", "0.40"), {1: 0, 2: 0, 3: 1}),
        (("1", "0", "1.99"), {1: 1, 2: 0, 3: 1}),  # 2 × 1 ÷ 2.99 and 2 × 1.99 ÷ 2.99
    ],
)
def test_points_are_spread_by_largest_remainder(
    amounts: tuple[str, ...], points: dict[int, int]
) -> None:
    found = earned(OTA, *[("hotel", amount) for amount in amounts])
    assert found.line_points == points


def test_ties_go_to_the_lower_number_whatever_the_order() -> None:
    lines = [Line(2, "hotel", 50), Line(1, "hotel", 50)]
    found = earning.evaluate(OTA, lines, MemberFacts("silver"), day=DAY)
    assert found.line_points == {1: 1, 2: 0}


# Base rules.


def agency() -> Policy:
    """Step rates as the travel agency has them."""
    return variant(
        make.rule(
            "step", "domestic", points=1, per=100, when={"products": ["domestic_group_tour"]}
        ),
        make.rule(
            "step", "overseas", points=3, per=200, when={"products": ["overseas_independent"]}
        ),
        make.rule("rate", "others", points="0.015"),
        make.rule("multiplier", "double", _class="campaign", factor=2, when={"tiers": ["gold"]}),
        products=AGENCY_PRODUCTS,
        seasons=[],
        redemption_rates=[],
    )


@pytest.mark.parametrize(
    ("product", "amount", "points"),
    [
        ("domestic_group_tour", "99.99", 0),
        ("domestic_group_tour", "100", 1),
        ("domestic_group_tour", "250", 2),
        ("domestic_group_tour", "6999", 69),
        ("overseas_independent", "199.99", 0),
        ("overseas_independent", "200", 3),
        ("overseas_independent", "500", 6),
        ("local_experience", "199.99", 2),  # 1.5 % = 2.99985
        ("local_experience", "200", 3),
        ("overseas_group_tour", "10000", 150),
    ],
)
def test_a_step_counts_whole_steps(product: str, amount: str, points: int) -> None:
    assert earned(agency(), (product, amount)).points == points


def test_a_step_looks_at_the_total_of_the_matching_lines() -> None:
    found = earned(agency(), ("domestic_group_tour", "150"), ("domestic_group_tour", "150"))
    assert found.points == 3
    assert found.line_points == {1: 2, 2: 1}  # 1.5 each


def test_the_steps_of_one_product_do_not_help_another() -> None:
    found = earned(agency(), ("domestic_group_tour", "50"), ("overseas_independent", "150"))
    assert found.points == 0


def test_steps_and_rates_are_rounded_together() -> None:
    found = earned(agency(), ("domestic_group_tour", "250"), ("local_experience", "66.67"))
    assert found.points == 3  # 2 + 1.00005
    found = earned(agency(), ("local_experience", "33.34"), ("overseas_group_tour", "33.33"))
    assert found.points == 1  # 0.5001 + 0.49995


def test_a_step_is_floored_before_it_is_multiplied() -> None:
    """CNY 190 are one step, doubled; not CNY 380 with three."""
    assert earned(agency(), ("domestic_group_tour", "190"), tier="gold").points == 2
    found = earned(
        agency(), ("domestic_group_tour", "150"), ("domestic_group_tour", "150"), tier="gold"
    )
    # tier ×1.2 and campaign ×2 on 1.5 each: 7.2
    assert found.points == 7


def test_the_most_specific_base_rule_applies_then_the_first() -> None:
    by = variant(
        make.rule("rate", "plain", points=1),
        make.rule("rate", "flights", points=2, when={"products": ["flight"]}),
        make.rule("rate", "business", points=3, when={"attributes": {"business": True}}),
        make.rule(
            "rate",
            "big_business_flights",
            points=5,
            when={"products": ["flight"], "attributes": {"business": True}, "min_amount": 1000},
        ),
    )
    assert awards(earned(by, ("hotel", "10"))) == {"plain": 10}
    assert awards(earned(by, ("flight", "10"))) == {"flights": 20}
    assert awards(earned(by, ("hotel", "10", {"business": True}))) == {"business": 30}
    assert awards(earned(by, ("flight", "10", {"business": True}))) == {"flights": 20}
    assert awards(earned(by, ("flight", "1000", {"business": True}))) == {
        "big_business_flights": 5000
    }
    assert awards(earned(by, ("flight", "10", {"business": False}))) == {"flights": 20}


def test_a_rate_is_for_each_so_much() -> None:
    by = variant(make.rule("rate", "base", points=3, per=200))
    assert earned(by, ("hotel", "66.67")).points == 1  # 1.00005
    assert earned(by, ("hotel", "66.66")).points == 0


# Selectors.


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


# Activities.


def activity(code: str, times_left: int | None = None, **attributes: int | str) -> int:
    rule = OTA.activity_types[code]
    numbers = {name: Decimal(value) for name, value in attributes.items()}
    points, (why,) = earning.evaluate_activity(rule, numbers, times_left=times_left)
    assert why == Reason("activity", {"rule": code}, points)
    return points


def test_an_activity_pays_its_points() -> None:
    assert activity("review", times_left=5) == 100
    assert activity("verification", times_left=1) == 500
    assert activity("browse", times_left=1) == 0


@pytest.mark.parametrize(
    ("score", "points"),
    [
        ("0", 0),
        ("0.99", 0),
        ("1", 10),
        ("9.99", 10),
        ("10", 10),
        ("33", 33),
        ("33.9", 33),
        ("50", 50),
        ("51", 50),
    ],
)
def test_a_quiz_pays_by_score_within_its_bounds(score: str, points: int) -> None:
    assert activity("quiz", times_left=1, score=score) == points


def test_below_from_nothing_is_paid_and_without_it_the_minimum() -> None:
    text = (make.SHIPPED / "ota.yaml").read_text()
    for terms, expected in (("from: 60, minimum: 10", [0, 0, 50]), ("minimum: 10", [10, 50, 50])):
        rule = reader.parse(text.replace("from: 1, minimum: 10", terms)).activity_types["quiz"]
        found = [
            earning.evaluate_activity(rule, {"score": Decimal(score)}, times_left=1)[0]
            for score in ("0", "59.99", "60")
        ]
        assert found == expected


@pytest.mark.parametrize(("amount", "points"), [("0", 0), ("0.99", 0), ("88.88", 88)])
def test_spending_at_a_partner_pays_a_point_for_a_yuan(amount: str, points: int) -> None:
    assert activity("partner_spend", amount=amount) == points


@pytest.mark.parametrize("left", [0, -3])
def test_an_activity_over_its_limit_pays_nothing_and_says_why(left: int) -> None:
    rule = OTA.activity_types["review"]
    assert earning.evaluate_activity(rule, {}, times_left=left) == (
        0,
        (Reason("limit_reached", {"rule": "review", "limit": 5, "per": "day"}, 0),),
    )


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
