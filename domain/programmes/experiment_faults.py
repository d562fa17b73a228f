"""Faults of experiments: fields that no variant can set, and what cannot hold together."""

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from domain.programmes import trees
from domain.programmes.nodes import span_day
from domain.programmes.refusals import FaultCode, Path, PolicyFault
from domain.programmes.trees import codes, items, value

Settings = Mapping[str, Any]

SETTABLE = "earning.CODE.…, activities.CODE.…, points.expiry.…, prices.CODE"
"""Fields that a variant may set: points of facts, their validity, and prices of rewards."""

_EXPIRY = r"expiry\.(?:months|through)"

_SETTABLE = re.compile(
    rf"earning\.[a-z][a-z0-9_]*\.(?:points|per|add|factor|when\.m(?:in|ax)_amount|{_EXPIRY})"
    rf"|activities\.[a-z][a-z0-9_]*\.(?:points(?:\.(?:rate|from|minimum|maximum))?|{_EXPIRY})"
    rf"|points\.{_EXPIRY}|prices\.[a-z][a-z0-9_]*"
)


def settings(tree: Any) -> Iterator[tuple[Path, Settings]]:
    """Permitted settings of each variant, with the variant's place."""
    for at, one in items(tree, "experiments"):
        for where, _ in items(one, "variants"):
            found = value(one, *where, "set")
            if isinstance(found, dict):
                allowed = {path: to for path, to in found.items() if may_set(tree, path)}
                yield (*at, *where), allowed


def may_set(tree: Any, path: object) -> bool:
    return isinstance(path, str) and bool(_SETTABLE.fullmatch(path)) and way(tree, path) is not None


def way(tree: Any, path: str) -> Path | None:
    """The keys and places that lead to a field of the document; None where nothing does."""
    *before, last = path.split(".")
    node, found = tree, list[str | int]()
    for step in before:
        if isinstance(node, list):
            place = next((n for n, one in enumerate(node) if value(one, "code") == step), None)
            if place is None:
                return None
            found.append(place)
            node = node[place]
        else:
            if step not in (node if isinstance(node, dict) else ()) and step != "prices":
                return None
            found.append(step)
            node = value(node, step)
    return None if isinstance(node, list) else (*found, last)


def applied(tree: Any, settings: Settings) -> Any:
    """A copy of the document with these values of its fields."""
    for path, to in settings.items():
        found = way(tree, path)
        tree = tree if found is None else _with(tree, found, to)
    return tree


def _with(tree: Any, at: Path, to: Any) -> Any:
    if not at:
        return to
    first, *rest = at
    if isinstance(tree, list):
        return [_with(one, tuple(rest), to) if n == first else one for n, one in enumerate(tree)]
    known = tree if isinstance(tree, dict) else {}
    return {**known, first: _with(known.get(first), tuple(rest), to)}


def faults(tree: Any) -> Iterator[PolicyFault]:
    yield from trees.repeated(codes(tree, "experiments"))
    for at, one in items(tree, "experiments"):
        yield from trees.repeated(codes(tree, *at, "variants"))
        yield from _weights(at, one)
        first, last = (span_day(value(one, name)) for name in ("from", "until"))
        if first is not None and last is not None and str(last) < str(first):
            yield PolicyFault(FaultCode.BACKWARDS, (*at, "from"), str(first), str(last))
        for where, _ in items(tree, *at, "variants"):
            for place, path in trees.keys(tree, *where, "set"):
                if not may_set(tree, path):
                    known = tuple(_known(tree))
                    field = FaultCode.EXPERIMENT_FIELD
                    yield PolicyFault(field, place, path, SETTABLE, known, of_key=True)
    yield from _overlaps(tree)


def _known(tree: Any) -> Iterator[str]:
    """The fields of the document that a variant may set."""
    for section in ("earning", "activities", "points"):
        for where, one in items(tree, section):
            yield from _below(f"{section}.{value(one, 'code') or where[-1]}", one)


def _below(path: str, node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, one in node.items():
            yield from _below(f"{path}.{key}", one)
    elif _SETTABLE.fullmatch(path):
        yield path


def _weights(at: Path, one: Any) -> Iterator[PolicyFault]:
    weights = [value(variant, "weight") for _, variant in items(one, "variants")]
    known = [weight for weight in weights if type(weight) is int]
    if weights and len(known) == len(weights) and sum(known) != 100:
        yield PolicyFault(FaultCode.EXPERIMENT_WEIGHTS, (*at, "variants"), sum(known))


def _overlaps(tree: Any) -> Iterator[PolicyFault]:
    """Fields that two experiments would set at the same time."""
    for (_, one), (at, other) in combinations(items(tree, "experiments"), 2):
        if not overlap(one, other):
            continue
        before = [path for where, _ in items(one, "variants") for path in _fields(one, where)]
        for where, _ in items(other, "variants"):
            for path in _fields(other, where):
                if any(_are_one(path, known) for known in before):
                    place = (*at, *where, "set", path)
                    code = str(value(one, "code"))
                    both = FaultCode.EXPERIMENT_OVERLAP
                    yield PolicyFault(both, place, path, code, of_key=True)


def overlap(one: Any, other: Any) -> bool:
    """Whether two experiments share a day, as far as their days are known."""
    days = [str(span_day(value(of, end))) for of in (one, other) for end in ("from", "until")]
    return not ("None" in days or days[1] < days[2] or days[3] < days[0])


def _are_one(path: str, other: str) -> bool:
    """Whether one is the other, or a part of it: what an activity pays, and at which rate."""
    return f"{path}.".startswith(f"{other}.") or f"{other}.".startswith(f"{path}.")


def _fields(one: Any, where: Path) -> list[str]:
    return [path for _, path in trees.keys(one, *where, "set") if isinstance(path, str)]
