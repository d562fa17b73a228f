"""Cells: the cases that the rules of a document distinguish, and those that a rule matches.

A cell has one value of each dimension. Each condition visible in cells concerns one dimension, so a
rule matches a box: some values of each dimension, and every cell of these. Conditions not visible
in cells, such as amounts, numbers, counts, segments and cel, may hold in any.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.lint import days
from domain.programmes import selectors
from domain.programmes.grants import AnyGrant, Mission
from domain.programmes.levels import Discount
from domain.programmes.policy import Policy
from domain.programmes.rules import ActivityRule, EarningRule
from domain.programmes.selectors import WEEKDAYS, FactSelector, MemberSelector, Range

OTHER = None
"""A value that no rule names, or none at all."""

PRODUCT, TIER, METHOD, DAY, TRAVEL, BIRTHDAY = (
    "product",
    "tier",
    "payment_method",
    "day",
    "travel",
    "birthday_month",
)

Asking = EarningRule | ActivityRule | AnyGrant
Box = Mapping[str, frozenset[int]]
"""By dimension, the places of the values that match; a missing dimension does not matter."""


def every(policy: Policy) -> Iterator[tuple[str, Asking]]:
    """Every rule, activity and grant with its path in the document."""
    for rule in policy.earning:
        yield f"earning.{rule.code}", rule
    for activity in policy.activities:
        yield f"activities.{activity.code}", activity
    for grant in policy.grants:
        yield f"grants.{grant.code}", grant


def attribute(name: str) -> str:
    """The dimension of an attribute of lines."""
    return f"attributes.{name}"


def profile(name: str) -> str:
    """The dimension of a value of members' profiles."""
    return f"profile.{name}"


@dataclass(frozen=True, slots=True)
class Condition:
    """The condition of one key of a rule on one dimension; `key` is its place in the rule."""

    key: str
    dimension: str
    holds: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Space:
    """A document's dimensions, each with the values that rules distinguish, days from `since`."""

    policy: Policy
    since: date
    values: Mapping[str, Sequence[Any]]

    def matching(self, conditions: Iterable[Condition]) -> dict[str, frozenset[int]]:
        """The values of each dimension of these conditions for which all of them hold."""
        found: dict[str, frozenset[int]] = {}
        for asked in conditions:
            values = self.values[asked.dimension]
            held = frozenset(at for at, value in enumerate(values) if asked.holds(value))
            found[asked.dimension] = found.get(asked.dimension, held) & held
        return found

    def box(self, rule: Asking) -> Box:
        """The cells in which the rule can hold."""
        return self.matching(conditions(self.policy, rule))

    def whole(self, dimension: str) -> frozenset[int]:
        return frozenset(range(len(self.values[dimension])))

    def within(self, inner: Box, outer: Box) -> bool:
        """Whether every cell of one box is in the other."""
        return all(inner.get(name, self.whole(name)) <= held for name, held in outer.items())

    def meet(self, one: Box, other: Box) -> bool:
        """Whether some cell is in both."""
        return all(
            one.get(name, self.whole(name)) & other.get(name, self.whole(name))
            for name in {*one, *other}
        )


def space(policy: Policy, since: date) -> Space:
    """The cells of a document that takes effect on the local day `since`."""
    stretches = days.stretches(policy, since)
    values: dict[str, Sequence[Any]] = {
        PRODUCT: policy.products,
        TIER: tuple(level.code for level in policy.tiers.levels),
        METHOD: (OTHER, *policy.payment_methods),
        DAY: stretches,
        TRAVEL: (OTHER, *stretches),
        BIRTHDAY: (False, True),
    }
    named = list(_named_attributes(policy))
    for name, kind in policy.attributes.items():
        if kind != "number":
            values[attribute(name)] = _told_apart(value for key, value in named if key == name)
    profiles = list(_named_profiles(policy))
    for name in policy.profile:
        values[profile(name)] = _told_apart(value for key, value in profiles if key == name)
    return Space(policy, since, values)


def _told_apart(named: Iterable[Any]) -> tuple[Any, ...]:
    """The values named, each once, and one for all others; true is not the number 1."""
    return (OTHER, *{(type(value), value): value for value in named}.values())


def _named_attributes(policy: Policy) -> Iterator[tuple[str, Any]]:
    steps = [step for one in policy.grants if isinstance(one, Mission) for step in one.steps]
    for asking in (*policy.earning, *steps):
        yield from (asking.when.attributes or {}).items()
    for level in policy.tiers.levels:
        for discount in level.all_discounts:
            yield from (discount.attributes or {}).items()


def _named_profiles(policy: Policy) -> Iterator[tuple[str, Any]]:
    for when in policy.member_selectors:
        if when.member is not None:
            yield from (when.member.profile or {}).items()


