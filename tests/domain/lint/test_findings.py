"""What lint finds in a document, where, and what it leaves alone."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.lint import lint, uses
from domain.programmes import reader
from domain.programmes.refusals import FindingCode, FindingLevel, PolicyInvalid
from tests.support import factories as make
from tests.support.documents import HEAD, named, policy

SINCE = date(2026, 11, 26)
BASE = named("base", "kind: rate, points: 1")
BONUS = "kind: bonus, points: 100"
DOUBLE = "kind: multiplier, factor: 2, class"
MAY = "{from: 2026-05-01, through: 2026-05-31}"


def found(**lists: list[str]) -> list[str]:
    """The findings in a small document, each by the name that accepts it."""
    return [one.name for one in lint.lint(policy(lists), SINCE).findings]


def seasons(*spans: str) -> str:
    return named("season", f"spans: [{', '.join(spans)}]")


def bonus(terms: str, more: str = BONUS) -> list[str]:
    return [BASE, named("one", f"{more}, {terms}")]


RULES = {
    "weekdays of one day": (
        {"seasons": [seasons("{from: 2027-05-03, through: 2027-05-03}")]},
        "when: {seasons: [season], weekdays: [tue]}",
        ["UNREACHABLE@earning.one"],
    ),
    "travel on no day": (
        {"seasons": [seasons("{from: 2027-05-03, through: 2027-05-03}")]},
        "when: {travel_seasons: [season], travel_weekdays: [sun]}",
        ["UNREACHABLE@earning.one"],
    ),
    "travel on that day": (
        {"seasons": [seasons("{from: 2027-05-03, through: 2027-05-03}")]},
        "when: {travel_seasons: [season], travel_weekdays: [mon]}",
        [],
    ),
    "no nights": ({}, "when: {nights: {max: -1}}", ["UNREACHABLE@earning.one"]),
    "before joining": (
        {},
        "when: {member: {joined_days: {max: -1}}}",
        ["UNREACHABLE@earning.one"],
    ),
    "valid outside of its season": (
        {"seasons": [seasons("{from: 05-01, through: 05-31}")]},
        "when: {seasons: [season]}, valid: {from: 2027-06-01, through: 2028-04-30}",
        ["CONTRADICTION@earning.one"],
    ),
    "valid on the last day of its season": (
        {"seasons": [seasons("{from: 05-01, through: 05-31}")]},
        "when: {seasons: [season]}, valid: {from: 2027-05-31, through: 2028-04-30}",
        [],
    ),
    "the leap day": (
        {"seasons": [seasons("{from: 02-29, through: 02-29}")]},
        "when: {seasons: [season], weekdays: [wed]}",
        [],
    ),
    "a past season": (
        {"seasons": [seasons(MAY)]},
        "when: {seasons: [season]}",
        ["SEASON_ENDS@seasons.season"],
    ),
    "all products": (
        {},
        "when: {products: [hotel, flight, train]}",
        ["ALWAYS_TRUE@earning.one.when.products"],
    ),
    "all tiers": ({}, "when: {tiers: [gold, silver]}", ["ALWAYS_TRUE@earning.one.when.tiers"]),
    "all weekdays": (
        {},
        "when: {weekdays: [mon, tue, wed, thu, fri, sat, sun]}",
        ["ALWAYS_TRUE@earning.one.when.weekdays"],
    ),
    "all methods, but it may not be known": ({}, "when: {payment_methods: [card, wallet]}", []),
    "all of the year": (
        {"seasons": [seasons("{from: 03-01, through: 02-29}")]},
        "when: {seasons: [season]}",
        ["ALWAYS_TRUE@earning.one.when.seasons"],
    ),
    "no least amount": ({}, "when: {min_amount: 0}", ["ALWAYS_TRUE@earning.one.when.min_amount"]),
    "over": ({}, f"valid: {MAY}", ["EXPIRED@earning.one"]),
    "not over today": ({}, "valid: {through: 2026-11-26}", []),
    "half a bonus": ({}, "budget: {points: 99}", ["BUDGET_BELOW_ONE@earning.one.budget"]),
    "one bonus": ({}, "budget: {points: 100}", []),
}


@pytest.mark.parametrize("name", RULES)
def test_what_is_found_of_a_bonus(name: str) -> None:
    lists, terms, expected = RULES[name]
    made = found(earning=bonus(terms), **lists)
    assert [one for one in made if one != "DEAD@seasons.season"] == expected


def classes(*rules: str) -> list[str]:
    listed = [named(f"m{at}", f"{DOUBLE}: c, {rule}") for at, rule in enumerate(rules)]
    return found(multiplier_classes=["c"], earning=[BASE, *listed])


def test_rivals_that_never_count_and_rivals_that_meet() -> None:
    gold, hotel = "when: {tiers: [gold]}", "when: {products: [hotel]}"
    assert classes(gold, gold) == ["SHADOWED@earning.m1"]
    assert classes(gold, "when: {tiers: [silver]}") == []
    assert classes(gold, hotel) == ["OVERLAP@earning.m1"]
    assert classes("", hotel) == ["SHADOWED@earning.m1"]
    assert classes(hotel, "") == ["OVERLAP@earning.m1"]
    # together two of them cover the third
    silver = "when: {tiers: [silver]}"
    assert classes(gold, silver, hotel) == ["SHADOWED@earning.m2"]
    # an amount may be missed, unless the other asks for as much
    assert classes("when: {min_amount: 5}", hotel) == ["OVERLAP@earning.m1"]
    assert classes("when: {min_amount: 5}", "when: {products: [hotel], min_amount: 5}") == [
        "SHADOWED@earning.m1"
    ]
    assert classes("when: {max_amount: 5}", "when: {max_amount: 5}") == ["OVERLAP@earning.m1"]
    assert classes("when: {attributes: {stars: 5}}", hotel) == ["OVERLAP@earning.m1"]


def test_base_rules_and_groups_are_rivals() -> None:
    city = named("city", "kind: rate, points: 2, when: {products: [hotel]}")
    assert found(earning=[BASE, city]) == []
    again = named("again", "kind: step, points: 9, per: 9, when: {products: [hotel]}")
    assert found(earning=[BASE, city, again]) == ["SHADOWED@earning.again"]
    group = f"{BONUS}, exclusive: spring"
    small = named("small", f"{group}, when: {{products: [hotel]}}")
    assert found(earning=[BASE, named("all", group), small]) == ["SHADOWED@earning.small"]
    limited = named("all", f"{group}, limit: {{times: 1, per: day}}")
    assert found(earning=[BASE, limited, small]) == ["OVERLAP@earning.small"]


def test_what_nothing_uses_and_what_ends_too_soon() -> None:
    short = HEAD.replace("months: 12", "months: 2")
    activity = named("visit", "points: 9, reporters: [staff], budget: {points: 8}")
    cake = named("cake", "points: 9, on: birthday, expiry: {months: 0, through: month}")
    yearly = seasons("{from: 05-01, through: 05-02}")
    lists = {"multiplier_classes": ["c"], "earning": [BASE], "seasons": [yearly]}
    made = policy({**lists, "activities": [activity, cake]}, head=short)
    findings = lint.lint(made, SINCE).findings
    assert [one.name for one in findings] == [
        "BUDGET_BELOW_ONE@activities.visit.budget",
        "DEAD@seasons.season",
        "DEAD@multiplier_classes.c",
        "EXPIRY_SHORT@points.expiry",
        "EXPIRY_SHORT@activities.cake.expiry",
    ]
    assert [one.level for one in findings] == [FindingLevel.ERROR] + [FindingLevel.WARN] * 4


def test_grants_and_the_steps_of_missions_are_looked_at() -> None:
    yearly = seasons("{from: 05-01, through: 05-31}")
    step = named("s", "fact: booking, when: {seasons: [season], products: [hotel, flight, train]}")
    days = "{from: 2026-06-01, through: 2026-06-30}"
    mission = named("m", f"kind: mission, gives: {{points: 9}}, window: {days}, steps: [{step}]")
    open_step = step.replace("hotel, flight", "hotel")
    terms = "kind: mission, budget: {points: 8}, gives: {points: 9}"
    later = "{days: 30, after: joining}"
    other = named("n", f"{terms}, window: {later}, steps: [{open_step}], expiry: {{months: 1}}")
    perk = named("p", "kind: calendar, day: joining, gives: {perk: {benefit: lounge, days: 9}}")
    assert found(
        earning=[BASE],
        seasons=[yearly],
        grants=[mission, other, perk],
        benefits=[named("lounge"), named("unused")],
    ) == [
        "CONTRADICTION@grants.m.steps.s",
        "BUDGET_BELOW_ONE@grants.n.budget",
        "DEAD@benefits.unused",
        "EXPIRED@grants.m",
        "EXPIRY_SHORT@grants.n.expiry",
    ]


def test_seasons_are_used_by_rates_shares_and_discounts() -> None:
    yearly = seasons("{from: 05-01, through: 05-02}")
    rate = named("rate", "factor: 2, seasons: [season]")
    assert found(earning=[BASE], seasons=[yearly], redemption_rates=[rate]) == []
    shares = "offset: {shares: [{percent: 9, seasons: [season]}]}"
    made = policy({"earning": [BASE], "seasons": [yearly]}, shares)
    assert lint.lint(made, SINCE).findings == []


def test_counts_segments_benefits_and_rewards_are_looked_for_by_name() -> None:
    tree: dict[str, Any] = {
        "counts": {"stays": {"of": "nights"}, "spare": {"of": "nights"}, "in_cel": {}},
        "segments": [{"code": "often", "when": {"counts": {"stays": {"min": 1}}}}, {"code": "no"}],
        "benefits": [{"code": "lounge"}, {"code": "upgrade"}],
        "earning": [{"code": "a", "when": {"segments": ["often"], "cel": "count.in_cel > 1"}}],
        "grants": [{"code": "g", "gives": {"perk": {"benefit": "lounge"}}}],
        "rewards": [{"code": "of a programme"}],
    }
    assert [one.path for one in uses.dead(tree)] == [
        "counts.spare",
        "segments.no",
        "benefits.upgrade",
    ]
    tree["grants"].append({"code": "h", "gives": {"reward": "coupon"}})
    missing = list(uses.missing_rewards(tree, frozenset({"other"})))
    assert [(one.name, one.params) for one in missing] == [
        ("REWARD_MISSING@grants.h.gives.reward", {"reward": "coupon"})
    ]
    assert list(uses.missing_rewards(tree, frozenset({"coupon"}))) == []


@pytest.mark.parametrize("path", sorted(make.SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_documents_have_no_errors(path: Path) -> None:
    shipped = reader.parse(path.read_text(encoding="utf-8"))
    lint.check(shipped, SINCE)


def test_errors_refuse_a_document_unless_they_are_accepted() -> None:
    never = named("two", f"{BONUS}, when: {{nights: {{max: -1}}}}")
    made = policy({"earning": [*bonus("budget: {points: 1}"), never]})
    with pytest.raises(PolicyInvalid) as refused:
        lint.check(made, SINCE)
    names = ["UNREACHABLE@earning.two", "BUDGET_BELOW_ONE@earning.one.budget"]
    assert [one.name for one in refused.value.findings] == names
    assert refused.value.faults == ()
    with pytest.raises(PolicyInvalid) as refused:
        lint.check(made, SINCE, names[:1])
    assert [one.code for one in refused.value.findings] == [FindingCode.BUDGET_BELOW_ONE]
    lint.check(made, SINCE, names)
