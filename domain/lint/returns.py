"""Returns: the most that a booking can be worth to a member, in percent of its amount.

    return(a) = [a x max over lines of (base x (tier + sum of rate_add) x product of the best factor
    per class) + sum of bonuses] x worth of a point x largest redemption factor still to come / a
    + largest discount

for an amount a and one state: tier, payment method, day, and the member's attributes. The bound is
the maximum over all states, at the basket and at each least amount above it: between these it
cannot rise. Limits, caps, budgets and steps only lower it; activities and grants are left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import reduce
from itertools import product
from math import prod
from operator import and_, or_
from typing import Any

from domain.lint import cells
from domain.lint.cells import DAY, PRODUCT, TIER, TRAVEL, Box, Space
from domain.programmes.levels import Discount
from domain.programmes.policy import Policy
from domain.programmes.rules import (
    BonusRule,
    EarningRule,
    MultiplierRule,
    RateAddRule,
    RateRule,
    StepRule,
)

CELLS_MAX = 100_000
"""Most cells; beyond them each factor is maximised separately."""


@dataclass(frozen=True, slots=True)
class Case:
    """Values of some dimensions, with the bits of the rules and of the discounts that hold."""

    values: Mapping[str, Any]
    rules: int
    discounts: int


@dataclass(slots=True)
class Reckoning:
    """A document's rules as bits of a number, with cached results for their sets."""

    space: Space
    rules: Sequence[EarningRule]
    certain: Sequence[bool]
    discounts: Sequence[tuple[str, Discount]]
    sure: Sequence[bool]
    rates: dict[tuple[int, str], Fraction] = field(default_factory=dict)
    bonuses: dict[int, int] = field(default_factory=dict)

    @property
    def policy(self) -> Policy:
        return self.space.policy

    def of_bits(self, bits: int) -> list[EarningRule]:
        """The rules whose bits are set, in the order of the document."""
        return [rule for at, rule in enumerate(self.rules) if bits >> at & 1]

    def affordable(self, amount_minor: int) -> int:
        """The rules that can hold at this amount."""
        return _bits(_least_minor(self.policy, rule) <= amount_minor for rule in self.rules)

    def rate(self, bits: int, tier: str) -> Fraction:
        """Most points for a minor unit of a line that these rules match."""
        known = self.rates.get((bits, tier))
        if known is None:
            known = self.rates[bits, tier] = self._rate(bits, tier)
        return known

    def _rate(self, bits: int, tier: str) -> Fraction:
        held = self.of_bits(bits)
        add = sum((Fraction(r.add) for r in held if isinstance(r, RateAddRule)), Fraction(0))
        multiplier = Fraction(self.policy.level(tier).multiplier)
        return self._base(bits) * (multiplier + add) * prod(_factors(held).values())

    def _base(self, bits: int) -> Fraction:
        """The best base rule, down to the first one that certainly holds."""
        ranked = [
            (rule, sure)
            for at, (rule, sure) in enumerate(zip(self.rules, self.certain, strict=True))
            if bits >> at & 1 and isinstance(rule, RateRule | StepRule)
        ]
        ranked.sort(key=lambda one: -one[0].when.specificity)
        best = Fraction(0)
        for rule, sure in ranked:
            best = max(best, _points_per_minor(self.policy, rule))
            if sure:
                break
        return best

    def bonus(self, bits: int) -> int:
        """The sum of these rules' bonuses, with only the largest of a group."""
        known = self.bonuses.get(bits)
        if known is None:
            alone = [rule for rule in self.of_bits(bits) if isinstance(rule, BonusRule)]
            groups: dict[str, int] = {}
            for rule in alone:
                name = f"group {rule.exclusive}" if rule.exclusive else f"rule {rule.code}"
                groups[name] = max(groups.get(name, 0), rule.points)
            known = self.bonuses[bits] = sum(groups.values())
        return known

    def discount(self, bits: int) -> Fraction:
        """The largest discount on a line by these rules, as a share of its amount."""
        ranked: dict[int, list[tuple[Fraction, bool]]] = {}
        for at, (_, one) in enumerate(self.discounts):
            if bits >> at & 1:
                percent = Fraction(one.percent) / 100
                ranked.setdefault(one.specificity, []).append((percent, self.sure[at]))
        best = Fraction(0)
        for specificity in sorted(ranked, reverse=True):
            sure = [percent for percent, certain in ranked[specificity] if certain]
            best = max(best, min(sure) if sure else max(p for p, _ in ranked[specificity]))
            if sure:
                break
        return best


def reckoning(space: Space) -> Reckoning:
    policy = space.policy
    rules = [rule for rule in policy.earning if _can_hold(space, rule)]
    levels = policy.tiers.levels
    discounts = [(level.code, one) for level in levels for one in level.all_discounts]
    return Reckoning(
        space,
        rules,
        # a rule may lack its amount although this much is paid: for other lines
        [not cells.hidden(policy, rule.when) for rule in rules],
        discounts,
        [not cells.hidden(policy, one) for _, one in discounts],
    )


def _can_hold(space: Space, rule: EarningRule) -> bool:
    return all(space.box(rule).values()) and cells.impossible(rule.when) is None


def amounts(policy: Policy, basket_minor: int) -> list[int]:
    """The basket and each least amount above it, in minor units."""
    least = {_least_minor(policy, rule) for rule in policy.earning}
    return sorted({basket_minor, *(one for one in least if one > basket_minor)})


def _least_minor(policy: Policy, rule: EarningRule) -> int:
    least = rule.when.min_amount
    return 0 if least is None else policy.minor_units(least)


