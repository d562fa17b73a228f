"""Uses: definitions of a document that nothing uses, and names in it that are not defined.

They are searched in the stored document, wherever a key that can name them occurs.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from domain.lint import cells
from domain.lint.cells import Asking
from domain.programmes import reader
from domain.programmes.grants import Grant
from domain.programmes.policy import Policy
from domain.programmes.refusals import Finding, FindingCode
from domain.programmes.rules import ActivityRule, BonusRule, FromAttribute
from domain.programmes.trees import codes, items, keys, texts

_NAMING: Mapping[str, tuple[str, ...]] = {
    "seasons": ("seasons", "travel_seasons"),
    "multiplier_classes": ("class",),
    "counts": ("counts", "count"),
    "segments": ("segments",),
    "benefits": ("benefit",),
}
"""By section, the keys that name its definitions, as a value, in a list, or as keys of a range."""

_IN_CEL = re.compile(r"\b(count|segment)\.([a-z][a-z0-9_]*)")
_SECTIONS = {"count": "counts", "segment": "segments"}


def findings(policy: Policy, rewards: frozenset[str] | None) -> Iterator[Finding]:
    """`rewards` are the codes of the catalogue; None without a catalogue to compare with."""
    tree = reader.to_document(policy)
    yield from dead(tree)
    yield from _budgets(policy)
    if rewards is not None:
        yield from missing_rewards(tree, rewards)


def dead(tree: Any) -> Iterator[Finding]:
    """Seasons, classes, counts, segments and benefits that nothing names."""
    defined = {
        "seasons": codes(tree, "seasons"),
        "multiplier_classes": texts(tree, "multiplier_classes"),
        "counts": keys(tree, "counts"),
        "segments": codes(tree, "segments"),
        "benefits": codes(tree, "benefits"),
    }
    used = set(_used(tree))
    for section, found in defined.items():
        for _, code in found:
            if (section, code) not in used:
                yield Finding(FindingCode.DEAD, f"{section}.{code}")


def _used(tree: Any) -> Iterator[tuple[str, str]]:
    for place, value in _places(tree):
        if len(place) == 1:
            continue
        for section, naming in _NAMING.items():
            if place[-1] in naming:
                yield from ((section, name) for name in _names(value))
        if place[-1] == "cel" and isinstance(value, str):
            for kind, name in _IN_CEL.findall(value):
                yield _SECTIONS[kind], name


def _places(tree: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value of a document with its place, from the outside in."""
    waiting: list[tuple[tuple[Any, ...], Any]] = [((), tree)]
    while waiting:
        place, value = waiting.pop()
        for where, inner in items(value):
            waiting.append(((*place, *where), inner))
            yield (*place, *where), inner


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        yield from (name for name in value if isinstance(name, str))


def missing_rewards(tree: Any, rewards: frozenset[str]) -> Iterator[Finding]:
    """Rewards that the document names and the catalogue does not have."""
    for place, value in _places(tree):
        if place[-1] == "reward" or (place[-1] == "rewards" and len(place) > 1):
            for name in _names(value):
                if name not in rewards:
                    shown = {"reward": name}
                    yield Finding(FindingCode.REWARD_MISSING, path_of(tree, place), shown)


def path_of(tree: Any, place: tuple[Any, ...]) -> str:
    """The dotted path, with the codes of elements of lists where they have one."""
    path: list[str] = []
    for part in place:
        tree = tree[part]
        code = tree.get("code") if isinstance(part, int) and isinstance(tree, dict) else None
        path.append(code if isinstance(code, str) else str(part))
    return ".".join(path)


def _budgets(policy: Policy) -> Iterator[Finding]:
    """Budgets that are less than one award of the rule."""
    for path, rule in cells.every(policy):
        least = _least_award(rule)
        if rule.budget is not None and rule.budget.points < least:
            shown = {"points": rule.budget.points, "award": least}
            yield Finding(FindingCode.BUDGET_BELOW_ONE, f"{path}.budget", shown)


def _least_award(rule: Asking) -> int:
    """Fewest points that the rule gives if it gives any."""
    if isinstance(rule, BonusRule):
        return rule.points
    if isinstance(rule, ActivityRule):
        paid = rule.points
        return max(1, paid.minimum) if isinstance(paid, FromAttribute) else paid
    return (rule.gives.points or 1) if isinstance(rule, Grant) else 1