def conditions(policy: Policy, rule: Asking) -> Iterator[Condition]:
    """The conditions of a rule that are visible in cells."""
    yield Condition("valid", DAY, rule.valid.covers)
    yield from of_selector(policy, rule.when)


def of_selector(policy: Policy, when: FactSelector | Discount) -> Iterator[Condition]:
    """The conditions of a selector that are visible in cells."""
    products = getattr(when, "products", None)
    if products is not None:
        yield Condition("when.products", PRODUCT, products.__contains__)
    for name, wanted in (getattr(when, "attributes", None) or {}).items():
        if policy.attributes.get(name) != "number":
            key = f"when.attributes.{name}"
            yield Condition(key, attribute(name), _equals(name, wanted))
    yield from _of_travel(policy, when)
    if isinstance(when, FactSelector):
        yield from _of_fact(policy, when)


def _equals(name: str, wanted: Any) -> Callable[[Any], bool]:
    return lambda value: selectors.match({name: wanted}, {name: value})


def _of_travel(policy: Policy, when: FactSelector | Discount) -> Iterator[Condition]:
    seasons = getattr(when, "travel_seasons", None)
    weekdays = getattr(when, "travel_weekdays", None)
    if seasons is not None:
        holds = _in_season(policy, seasons)
        yield Condition("when.travel_seasons", TRAVEL, lambda day: day is not None and holds(day))
    if weekdays is not None:
        held = _on_weekday(weekdays)
        yield Condition("when.travel_weekdays", TRAVEL, lambda day: day is not None and held(day))
    if getattr(when, "lead_days", None) or getattr(when, "nights", None):
        yield Condition("when.travel", TRAVEL, lambda day: day is not None)


def _of_fact(policy: Policy, when: FactSelector) -> Iterator[Condition]:
    methods = getattr(when, "payment_methods", None)
    if methods is not None:
        yield Condition("when.payment_methods", METHOD, methods.__contains__)
    if when.tiers is not None:
        yield Condition("when.tiers", TIER, when.tiers.__contains__)
    if when.seasons is not None:
        yield Condition("when.seasons", DAY, _in_season(policy, when.seasons))
    if when.weekdays is not None:
        yield Condition("when.weekdays", DAY, _on_weekday(when.weekdays))
    if when.member is not None:
        yield from _of_member(policy, when.member)


def _of_member(policy: Policy, member: MemberSelector) -> Iterator[Condition]:
    if member.birthday_month:
        yield Condition("when.member.birthday_month", BIRTHDAY, bool)
    for name, wanted in (member.profile or {}).items():
        if name in policy.profile:
            yield Condition(f"when.member.profile.{name}", profile(name), _equals(name, wanted))


def _in_season(policy: Policy, codes: Iterable[str]) -> Callable[[date], bool]:
    wanted = tuple(codes)
    return lambda day: policy.in_season(wanted, day)


def _on_weekday(weekdays: Iterable[str]) -> Callable[[date], bool]:
    wanted = frozenset(weekdays)
    return lambda day: WEEKDAYS[day.weekday()] in wanted


SHOWN = frozenset(
    {
        "products",
        "attributes",
        "travel_seasons",
        "travel_weekdays",
        "payment_methods",
        "tiers",
        "seasons",
        "weekdays",
        "member",
        "percent",
    }
)
"""Keys of selectors that are visible in cells, at least in part."""


def hidden(policy: Policy, when: FactSelector | Discount) -> dict[str, Any]:
    """The conditions of the selector that are not visible in cells, by key: each may hold in any of
    its cells.
    """
    found = {
        name: value
        for name in when.model_fields_set - SHOWN
        if (value := getattr(when, name)) is not None
    }
    for name, wanted in (getattr(when, "attributes", None) or {}).items():
        if policy.attributes.get(name) == "number":
            found[attribute(name)] = wanted
    if isinstance(when, FactSelector) and when.member is not None:
        for name in when.member.model_fields_set - {"birthday_month", "profile"}:
            if (asked := getattr(when.member, name)) is not None:
                found[f"member.{name}"] = asked
        for name, wanted in (when.member.profile or {}).items():
            if name not in policy.profile:
                found[profile(name)] = wanted
    return found


def impossible(when: FactSelector) -> str | None:
    """The key that needs an impossible number, below zero; None if none does."""
    asked: dict[str, Range | None] = {"when.nights": getattr(when, "nights", None)}
    if when.member is not None:
        asked["when.member.joined_days"] = when.member.joined_days
    for key, wanted in asked.items():
        if wanted is not None and wanted.max is not None and wanted.max < 0:
            return key
    return None
