"""The policy document: what is accepted, and every fault with its path, all at once."""

import json
from decimal import Decimal
from typing import Any

import pytest

from domain.programmes import reader
from domain.programmes.refusals import PolicyInvalid
from domain.programmes.rules import BonusRule, MultiplierRule, RateRule
from domain.programmes.selectors import Selector
from tests.support import factories as make

Document = dict[str, Any]


def faults(document: object) -> dict[str, str]:
    """The faults of a document, their codes by path."""
    with pytest.raises(PolicyInvalid) as refused:
        reader.validate(document)
    return {fault.path: fault.code for fault in refused.value.faults}


def test_the_shipped_document_is_valid_and_says_what_is_sold() -> None:
    parsed = reader.parse((make.SHIPPED / "ota.yaml").read_text(encoding="utf-8"))
    assert (parsed.programme, parsed.timezone, parsed.currency) == ("ota", "Asia/Shanghai", "CNY")
    assert [(t.code, t.threshold, t.multiplier) for t in parsed.tiers.levels] == [
        ("silver", Decimal(0), Decimal("1.0")),
        ("gold", Decimal(5000), Decimal("1.2")),
        ("platinum", Decimal(20000), Decimal("1.5")),
        ("diamond", Decimal(50000), Decimal("2.0")),
    ]
    assert parsed.minor_per_point == 1  # 100 points = CNY 1
    assert parsed.expiry is not None
    assert (parsed.expiry.months, parsed.expiry.through) == (12, "day")
    assert parsed.facts.oldest_days == 365
    assert parsed.multiplier_classes == ("birthday", "payment", "campaign")
    bonus = parsed.rules["flight_over_2000"]
    assert isinstance(bonus, BonusRule)
    assert (bonus.points, bonus.when.products, bonus.when.min_amount) == (
        500,
        ("flight",),
        Decimal(2000),
    )
    base, partner_card = parsed.rules["base"], parsed.rules["partner_card"]
    assert isinstance(base, RateRule)
    assert (base.points, base.per) == (Decimal(1), Decimal(1))
    assert isinstance(partner_card, MultiplierRule)
    assert (partner_card.multiplier_class, partner_card.factor) == ("payment", Decimal(2))


def test_the_shipped_activities_pay_what_the_table_says() -> None:
    parsed = reader.parse((make.SHIPPED / "ota.yaml").read_text(encoding="utf-8"))
    found = {
        a.code: (
            a.points if isinstance(a.points, int) else a.points.attribute,
            (a.limit.times, a.limit.per) if a.limit else None,
            a.reporters,
        )
        for a in parsed.activities
    }
    ours, everyone = ("partner", "staff"), ("member", "partner", "staff")
    assert found == {
        "verification": (500, (1, "member"), ours),
        "profile_completed": (200, (1, "member"), ours),
        "review": (100, (5, "day"), ours),
        "share": (50, (1, "day"), everyone),
        "quiz": ("score", (1, "day"), ours),
        "survey": (30, (1, "day"), ours),
        "photo_contest": (100, (1, "day"), ours),
        "talk": (50, (1, "day"), ours),
        "lottery": (20, (1, "day"), ours),
        "browse": (0, (100, "day"), everyone),
        "partner_spend": ("amount", None, ours),
    }
    quiz = parsed.activity_types["quiz"].points
    assert not isinstance(quiz, int)
    assert (quiz.minimum, quiz.maximum) == (10, 50)


def test_json_is_read_as_yaml_is() -> None:
    document = make.shipped_document()
    in_json = json.dumps(reader.to_document(reader.validate(document)))
    assert reader.parse(in_json) == reader.validate(document)


ABSENT = object()


def changed(where: str, value: object) -> Document:
    """The shipped document with another value at a dotted path."""
    document = make.shipped_document()
    *parents, last = [int(part) if part.isdigit() else part for part in where.split(".")]
    node: Any = document
    for part in parents:
        node = node[part]
    if value is ABSENT:
        del node[last]
    else:
        node[last] = value
    return document


