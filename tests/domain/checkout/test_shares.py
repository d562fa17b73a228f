"""How much of a booking points may pay, by its lines, seasons and rates."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.checkout import caps
from domain.checkout.booking_lines import LineSent
from domain.checkout.caps import Cap
from domain.earning.values import Line
from domain.programmes import reader
from tests.support import factories as make
from tests.support.sharing import sharing

PEAK, OFF = date(2026, 8, 1), date(2026, 5, 1)
HOT = {"hot_route": True}
AGENCY_SHARES: list[dict[str, Any]] = [
    {"percent": 10, "attributes": HOT, "seasons": ["peak"]},
    {"percent": 20, "attributes": HOT},
    {"percent": 50},
]


def cap_of(document: Any, *sent: LineSent, tier: str = "silver") -> Cap:
    terms = reader.validate(document)
    lines = [
        Line(
            number,
            line.product,
            int(line.amount * 100),
            line.attributes or {},
            travel_from=line.travel_from,
        )
        for number, line in enumerate(sent, 1)
    ]
    return caps.cap(terms, tier, lines)


def hot(amount: str, travel_from: date | None) -> LineSent:
    return replace(make.line_of("flight", amount, hot_route=True), travel_from=travel_from)


@pytest.mark.parametrize(
    ("travel_from", "percent", "worth"),
    [(PEAK, 10, 30000), (OFF, 20, 60000), (None, 10, 30000)],
)
def test_a_hot_route_of_3000(travel_from: date | None, percent: int, worth: int) -> None:
    cap = cap_of(sharing(*AGENCY_SHARES), hot("3000", travel_from))
    assert (int(cap.lines[0].percent), cap.cap_minor, cap.points_max) == (
        percent,
        worth,
        worth // 100,
    )


@pytest.mark.parametrize("shares", list(itertools.permutations(AGENCY_SHARES)))
def test_the_order_of_shares_does_not_matter(shares: Sequence[dict[str, Any]]) -> None:
    document = sharing(*shares)
    assert cap_of(document, hot("3000", PEAK)).points_max == 300
    assert cap_of(document, hot("3000", OFF)).points_max == 600
    assert cap_of(document, make.line_of("flight", "3000")).points_max == 1500


def test_the_season_is_that_of_travel_and_not_of_booking() -> None:
    document = sharing(*AGENCY_SHARES)
    for day, points in {
        date(2026, 6, 30): 600,
        date(2026, 7, 1): 300,
        date(2026, 8, 31): 300,
        date(2026, 9, 1): 600,
    }.items():
        assert cap_of(document, hot("3000", day)).points_max == points


def test_the_share_with_more_selectors_wins_and_a_tie_goes_to_the_lower() -> None:
    flight = {"percent": 30, "products": ["flight"]}
    hot_one = {"percent": 40, "attributes": HOT}
    both = {"percent": 60, "products": ["flight"], "attributes": HOT}
    line = hot("1000", PEAK)
    assert cap_of(sharing(flight, hot_one, {"percent": 90}), line).points_max == 300
    assert cap_of(sharing(flight, hot_one, both), line).points_max == 600
    # what does not match does not count
    assert cap_of(sharing({"percent": 30, "products": ["hotel"]}), line).points_max == 0


def test_a_selector_that_says_nothing_is_none() -> None:
    """`products: null` selects nothing, so it makes a share no more specific."""
    empty = {"percent": 30, "products": None, "seasons": None}
    assert (
        cap_of(sharing(empty, {"percent": 60, "attributes": HOT}), hot("1000", OFF)).points_max
        == 600
    )


def test_without_a_day_only_a_share_that_could_apply_counts() -> None:
    """The one for hot flights is more specific than the season's, whatever the season."""
    sure = {"percent": 40, "products": ["flight"], "attributes": HOT}
    shares = (sure, {"percent": 10, "seasons": ["peak"]}, {"percent": 5})
    assert cap_of(sharing(*shares), hot("1000", PEAK)).points_max == 400
    assert cap_of(sharing(*shares), hot("1000", OFF)).points_max == 400
    assert cap_of(sharing(*shares), hot("1000", None)).points_max == 400


def test_shares_are_capped_by_line_and_summed() -> None:
    lines = (hot("3000", PEAK), hot("1000.99", OFF), make.line_of("hotel", "0.99"))
    cap = cap_of(sharing(*AGENCY_SHARES), *lines)
    # 10 % of 3000, 20 % of 1000.99 is 200.198, half of 0.99 is 0.495, each rounded down
    assert [line.cap_minor for line in cap.lines] == [30000, 20019, 49]
    assert cap.points_max == 500


@pytest.mark.parametrize(("step", "expected"), [(1, 9999), (100, 9900), (5000, 5000)])
def test_points_are_taken_in_whole_steps(step: int, expected: int) -> None:
    document = sharing({"percent": 100}, step=step, worth=100)
    assert cap_of(document, make.line_of("hotel", "99.99")).points_max == expected


def test_a_rate_of_the_season_of_travel_makes_points_buy_more() -> None:
    document = sharing({"percent": 100}, worth=100)
    document["redemption_rates"] = [
        {"code": "double", "name": make.WORDS, "factor": 2, "seasons": ["peak"]}
    ]
    assert cap_of(document, hot("100", PEAK)).points_max == 5000
    assert cap_of(document, hot("100", OFF)).points_max == 10000
    # of several lines the lowest rate
    assert cap_of(document, hot("100", PEAK), hot("100", OFF)).points_max == 20000
