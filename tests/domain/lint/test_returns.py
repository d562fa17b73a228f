"""The proved maximum return, and the booking that comes nearest to it."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from domain.lint import lint, returns
from domain.programmes import reader
from domain.programmes.policy import Policy
from domain.programmes.refusals import PolicyInvalid
from tests.support import factories as make
from tests.support.documents import HEAD, named, policy

SINCE = date(2026, 11, 26)
TARGET = "target_return: {maximum: 5, basket: 1000}"
BASE = named("base", "kind: rate, points: 1")


def ota() -> Policy:
    """The shipped document."""
    document = make.shipped_document()
    document["target_return"] = {"maximum": 17, "basket": 1000}
    return reader.validate(document)


def agency(niche: int) -> Policy:
    head = HEAD.replace("points: 100, money: 1", "points: 1, money: 1").replace(
        "multiplier: 1.5", ""
    )
    products = "products: [domestic_group_tour, overseas_independent, hotel]"
    step = "kind: step, points"
    rules = [
        named("base", "kind: rate, points: 1.5, per: 100"),
        named("domestic", f"{step}: 1, per: 100, when: {{products: [domestic_group_tour]}}"),
        named("overseas", f"{step}: 3, per: 200, when: {{products: [overseas_independent]}}"),
        named(
            "niche_route", f"kind: bonus, points: {niche}, when: {{attributes: {{niche: true}}}}"
        ),
    ]
    return policy(
        {"earning": rules},
        "target_return: {maximum: 2, basket: 3000}",
        head=head.replace("products: [flight, hotel, train]", products),
    )


def test_an_agency_of_two_percent() -> None:
    found = lint.lint(agency(15), SINCE)
    assert (found.maximum_return, found.findings) == (Decimal("2.000"), [])
    assert found.witness is not None
    assert found.witness.percent == 2
    [above] = lint.lint(agency(20), SINCE).findings
    assert above.name == "RETURN_ABOVE_TARGET@target_return"
    assert above.params == {"percent": Decimal("2.167"), "target": Decimal(2)}


def test_ota_multiplies_to_sixteen_and_its_bonuses_are_of_other_lines() -> None:
    found = lint.lint(ota(), SINCE)
    assert found.maximum_return == Decimal("16.275")
    best = found.witness
    assert best is not None
    assert (best.points, best.line.amount_minor) == (16_000, 100_000)
    assert best.percent == 16
    assert (best.line.product, best.line.attributes) == ("hotel", {"business": True})
    assert (best.member.tier, best.member.in_birthday_month) == ("diamond", True)
    assert best.payment_method == "partner_card"


def test_a_rate_that_is_over_is_not_to_come() -> None:
    assert lint.lint(ota(), date(2025, 12, 20)).maximum_return == Decimal("32.550")
    assert lint.lint(ota(), date(2025, 12, 21)).maximum_return == Decimal("16.275")


def percent(*rules: str, head: str = HEAD, **lists: list[str]) -> Fraction:
    """The bound from 1000 on; a point is worth 1 %."""
    made = policy({"earning": [BASE, *rules], **lists}, TARGET, head=head)
    found = lint.lint(made, SINCE)
    assert found.witness is not None
    assert found.maximum_return is not None
    assert found.witness.percent <= Fraction(found.maximum_return)
    return Fraction(found.maximum_return)


def test_what_raises_the_bound_and_what_does_not() -> None:
    assert percent() == Fraction("1.5")
    assert percent(named("add", "kind: rate_add, add: 0.5, when: {tiers: [silver]}")) == Fraction(
        "1.5"
    )
    assert percent(named("add", "kind: rate_add, add: 0.5")) == 2
    # a bonus is the most at its least amount, where this is above the basket
    assert percent(named("b", "kind: bonus, points: 1000")) == Fraction("2.5")
    assert percent(named("b", "kind: bonus, points: 1000, when: {min_amount: 2000}")) == 2
    assert percent(named("b", "kind: bonus, points: 1000, when: {min_amount: 10}")) == Fraction(
        "2.5"
    )
    group = "kind: bonus, exclusive: g, points"
    assert percent(named("b", f"{group}: 1000"), named("c", f"{group}: 900")) == Fraction("2.5")
    # a base rule that may not hold does not hide another, one that surely does is the base
    assert percent(
        named("less", "kind: rate, points: 0.5, when: {products: [hotel, flight, train]}")
    ) == (Fraction("0.75"))
    maybe = "kind: rate, points: 0.5, when: {products: [hotel, flight, train], min_amount: 5}"
    assert percent(named("less", maybe)) == Fraction("1.5")
    # limits and budgets are left out
    limited = "kind: bonus, points: 1000, limit: {times: 1, per: member}, budget: {points: 1000}"
    assert percent(named("b", limited)) == Fraction("2.5")


def test_discounts_of_the_tier_are_added() -> None:
    silver = HEAD.replace("threshold: 0", "threshold: 0, discount_percent: 10")
    assert percent(head=silver) == 11
    # of a line the most specific discount counts, whichever is larger
    some = "discounts: [{percent: 3, products: [flight, hotel, train]}, {percent: 9}]"
    assert percent(head=HEAD.replace("multiplier: 1.5", f"multiplier: 1.5, {some}")) == Fraction(
        "4.5"
    )


def test_seasons_of_booking_and_travel_and_validity_are_states() -> None:
    spans = "spans: [{from: 2027-05-01, through: 2027-05-31}]"
    season = [named("may", spans)]
    triple = "kind: multiplier, class: c, factor: 3"
    seasonal = named("m", f"{triple}, when: {{seasons: [may], weekdays: [sun]}}")
    assert percent(seasonal, multiplier_classes=["c"], seasons=season) == Fraction("4.5")
    travel = named(
        "m", f"{triple}, when: {{travel_seasons: [may], nights: {{min: 2}}, lead_days: {{min: 9}}}}"
    )
    assert percent(travel, multiplier_classes=["c"], seasons=season) == Fraction("4.5")
    over = named("m", f"{triple}, valid: {{through: 2026-11-25}}")
    assert percent(over, multiplier_classes=["c"], seasons=season) == Fraction("1.5")
    # what holds on different days never multiplies
    other = named("n", "kind: bonus, points: 1000, valid: {through: 2027-04-30}")
    both = percent(seasonal, other, multiplier_classes=["c"], seasons=season)
    assert both == Fraction("4.5")


def test_the_witness_has_the_counts_and_numbers_that_rules_ask_for() -> None:
    counts = "counts: {stays: {of: bookings, days: 9}, cash: {of: spend}}"
    asks = "counts: {stays: {min: 3}, cash: {min: 100, max: 200}}, attributes: {stars: {min: 4}}"
    double = named("m", f"kind: multiplier, class: c, factor: 2, when: {{{asks}}}")
    lists = {"multiplier_classes": ["c"], "earning": [BASE, double]}
    found = lint.lint(policy(lists, f"{TARGET}\n{counts}"), SINCE)
    assert (found.findings, found.maximum_return) == ([], Decimal("3.000"))
    assert found.witness is not None
    assert found.witness.percent == 3
    assert found.witness.member.counts == {"stays": 3, "cash": 10_000}
    assert found.witness.line.attributes == {"stars": 4}


@pytest.mark.parametrize(
    "asks",
    [
        "cel: 'line.product == \"hotel\"'",
        "cel: 'line.nights >= 3'",
        "cel: 'count.stays >= 3'",
        "cel: 'segment.many && count.cash / count.stays > 100'",
        "segments: [many], products: [hotel]",
        "cel: 'line.lead_days > 20 && line.nights == 2 && fact.hour > 17'",
        "cel: 'line.travel_from == \"2027-02-03\" && member.joined_days < 9'",
        "cel: 'fact.weekday == 7 && booking.payment_method == \"card\"'",
        "weekdays: [sat], lead_days: {min: 3}, travel_weekdays: [mon]",
        "lead_days: {min: 3, max: 3}, nights: {min: 2, max: 2}, travel_weekdays: [mon]",
    ],
)
def test_the_witness_is_worth_the_bound_whatever_rules_ask(asks: str) -> None:
    """1 for 1, tier 1.5, and a multiplier of 2: 3 %."""
    counts = "counts: {stays: {of: bookings, days: 9}, cash: {of: spend}}"
    segments = (
        "segments: [{code: many, name: {zh-CN: 多, en: Many}, when: {cel: 'count.stays > 2'}}]"
    )
    double = named("m", f"kind: multiplier, class: c, factor: 2, when: {{{asks}}}")
    lists = {"multiplier_classes": ["c"], "earning": [BASE, double]}
    found = lint.lint(policy(lists, f"{TARGET}\n{counts}\n{segments}"), SINCE)
    assert found.maximum_return == Decimal("3.000")
    assert found.witness is not None
    assert found.witness.percent == 3


ADD = "kind: rate_add, add"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param(
            (
                f"{ADD}: 1, when: {{cel: 'line.lead_days > 20'}}",
                f"{ADD}: 1, when: {{counts: {{stays: {{min: 2}}}}, travel_weekdays: [mon]}}",
            ),
            Decimal("3.500"),
            id="a day of travel is no other weekday for being later",
        ),
        pytest.param(
            (
                f"{ADD}: 1, when: {{nights: {{min: 0}}, travel_seasons: [winter]}}",
                f"{ADD}: 1, when: {{weekdays: [mon, sat]}}",
                f"{ADD}: 1, when: {{weekdays: [sat, sun], cel: 'line.attributes.stars > 2'}}",
            ),
            Decimal("4.500"),
            id="a day of booking is not moved where a stay is all that is missing",
        ),
        pytest.param(
            (
                f"{ADD}: 1, when: {{cel: 'count.stays > 0 && count.cash / count.stays >= 5000'}}",
                f"{ADD}: 1, when: {{cel: 'count.stays >= 3'}}",
            ),
            Decimal("3.500"),
            id="a number that fits one rule alone gives way to one that fits both",
        ),
    ],
)
def test_what_one_rule_asks_for_is_not_in_the_way_of_another(
    rules: tuple[str, ...], expected: Decimal
) -> None:
    """1 for 1 and tier 1.5, and what all the rules add: a booking has it all."""
    counts = "counts: {stays: {of: bookings}, cash: {of: spend}}"
    lists = {
        "seasons": [named("winter", "spans: [{from: 2026-12-24, through: 2027-01-02}]")],
        "earning": [BASE, *(named(f"r{number}", terms) for number, terms in enumerate(rules))],
    }
    found = lint.lint(policy(lists, f"{TARGET}\n{counts}"), SINCE)
    assert found.maximum_return == expected
    assert found.witness is not None
    assert found.witness.percent == expected


def test_rounding_hides_nothing_that_a_rule_adds() -> None:
    """At the basket of 10 both 5 and 5.2 points are 5; of a larger booking they are not."""
    rules = [
        named("base", "kind: rate, points: 2, per: 10"),
        named("always", f"{ADD}: 1"),
        named("stay", f"{ADD}: 0.1, when: {{nights: {{min: 2}}}}"),
    ]
    found = lint.lint(policy({"earning": rules}, "target_return: {maximum: 5, basket: 10}"), SINCE)
    assert found.maximum_return == Decimal("0.520")
    assert found.witness is not None
    assert (found.witness.percent, found.witness.points) == (Fraction("0.52"), 5200)


def test_the_witness_has_the_discount_that_is_worth_more_than_what_a_rule_asks_for() -> None:
    """A bonus of 0.01 % is for hotels, of which the discount is 1 %; of all else it is 7.5 %."""
    hotel = "{percent: 1, products: [hotel], attributes: {stars: {min: 3}}}"
    discounts = f"discounts: [{hotel}, {{percent: 7.5, attributes: {{stars: 5}}}}]"
    head = HEAD.replace("multiplier: 1.5", f"multiplier: 1.5, {discounts}")
    bonus = named("hotels", "kind: bonus, points: 10, when: {cel: 'line.product == \"hotel\"'}")
    found = lint.lint(policy({"earning": [BASE, bonus]}, TARGET, head=head), SINCE)
    assert found.maximum_return == Decimal("9.010")
    assert found.witness is not None
    assert found.witness.percent == 9
    assert found.witness.line.attributes == {"stars": 5}
    assert found.witness.line.product != "hotel"


def test_without_points_the_discount_is_all_and_without_a_target_there_is_none() -> None:
    shipped = make.shipped_document("genius", target_return={"maximum": 20, "basket": 100})
    found = lint.lint(reader.validate(shipped), SINCE)
    assert (found.maximum_return, found.findings) == (Decimal("20.000"), [])
    nothing = lint.lint(policy({"earning": [BASE]}), SINCE)
    assert (nothing.maximum_return, nothing.witness) == (None, None)


def test_beyond_all_cells_each_factor_is_as_large_as_it_can_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(returns, "CELLS_MAX", 1)
    head = HEAD.replace("threshold: 0", "threshold: 0, discount_percent: 10")
    gold = named("m", "kind: multiplier, class: c, factor: 3, when: {tiers: [silver]}")
    made = policy({"multiplier_classes": ["c"], "earning": [BASE, gold]}, TARGET, head=head)
    found = lint.lint(made, SINCE)
    assert (found.maximum_return, found.witness) == (Decimal("13.000"), None)


@pytest.mark.parametrize("basket", ["0", "0.001", "-1"])
def test_a_basket_is_an_amount(basket: str) -> None:
    with pytest.raises(PolicyInvalid, match="basket"):
        policy({}, f"target_return: {{maximum: 5, basket: {basket}}}")


RATES = [
    named("base", "kind: rate, points: 1"),
    named("ab", "kind: multiplier, class: campaign, factor: 1"),
]


def experiments(*settings: str) -> str:
    """Text of experiments `x0`, `x1`, of two halves of which `b` sets this."""
    made = [
        f"{{code: x{n}, from: 2027-01-01, until: 2027-12-31, metric: cash, "
        f"days: 30, variants: [{{code: a, weight: 50}}, {{code: b, weight: 50, set: {{{one}}}}}]}}"
        for n, one in enumerate(settings)
    ]
    return f"{TARGET}\nmultiplier_classes: [campaign]\nexperiments: [{', '.join(made)}]"


def test_variants_together_may_not_be_worth_more_than_the_target() -> None:
    """1.5 percent in the tier gold; 3 with twice the points or the factor, and 6 with both."""
    one, other = "earning.base.points: 2", "earning.ab.factor: 2"
    for alone in (experiments(one), experiments(other)):
        assert "RETURN_ABOVE_TARGET" not in str(lint.lint(policy({"earning": RATES}, alone), SINCE))
    both = policy({"earning": RATES}, experiments(one, other))
    [found] = [
        finding
        for finding in lint.lint(both, SINCE).findings
        if finding.name.startswith("RETURN_ABOVE_TARGET")
    ]
    assert found.path == "experiments.x0.b.x1.b.target_return"
    assert found.params == {"percent": Decimal(6), "target": Decimal(5)}
    with pytest.raises(PolicyInvalid) as refused:
        lint.check(both, SINCE)
    assert refused.value.findings == (found,)
    lint.check(both, SINCE, [found.name])
    # of the higher one alone it is said once
    high = policy({"earning": RATES}, experiments("earning.base.points: 5", "prices.cup: 5"))
    names = [one.path for one in lint.lint(high, SINCE).findings if "target" in one.path]
    assert names == ["experiments.x0.b.target_return"]