def _points_per_minor(policy: Policy, rule: RateRule | StepRule) -> Fraction:
    return Fraction(rule.points) / policy.minor_units(rule.per)


def _factors(held: Sequence[EarningRule]) -> dict[str, Fraction]:
    """By class, the largest factor of these rules."""
    best: dict[str, Fraction] = {}
    for rule in held:
        if isinstance(rule, MultiplierRule):
            name = rule.multiplier_class
            best[name] = max(best.get(name, Fraction(1)), Fraction(rule.factor))
    return best


def _bits(held: Iterable[bool]) -> int:
    return sum(1 << at for at, one in enumerate(held) if one)


def maximum(space: Space, basket_minor: int) -> Fraction:
    """The bound, in percent: no booking of this amount or more is worth more to a member."""
    known = reckoning(space)
    found = cases(known)
    known, states, lines = _apart(known) if found is None else (known, *found)
    return max(_at(known, amount, states, lines) for amount in amounts(space.policy, basket_minor))


def _at(known: Reckoning, amount: int, states: Sequence[Case], lines: Sequence[Case]) -> Fraction:
    """The maximum at one amount over all states, in percent."""
    policy, held = known.policy, known.affordable(amount)
    found: dict[tuple[int, str], Fraction] = {}
    discounts: dict[int, Fraction] = {}
    best = Fraction(0)
    for state in states:
        tier, bits = state.values[TIER], state.rules & held
        if (bits, tier) not in found:
            rate = max(known.rate(bits & line.rules, tier) for line in lines)
            found[bits, tier] = amount * rate + known.bonus(bits)
        if state.discounts not in discounts:
            off = (known.discount(state.discounts & line.discounts) for line in lines)
            discounts[state.discounts] = max(off)
        worth = policy.minor_per_point * factor_to_come(policy, state.values[DAY])
        best = max(best, found[bits, tier] * worth / amount + discounts[state.discounts])
    return best * 100


def factor_to_come(policy: Policy, day: date) -> Fraction:
    """The largest redemption factor of any tier on that day or later."""
    best = Fraction(1)
    for rate in policy.redemption_rates:
        seasons = [season for season in policy.seasons if season.code in (rate.seasons or ())]
        ends = [span.last for season in seasons for span in season.spans]
        if rate.seasons is None or any(last is None or last >= day for last in ends):
            best = max(best, Fraction(rate.factor))
    return best


def cases(known: Reckoning) -> tuple[list[Case], list[Case]] | None:
    """The states of fact and member, and the lines of a booking, that rules distinguish.

    None if there are more than `CELLS_MAX` cells.
    """
    facts, lines = _dimensions(known)
    if prod(map(len, (*facts, *lines))) > CELLS_MAX:
        return None
    return _crossed(facts), _crossed(lines)


def _dimensions(known: Reckoning) -> tuple[list[list[Case]], list[list[Case]]]:
    """The distinguished values of dimensions of facts, the tier first, and of lines."""
    space = known.space
    boxes = [space.box(rule) for rule in known.rules]
    taken = [
        {**space.matching(cells.of_selector(space.policy, one)), TIER: _tier(space, code)}
        for code, one in known.discounts
    ]
    lines = [PRODUCT, TRAVEL, *(name for name in space.values if name.startswith("attributes."))]
    facts = [TIER, *(name for name in space.values if name not in {TIER, *lines})]
    return (
        [_values(space, name, boxes, taken) for name in facts],
        [_values(space, name, boxes, taken) for name in lines],
    )


def _apart(known: Reckoning) -> tuple[Reckoning, list[Case], list[Case]]:
    """Each factor separately: a rule holds if it does for some value of each dimension.

    None certainly holds then, as each may need another value.
    """
    (tiers, *facts), lines = _dimensions(known)
    unsure = [False] * len(known.rules), [False] * len(known.discounts)
    loose = replace(known, certain=unsure[0], sure=unsure[1], rates={}, bonuses={})
    rest = [_any(values) for values in facts]
    states = [_merged([tier, *rest]) for tier in tiers]
    return loose, states, [_merged([_any(values) for values in lines])]


def _any(values: Sequence[Case]) -> Case:
    """The first of these values, with all rules that hold for any of them."""
    rules = reduce(or_, (one.rules for one in values))
    return Case(values[0].values, rules, reduce(or_, (one.discounts for one in values)))


def _tier(space: Space, code: str) -> frozenset[int]:
    return frozenset([list(space.values[TIER]).index(code)])


def _values(space: Space, name: str, boxes: Sequence[Box], taken: Sequence[Box]) -> list[Case]:
    """The values of a dimension that rules distinguish, each the first of equivalent ones."""
    found: dict[Any, Case] = {}
    for at, value in enumerate(space.values[name]):
        if name == DAY and value < space.since:
            continue
        rules = _bits(name not in box or at in box[name] for box in boxes)
        discounts = _bits(name not in box or at in box[name] for box in taken)
        alike = (rules, discounts, value if name == TIER else None)
        found.setdefault(alike, Case({name: value}, rules, discounts))
    return list(found.values())


def _crossed(dimensions: Sequence[Sequence[Case]]) -> list[Case]:
    return [_merged(parts) for parts in product(*dimensions)]


def _merged(parts: Sequence[Case]) -> Case:
    values = {name: value for part in parts for name, value in part.values.items()}
    rules = reduce(and_, (part.rules for part in parts))
    return Case(values, rules, reduce(and_, (part.discounts for part in parts)))
