"""Rulebooks: the earning rules of a policy as bookings are judged by them.

One is made of a policy once. What does not depend on the booking stands in it already: what each
rule asks, its numbers as ratios of whole numbers and in minor units, the terms of its points.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import UnionType

from domain.earning import clipping, lot_keys, matching
from domain.earning.matching import Question
from domain.earning.values import Allowance
from domain.programmes.made import once
from domain.programmes.policy import Policy
from domain.programmes.rules import (
    TIER_AWARD,
    BonusRule,
    EarningRule,
    MultiplierRule,
    RateAddRule,
    RateRule,
    Rule,
    StepRule,
)

Terms = tuple[str | None, bool]
"""On which terms points are granted, as in keys of lots: the rule that has them, and whether they
wait.
"""

Ratio = tuple[int, int]
"""A fraction in lowest terms: numerator and denominator."""

WHOLE: Ratio = (1, 1)


@dataclass(frozen=True, slots=True)
class Clause:
    """A rule: what it asks, and what it gives where that is so.

    Of rules of which only one counts, the one of the highest `rank` does. `ratio` is points for
    each `per_minor`, or for each whole one where `in_steps`, or what is added or multiplied by;
    `text` is the same in figures. `whole` is its limit of which nothing is used, and what it gives
    is told under `reason`.
    """

    code: str
    reason: str
    asked: Question
    terms: Terms
    whole: Allowance
    rank: Decimal = Decimal(0)
    ratio: Ratio = WHOLE
    text: str = ""
    per_minor: int = 1
    points: int = 0
    exclusive: str | None = None
    in_steps: bool = False


@dataclass(frozen=True, slots=True)
class Rulebook:
    """A policy's rules by what they do, in the order of the document; `tiers` by their rank.

    `classes` are those of multipliers, of each of which one counts for a line.
    """

    base: tuple[Clause, ...]
    rate_adds: tuple[Clause, ...]
    classes: tuple[tuple[Clause, ...], ...]
    bonuses: tuple[Clause, ...]
    tiers: tuple[Clause, ...]


@once
def of(policy: Policy) -> Rulebook:
    """The rulebook of a policy."""
    return Rulebook(
        base=_clauses(policy, RateRule | StepRule),
        rate_adds=_clauses(policy, RateAddRule),
        classes=tuple(_of_class(policy, code) for code in policy.multiplier_classes),
        bonuses=_clauses(policy, BonusRule),
        tiers=tuple(_of_tier(policy, level.multiplier) for level in policy.tiers.levels),
    )


def _clauses(policy: Policy, kind: type[Rule] | UnionType) -> tuple[Clause, ...]:
    return tuple(_clause(policy, rule) for rule in policy.earning if isinstance(rule, kind))


def _of_class(policy: Policy, code: str) -> tuple[Clause, ...]:
    return tuple(
        _clause(policy, rule)
        for rule in policy.earning
        if isinstance(rule, MultiplierRule) and rule.multiplier_class == code
    )


def _clause(policy: Policy, rule: EarningRule) -> Clause:
    asked, terms = matching.question(policy, rule), _terms(policy, rule.code)
    shared = (rule.code, rule.kind, asked, terms, clipping.whole(rule.limit))
    match rule:
        case RateRule() | StepRule():
            return Clause(
                *shared,
                rank=Decimal(rule.when.specificity),
                ratio=rule.points.as_integer_ratio(),
                per_minor=policy.minor_units(rule.per),
                in_steps=isinstance(rule, StepRule),
            )
        case RateAddRule(add=add):
            return Clause(*shared, ratio=add.as_integer_ratio(), text=_text(add))
        case MultiplierRule(factor=factor):
            ratio = factor.as_integer_ratio()
            return Clause(*shared, rank=factor, ratio=ratio, text=_text(factor))
        case BonusRule():
            return Clause(*shared, points=rule.points, exclusive=rule.exclusive)


def _of_tier(policy: Policy, multiplier: Decimal) -> Clause:
    """The multiplier of a tier, which is asked of nothing else."""
    asked, terms = Question(TIER_AWARD), _terms(policy, TIER_AWARD)
    ratio, text = multiplier.as_integer_ratio(), _text(multiplier)
    return Clause(TIER_AWARD, "tier_multiplier", asked, terms, Allowance(), ratio=ratio, text=text)


def _terms(policy: Policy, rule: str) -> Terms:
    return policy.own_terms(rule), lot_keys.waits(policy, rule)


def _text(value: Decimal) -> str:
    """1.2 also where the document has 1.20."""
    scaled = Fraction(value) * 10**12
    digits = f"{scaled.numerator // scaled.denominator:013d}"
    return f"{digits[:-12]}.{digits[-12:]}".rstrip("0").rstrip(".")
