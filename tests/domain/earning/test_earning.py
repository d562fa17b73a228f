"""What bookings earn by the shipped policy, to the point and with the reasons."""

import pytest

from domain.earning import earning
from domain.earning.values import Award, Line, MemberFacts, Reason
from domain.programmes import reader
from tests.support import factories as make
from tests.support.evaluated import BASE, DAY, awards, earned, reason, variant

OTA = reader.validate(make.shipped_document())


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
