"""Documents as they are stored: read again they say the same, and for ever."""

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from domain.programmes import reader
from domain.programmes.policy import Policy
from domain.programmes.rules import RateRule
from tests.support import factories as make

Document = dict[str, Any]


def test_a_number_is_what_its_author_wrote() -> None:
    document = make.shipped_document()
    parsed = reader.parse(yaml.safe_dump(document))
    assert parsed.tiers.levels[1].multiplier == Decimal("1.2")
    assert Fraction(parsed.tiers.levels[1].multiplier) == Fraction(6, 5)
    assert Fraction(1.2) != Fraction(6, 5)  # what a float would have made of it


@given(st.decimals(min_value=0, max_value=1_000_000, places=6))
def test_every_rate_of_six_decimals_survives_as_text_and_as_number(rate: Decimal) -> None:
    in_json = st_document(points=str(rate))
    assert policy_rate(reader.validate(in_json)) == rate
    # a float of at most 12 significant digits has the shortest text that its author wrote
    if len(rate.as_tuple().digits) <= 12:
        assert policy_rate(reader.validate(st_document(points=float(rate)))) == rate


_DOCUMENT = make.shipped_document()


def st_document(points: object) -> Document:
    return {**_DOCUMENT, "earning": [make.rule("rate", "base", points=points)]}


def policy_rate(parsed: Policy) -> Decimal:
    rule = parsed.earning[0]
    assert isinstance(rule, RateRule)
    return rule.points


codes = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)

words = st.fixed_dictionaries(
    {
        "zh-CN": st.text(min_size=1, max_size=9, alphabet=st.characters(codec="utf-8")),
        "en": st.text(min_size=1, max_size=9, alphabet=st.characters(codec="utf-8")),
    }
)

selectors = st.fixed_dictionaries(
    {},
    optional={
        "products": st.lists(st.sampled_from(["flight", "hotel"]), min_size=1, max_size=2),
        "tiers": st.lists(st.sampled_from(["silver", "gold"]), min_size=1, max_size=2),
        "payment_methods": st.just(["card"]),
        "attributes": st.dictionaries(st.just("hot_route"), st.booleans()),
        "seasons": st.just(["off_season"]),
        "member": st.fixed_dictionaries(
            {},
            optional={
                "birthday_month": st.just(True),
                "profile": st.dictionaries(
                    st.text(max_size=5), st.one_of(st.booleans(), st.integers(), st.text())
                ),
            },
        ),
        "min_amount": st.decimals(0, 10**6, places=2).map(str),
    },
)

limits = st.fixed_dictionaries(
    {"per": st.sampled_from(["day", "month", "year", "member"])},
    optional={"times": st.integers(1, 9)},
).map(lambda limit: limit if "times" in limit else {**limit, "points": 100})

rules = st.fixed_dictionaries(
    {
        "kind": st.just("bonus"),
        "code": codes,
        "name": words,
        "points": st.integers(1, 10**12),
    },
    optional={"when": selectors, "limit": limits},
)


@given(st.lists(rules, max_size=4, unique_by=lambda rule: rule["code"]))
def test_a_document_survives_being_stored(earning: list[Document]) -> None:
    document = {**_DOCUMENT, "earning": [r for r in earning if r["code"] != "tier"]}
    document["activities"] = []
    parsed = reader.validate(document)
    stored = json.loads(json.dumps(reader.to_document(parsed)))
    assert reader.validate(stored) == parsed
    assert reader.to_document(reader.validate(stored)) == stored


def test_the_shipped_document_survives_being_stored() -> None:
    parsed = reader.validate(make.shipped_document())
    stored = json.loads(json.dumps(reader.to_document(parsed)))
    assert reader.validate(stored) == parsed
    assert stored["tiers"]["levels"][1]["multiplier"] == "1.2"


def test_a_document_is_immutable() -> None:
    parsed = reader.validate(make.shipped_document())
    with pytest.raises(ValueError, match="frozen"):
        setattr(parsed, "currency", "USD")  # noqa: B010


def rich() -> Document:
    """Something of every kind that a document can say, beside what ships."""
    document = make.shipped_document()
    document["attributes"]["rooms"] = "number"
    document["seasons"][0]["spans"].append({"from": "12-24", "through": "01-06"})
    document["earning"][1] |= {
        "exclusive": "spring",
        "valid": {"from": "2026-07-01", "through": "2026-10-01"},
        "when": {
            "min_amount": "500",
            "max_amount": "1000",
            "lead_days": {"min": 9, "max": 10},
            "nights": {"max": 10},
            "weekdays": ["mon"],
            "travel_weekdays": ["sat", "sun"],
            "travel_seasons": ["off_season"],
            "attributes": {"rooms": {"min": 9, "max": 10}, "niche": True},
            "member": {"joined_days": {"min": 30}},
        },
    }
    document["activities"][0] |= {"valid": {"through": "2026-12-31"}, "when": {"tiers": ["gold"]}}
    for rank, level in enumerate(document["tiers"]["levels"]):
        level["threshold"] = {"spend": str(rank * 500), "nights": rank * 5}
        level["discounts"] = [{"percent": "9.5", "products": ["hotel"]}, {"percent": 10}]
    document["tiers"] |= {"basis": {"any": ["spend", "nights"]}, "night_products": ["hotel"]}
    return document


def test_what_was_published_is_read_as_it_was_published() -> None:
    """A version is stored with its decimals and days as texts."""
    published = reader.parse(json.dumps(rich(), default=str))
    stored = json.loads(json.dumps(reader.to_document(published)))
    assert reader.validate(stored) == published
    assert reader.to_document(reader.validate(stored)) == stored
    shipped = [path.read_text(encoding="utf-8") for path in make.SHIPPED.glob("*.yaml")]
    assert len(shipped) == 4
    for text in shipped:
        parsed = reader.parse(text)
        assert reader.validate(json.loads(json.dumps(reader.to_document(parsed)))) == parsed
