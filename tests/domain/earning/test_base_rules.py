"""Rates and steps: which of them applies to a line, and what it pays."""

import pytest

from domain.programmes.policy import Policy
from tests.support import factories as make
from tests.support.evaluated import awards, earned, variant

AGENCY_PRODUCTS = [
    "domestic_group_tour",
    "overseas_group_tour",
    "overseas_independent",
    "local_experience",
]


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
