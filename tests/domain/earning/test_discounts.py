"""What a tier takes off a booking: which discount a line takes, and cents that add up."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.earning import discounts
from domain.earning.values import Line
from domain.programmes import reader
from domain.programmes.policy import Policy
from domain.programmes.refusals import PolicyInvalid
from tests.support import factories as make

PEAK, QUIET = date(2027, 7, 10), date(2027, 5, 10)


def offering(*offered: dict[str, Any], **level: Any) -> Policy:
    """The shipped programme with these discounts of the entry tier."""
    document = make.shipped_document()
    document["seasons"] = [
        {
            "code": "peak",
            "name": make.WORDS,
            "spans": [{"from": "2027-07-01", "through": "2027-08-31"}],
        }
    ]
    document["redemption_rates"] = []
    document["tiers"]["levels"][0] |= {"discounts": list(offered), **level}
    return reader.validate(document)


def off(
    policy: Policy, *amounts: tuple[str, str], day: date | None = None, **attributes: Any
) -> dict[int, int]:
    lines = [
        Line(number, product, int(Decimal(amount) * 100), attributes, travel_from=day)
        for number, (product, amount) in enumerate(amounts, 1)
    ]
    return discounts.on_lines(policy, "silver", lines)


def test_each_line_takes_the_discount_with_the_most_selectors() -> None:
    policy = offering(
        {"percent": 10, "products": ["hotel"]},
        {"percent": 4, "products": ["hotel"], "attributes": {"business": True}},
        {
            "percent": 2,
            "products": ["hotel"],
            "attributes": {"business": True},
            "travel_seasons": ["peak"],
        },
        discount_percent=1,
    )
    assert off(policy, ("hotel", "100"), ("flight", "100")) == {1: 1_000, 2: 100}
    assert off(policy, ("hotel", "100"), business=True) == {1: 400}
    assert off(policy, ("hotel", "100"), business=True, day=PEAK) == {1: 200}
    assert off(policy, ("hotel", "100"), business=True, day=QUIET) == {1: 400}
    assert off(policy, ("hotel", "100"), day=PEAK) == {1: 1_000}


def test_of_equally_specific_discounts_the_lower_counts() -> None:
    offered = (
        {"percent": 10, "products": ["hotel"]},
        {"percent": 7, "attributes": {"business": True}},
        {"percent": 0, "travel_seasons": ["peak"]},
    )
    policy = offering(*offered)
    assert off(policy, ("hotel", "100"), business=True) == {1: 700}
    assert off(policy, ("hotel", "100"), business=True, day=PEAK) == {}
    assert off(policy, ("car", "100")) == {}


def test_discounts_are_summed_exactly_and_rounded_down_once() -> None:
    """Three of 3.333 cents make 9; four make 13, and the odd one is the first line's."""
    policy, hotel = offering(discount_percent="33.33"), ("hotel", "0.10")
    assert off(policy, hotel, hotel, hotel) == {1: 3, 2: 3, 3: 3}
    assert off(policy, hotel, hotel, hotel, hotel) == {1: 4, 2: 3, 3: 3, 4: 3}
    assert off(policy, ("hotel", "0.01")) == {}


@given(
    st.lists(st.integers(0, 10**9), min_size=1, max_size=20),
    st.decimals(0, 100, places=6),
)
def test_the_lines_add_up_to_what_is_off_in_all(amounts: list[int], percent: Decimal) -> None:
    policy = offering(discount_percent=str(percent))
    lines = [Line(number, "hotel", minor) for number, minor in enumerate(amounts, 1)]
    found = discounts.on_lines(policy, "silver", lines)
    assert sum(found.values()) == int(sum(amounts) * percent / 100)
    for line in lines:
        exact = line.amount_minor * percent / 100
        assert int(exact) <= found.get(line.number, 0) <= int(exact) + 1
        assert found.get(line.number, 0) <= line.amount_minor


@pytest.mark.parametrize(
    ("discount", "path", "code"),
    [
        ({"percent": 5, "products": ["boat"]}, "products.0", "undefined"),
        ({"percent": 5, "travel_seasons": ["dusk"]}, "travel_seasons.0", "undefined"),
        ({"percent": 5, "attributes": {"sea": True}}, "attributes.sea", "undefined"),
        (
            {"percent": 5, "attributes": {"business": "yes"}},
            "attributes.business",
            "value_type",
        ),
    ],
)
def test_what_a_discount_cannot_ask_for(discount: dict[str, Any], path: str, code: str) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        offering(discount)
    [fault] = refused.value.faults
    assert fault.path == f"tiers.levels.0.discounts.0.{path}"
    assert fault.code == code
