"""What an activity pays: a fixed number, or by what was reported of it."""

from decimal import Decimal

import pytest

from domain.earning import earning
from domain.earning.values import Reason
from domain.programmes import reader
from tests.support import factories as make

OTA = reader.validate(make.shipped_document())


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