FAULTS: list[tuple[str, object, str]] = [
    ("programme", ABSENT, "programme"),
    ("currency", ABSENT, "currency"),
    ("tiers", ABSENT, "tiers"),
    ("colour", "red", "colour"),
    ("programme", "Not A Code", "programme"),
    ("name.en", "", "name.en"),
    ("name", {"en": "only one language"}, "name.zh-CN"),
    ("timezone", "Asia/Nowhere", "timezone"),
    ("timezone", "localtime", "timezone"),
    ("currency", "XYZZY", "currency"),
    ("products", [], "products"),
    ("products", ["flight", "hotel", "local_experience", "flight"], "products.3"),
    ("payment_methods", ["partner_card", "partner_card"], "payment_methods.1"),
    ("attributes.hot_route", "decimal", "attributes.hot_route"),
    ("facts.oldest_days", 0, "facts.oldest_days"),
    ("facts.oldest_days", "365", "facts.oldest_days"),
    ("points.worth.points", 0, "points.worth.points"),
    ("points.worth.money", 0, "points.worth.money"),
    ("points.expiry.months", 0, "points.expiry.months"),
    ("points.expiry.through", "week", "points.expiry.through"),
    ("points.available", "whenever", "points.available"),
    ("tiers.basis", "loyalty", "tiers.basis"),
    ("tiers.levels.1.threshold", {"spend": 5000}, "tiers.levels.1.threshold"),
    ("tiers.levels", [], "tiers.levels"),
    ("tiers.levels.0.threshold", 1, "tiers.levels.0.threshold"),
    ("tiers.levels.2.threshold", 5000, "tiers.levels.2.threshold"),
    ("tiers.levels.1.multiplier", 0.5, "tiers.levels.1.multiplier"),
    ("tiers.levels.1.code", "silver", "tiers.levels.1.code"),
    ("tiers.night_products", ["yacht"], "tiers.night_products.0"),
    ("tiers.window", "for_ever", "tiers.window"),
    ("tiers.window", 24, "tiers.window"),
    ("tiers.window", {"months": 0}, "tiers.window.months"),
    ("tiers.window", {"months": 1201}, "tiers.window.months"),
    ("tiers.window", {"months": 24, "days": 1}, "tiers.window.days"),
    ("tiers.window", {}, "tiers.window.months"),
    ("tiers.downgrade", "always", "tiers.downgrade"),
    ("tiers.downgrade", {"to": "one_step"}, "tiers.downgrade"),  # of a lifetime window
    ("refunds.tier", "at_period_end", "refunds.tier"),  # of a lifetime window
    ("refunds.tier", "later", "refunds.tier"),
    ("multiplier_classes", ["birthday", "payment", "campaign", "payment"], "multiplier_classes.3"),
    ("earning.0.kind", "gift", "earning.0.kind"),
    ("multiplier_classes", ["birthday", "campaign"], "earning.3.class"),
    ("earning.0.code", "tier", "earning.0.code"),
    ("earning.1.code", "base", "earning.1.code"),
    ("earning.1.code", "review", "activities.2.code"),
    ("earning.0.points", -1, "earning.0.points"),
    ("earning.0.points", True, "earning.0.points"),
    ("earning.0.points", "much", "earning.0.points"),
    ("earning.0.points", float("nan"), "earning.0.points"),
    ("earning.0.points", float("inf"), "earning.0.points"),
    ("earning.0.points", 0.1234567, "earning.0.points"),
    ("earning.0.per", 0, "earning.0.per"),
    ("earning.0.name", {"en": "x"}, "earning.0.name.zh-CN"),
    ("earning.0.limit", {"per": "day"}, "earning.0.limit"),
    ("earning.0.limit", {"times": 1, "points": 1, "per": "day"}, "earning.0.limit"),
    ("earning.0.limit", {"times": 1, "per": "week"}, "earning.0.limit.per"),
    ("earning.0.limit", {"times": 0, "per": "day"}, "earning.0.limit.times"),
    ("earning.1.points", 1.5, "earning.1.points"),
    ("earning.1.points", 0, "earning.1.points"),
    ("earning.1.points", 10**12 + 1, "earning.1.points"),
    ("earning.1.when", {"product": ["flight"]}, "earning.1.when.product"),
    ("earning.1.when", {"products": []}, "earning.1.when.products"),
    ("earning.1.when", {"products": ["yacht"]}, "earning.1.when.products.0"),
    ("earning.1.when", {"tiers": ["iron"]}, "earning.1.when.tiers.0"),
    ("earning.1.when", {"seasons": ["monsoon"]}, "earning.1.when.seasons.0"),
    ("earning.1.when", {"payment_methods": ["barter"]}, "earning.1.when.payment_methods.0"),
    ("earning.1.when", {"attributes": {"colour": "red"}}, "earning.1.when.attributes.colour"),
    ("earning.1.when", {"attributes": {"hot_route": "yes"}}, "earning.1.when.attributes.hot_route"),
    ("earning.1.when", {"attributes": {"city": True}}, "earning.1.when.attributes.city"),
    ("earning.1.when", {"min_amount": -1}, "earning.1.when.min_amount"),
    (
        "earning.1.when",
        {"member": {"birthday_month": False}},
        "earning.1.when.member.birthday_month",
    ),
    ("earning.1.when", {"member": {"shoe": 1}}, "earning.1.when.member.shoe"),
    (
        "earning.1.when",
        {"member": {"profile": {"seat": [1]}}},
        "earning.1.when.member.profile.seat",
    ),
    ("earning.2.factor", 0.5, "earning.2.factor"),
    ("earning.2.class", "luck", "earning.2.class"),
    ("activities.0.points", -1, "activities.0.points"),
    ("activities.0.points", "many", "activities.0.points"),
    (
        "activities.0.points",
        {"attribute": "score", "minimum": 9, "maximum": 8},
        "activities.0.points.minimum",
    ),
    ("activities.0.reporters", [], "activities.0.reporters"),
    ("activities.0.reporters", ["cat"], "activities.0.reporters.0"),
    ("activities.0.on", "birthday", "activities.0.reporters"),
    (
        "activities.0",
        {"code": "egg", "name": make.WORDS, "points": 1, "on": "easter"},
        "activities.0.on",
    ),
    ("activities.0.expiry", {"months": -1}, "activities.0.expiry.months"),
    ("activities.0.limit", {"points": 5, "per": "day"}, "activities.0.limit"),
    ("activities.1.code", "verification", "activities.1.code"),
    (
        "seasons.0.spans.0",
        {"from": "2026-02-01", "through": "2026-01-31"},
        "seasons.0.spans.0.from",
    ),
    ("seasons.0.spans.0.from", "2026-02-30", "seasons.0.spans.0.from"),
    ("seasons.0.spans.0.from", "02-30", "seasons.0.spans.0.from"),
    ("seasons.0.spans.0.from", "7-1", "seasons.0.spans.0.from"),
    ("seasons.0.spans.0.from", "07-01", "seasons.0.spans.0"),
    ("seasons.0.spans", [], "seasons.0.spans"),
    ("redemption_rates.0.seasons", ["monsoon"], "redemption_rates.0.seasons.0"),
    ("redemption_rates.0.tiers", ["iron"], "redemption_rates.0.tiers.0"),
    ("redemption_rates.0.factor", 0, "redemption_rates.0.factor"),
]


