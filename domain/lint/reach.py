"""Reach: rules that match no cell, keys that exclude none, and rules that another one always beats.

Base rules, the multipliers of a class and the bonuses of a group are rivals: only one of these
counts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Any

from domain.lint import cells
from domain.lint.cells import DAY, Box, Condition, Space
from domain.programmes.grants import Mission
from domain.programmes.policy import Policy
from domain.programmes.refusals import Finding, FindingCode
from domain.programmes.rules import (
    BonusRule,
    EarningRule,
    MultiplierRule,
    RateRule,
    StepRule,
    Validity,
)
from domain.programmes.selectors import FactSelector

OVERLAPS_MAX = 50
"""Most overlaps reported of one class or group."""

PIECES_MAX = 1000
"""Most boxes into which a rule's cells are cut; beyond them it stays undecided whether others cover
them.
"""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A rule with its cells, and with its conditions not visible in cells."""

    rule: EarningRule
    box: Box
    hidden: Mapping[str, Any]

    @property
    def path(self) -> str:
        return f"earning.{self.rule.code}"


def findings(space: Space) -> Iterator[Finding]:
    """All findings about the cells that the rules match."""
    policy = space.policy
    unreachable: set[str] = set()
    for path, rule in cells.every(policy):
        found = _unreachable(space, rule.when, path, rule.valid)
        if found is not None:
            unreachable.add(path)
            yield found
        else:
            yield from _always_true(space, rule.when, path)
        if isinstance(rule, Mission):
            yield from _of_steps(space, rule, path)
    ranked = [Ranked(r, space.box(r), cells.hidden(policy, r.when)) for r in policy.earning]
    ranked = [one for one in ranked if one.path not in unreachable]
    for rivals, beats in _rivalries(policy, ranked):
        yield from _contests(space, rivals, beats)


def _of_steps(space: Space, mission: Mission, path: str) -> Iterator[Finding]:
    """Conditions of the steps, each on the days of the mission's window."""
    window = Validity.model_construct(from_=mission.window.from_, through=mission.window.through)
    for step in mission.steps:
        where = f"{path}.steps.{step.code}"
        found = _unreachable(space, step.when, where, window)
        yield from [found] if found else _always_true(space, step.when, where)


def _unreachable(space: Space, when: FactSelector, path: str, valid: Validity) -> Finding | None:
    asked = [Condition("valid", DAY, valid.covers), *cells.of_selector(space.policy, when)]
    seasons = [one for one in asked if one.key in ("valid", "when.seasons")]
    if when.seasons and not space.matching(seasons)[DAY]:
        named = ", ".join(when.seasons)
        return Finding(FindingCode.CONTRADICTION, path, {"seasons": named})
    for dimension, held in space.matching(asked).items():
        if not held:
            keys = [one.key for one in asked if one.dimension == dimension and one.key != "valid"]
            return Finding(FindingCode.UNREACHABLE, path, {"keys": ", ".join(keys) or "valid"})
    never = cells.impossible(when)
    return Finding(FindingCode.UNREACHABLE, path, {"keys": never}) if never else None


def _always_true(space: Space, when: FactSelector, path: str) -> Iterator[Finding]:
    for asked in cells.of_selector(space.policy, when):
        if all(map(asked.holds, space.values[asked.dimension])):
            yield Finding(FindingCode.ALWAYS_TRUE, f"{path}.{asked.key}")
    if getattr(when, "min_amount", None) == 0:
        yield Finding(FindingCode.ALWAYS_TRUE, f"{path}.when.min_amount")


Beats = Callable[[EarningRule, EarningRule], bool]
"""Whether the first rule counts where both hold."""