@pytest.mark.parametrize(("where", "value", "path"), FAULTS, ids=range(len(FAULTS)))
def test_a_fault_is_refused_with_its_path(where: str, value: object, path: str) -> None:
    assert set(faults(changed(where, value))) == {path}


def test_thresholds_are_by_the_measures_of_the_basis() -> None:
    levels = [f"tiers.levels.{rank}.threshold" for rank in range(4)]
    others = dict.fromkeys(levels, "threshold_measures")
    for measures, also in (
        (["spend", "nights"], {}),
        (["spend", "spend"], {"tiers.basis.any.1": "repeated"}),
        (["spend", "loyalty"], {"tiers.basis.any.1": "choice"}),
        (["spend"], {"tiers.basis.any": "list_short"}),
    ):
        assert faults(changed("tiers.basis", {"any": measures})) == {**others, **also}
    found = faults(changed("tiers.levels.1.threshold", {"loyalty": 5000}))
    assert found == {
        "tiers.levels.1.threshold": "threshold_measures",
        "tiers.levels.1.threshold.loyalty": "choice",
    }
    document = changed("tiers.basis", {"any": ["spend", "nights"]})
    for level, nights in zip(document["tiers"]["levels"], (0, 5, 5, 9), strict=True):
        level["threshold"] = {"spend": level["threshold"], "nights": nights}
    assert faults(document) == {"tiers.levels.2.threshold.nights": "threshold_order"}


ROLLING_FAULTS: list[tuple[object, str]] = [
    ({"to": "nowhere"}, "tiers.downgrade.to"),
    ({"grace_days": -1}, "tiers.downgrade.grace_days"),
    ({"grace_days": 3651}, "tiers.downgrade.grace_days"),
    ({"grace_days": "30"}, "tiers.downgrade.grace_days"),
    ({"floor": "iron"}, "tiers.downgrade.floor"),
    ({"after": 1}, "tiers.downgrade.after"),
]


@pytest.mark.parametrize(("downgrade", "path"), ROLLING_FAULTS, ids=range(len(ROLLING_FAULTS)))
def test_a_fault_of_how_tiers_fall_is_refused_with_its_path(downgrade: object, path: str) -> None:
    document = changed("tiers.window", {"months": 24})
    document["tiers"]["downgrade"] = downgrade
    assert set(faults(document)) == {path}


@pytest.mark.parametrize(
    ("window", "downgrade", "said"),
    [
        ("lifetime", None, "no_period_end"),
        ("lifetime", "never", "no_period_end"),
        (
            {"months": 24},
            "never",
            "no_period_end",
        ),
        ("calendar_year", None, None),
        ({"months": 24}, {}, None),
    ],
)
def test_a_refund_waits_for_the_end_of_a_period_where_there_is_one(
    window: object, downgrade: object, said: str | None
) -> None:
    document = changed("refunds.tier", "at_period_end")
    document["tiers"] |= {"window": window, "downgrade": downgrade}
    if said is None:
        assert reader.validate(document).refunds.tier == "at_period_end"
    else:
        assert faults(document) == {"refunds.tier": said}


def test_points_are_neither_a_number_nor_read_from_an_attribute() -> None:
    found = faults(changed("activities.0.points", {"minimum": 1}))
    assert set(found) == {"activities.0.points.attribute"}


def test_all_faults_are_reported_at_once() -> None:
    """What has the wrong structure in one place hides no contradiction in another."""
    document = make.shipped_document(timezone="Mars/Olympus", currency=7)
    document["earning"][1]["when"] = {"prodcuts": ["flight"], "min_ammount": 2000}
    document["earning"][1]["points"] = "many"
    document["earning"][2]["when"] = {"products": ["yacht", "flight", "raft"], "tiers": ["iron"]}
    document["facts"]["oldest_days"] = -1
    with pytest.raises(PolicyInvalid) as refused:
        reader.validate(document)
    found = [(fault.path, fault.code.value, fault.rule) for fault in refused.value.faults]
    assert sorted(found) == [
        ("currency", "text", None),
        ("earning.1.points", "whole", "flight_over_2000"),
        ("earning.1.when.min_ammount", "unknown_key", "flight_over_2000"),
        ("earning.1.when.prodcuts", "unknown_key", "flight_over_2000"),
        ("earning.2.when.products.0", "undefined", "birthday_month"),
        ("earning.2.when.products.2", "undefined", "birthday_month"),
        ("earning.2.when.tiers.0", "undefined", "birthday_month"),
        ("facts.oldest_days", "least", None),
        ("timezone", "timezone", None),
    ]


def test_a_selector_given_as_nothing_is_no_selector() -> None:
    assert Selector.model_validate({"products": None, "min_amount": 1}).specificity == 1


@pytest.mark.parametrize(
    ("currency", "told"),
    [
        ("CNY", {"earning.0.per": "decimals", "earning.1.when.min_amount": "decimals"}),
        (
            "JPY",
            {
                "earning.0.per": "decimals",
                "earning.1.when.min_amount": "decimals",
                "earning.1.when.max_amount": "decimals",
            },
        ),
        ("KWD", {"earning.2.when.max_amount": "most"}),
    ],
)
def test_amounts_of_rules_are_amounts_of_the_currency(currency: str, told: dict[str, str]) -> None:
    document = make.variant(
        make.rule("step", "base", points=1, per=0.001),
        make.rule("bonus", "extra", points=5, when={"min_amount": 5.555, "max_amount": 9.99}),
        make.rule("bonus", "large", points=5, when={"max_amount": 10**11}),
        currency=currency,
    )
    with pytest.raises(PolicyInvalid) as refused:
        reader.parse(json.dumps(document, default=str))
    assert {fault.path: fault.code for fault in refused.value.faults} == told
    reader.validate(document)  # a version that was published before is loaded


def test_amounts_are_in_the_order_of_numbers_in_a_stored_document_too() -> None:
    when = {"min_amount": 500, "max_amount": 1000}
    policy = reader.validate(make.variant(make.rule("bonus", "extra", points=5, when=when)))
    stored = reader.to_document(policy)
    assert stored["earning"][0]["when"] == {"min_amount": "500", "max_amount": "1000"}
    assert reader.validate(stored) == policy
    stored["earning"][0]["when"]["min_amount"] = "1000.01"
    assert faults(stored) == {"earning.0.when.min_amount": "backwards"}