def _rivalries(
    policy: Policy, ranked: Sequence[Ranked]
) -> Iterator[tuple[Sequence[Ranked], Beats]]:
    place = {rule.code: at for at, rule in enumerate(policy.earning)}

    def by(worth: Callable[[Any], Any]) -> Beats:
        def beats(one: EarningRule, other: EarningRule) -> bool:
            ours, theirs = worth(one), worth(other)
            return bool(ours > theirs or (ours == theirs and place[one.code] < place[other.code]))

        return beats

    base = [one for one in ranked if isinstance(one.rule, RateRule | StepRule)]
    yield base, by(lambda rule: rule.when.specificity)
    multipliers = [one for one in ranked if isinstance(one.rule, MultiplierRule)]
    for name in policy.multiplier_classes:
        yield [m for m in multipliers if _class(m) == name], by(lambda rule: rule.factor)
    bonuses = [one for one in ranked if isinstance(one.rule, BonusRule)]
    for group in dict.fromkeys(filter(None, map(_group, bonuses))):
        yield [b for b in bonuses if _group(b) == group], by(lambda rule: rule.points)


def _class(one: Ranked) -> str | None:
    return one.rule.multiplier_class if isinstance(one.rule, MultiplierRule) else None


def _group(one: Ranked) -> str | None:
    return one.rule.exclusive if isinstance(one.rule, BonusRule) else None


def _contests(space: Space, rivals: Sequence[Ranked], beats: Beats) -> Iterator[Finding]:
    shadowed: set[str] = set()
    for one in rivals:
        better = [other for other in rivals if other is not one and beats(other.rule, one.rule)]
        if winners := _shadowing(space, one, better):
            shadowed.add(one.rule.code)
            params = {"others": ", ".join(other.rule.code for other in winners)}
            yield Finding(FindingCode.SHADOWED, one.path, params)
    if rivals and not isinstance(rivals[0].rule, RateRule | StepRule):
        left = [one for one in rivals if one.rule.code not in shadowed]
        yield from islice(_overlaps(space, left, beats), OVERLAPS_MAX)


def _overlaps(space: Space, rivals: Sequence[Ranked], beats: Beats) -> Iterator[Finding]:
    for one, other in combinations(rivals, 2):
        if space.meet(one.box, other.box):
            wins, loses = (one, other) if beats(one.rule, other.rule) else (other, one)
            shown = {"winner": wins.rule.code, "group": _class(wins) or _group(wins)}
            yield Finding(FindingCode.OVERLAP, loses.path, shown)


def _shadowing(space: Space, one: Ranked, better: Sequence[Ranked]) -> Sequence[Ranked]:
    """Better rules of which one always holds where this one does; empty without such rules."""
    usable = [other for other in better if not _may_be_used_up(other)]
    for other in usable:
        if space.within(one.box, other.box) and _implied(other, one):
            return [other]
    certain = [other for other in usable if not other.hidden]
    left: list[Box] = [one.box]
    for other in certain:
        left = [piece for box in left for piece in _without(space, box, other.box)]
        if len(left) > PIECES_MAX:
            return ()
    return () if left else [other for other in certain if space.meet(one.box, other.box)]


def _may_be_used_up(one: Ranked) -> bool:
    """Whether its limit may make it lose: the bonus of a group that counts is the one that grants
    most after limits.
    """
    return isinstance(one.rule, BonusRule) and one.rule.limit is not None


def _implied(one: Ranked, by: Ranked) -> bool:
    """Whether the conditions not visible in cells hold for one rule wherever they do for the
    other.
    """
    for key, wanted in one.hidden.items():
        given = by.hidden.get(key)
        if key == "min_amount":
            # the other matches at least as many lines, and so at least the same amount
            if wanted > (given or 0):
                return False
        elif key == "max_amount" or given != wanted:
            return False
    return True


def _without(space: Space, box: Box, taken: Box) -> Iterator[Box]:
    """The cells of one box that are not in the other, as disjoint boxes."""
    rest = dict(box)
    for name, held in taken.items():
        ours = rest.get(name, space.whole(name))
        if outside := ours - held:
            yield {**rest, name: outside}
        if not ours & held:
            return
        rest[name] = ours & held
