"""Points: whether a programme has them, and what is refused where it has none.

A programme without points has members, tiers, discounts and benefits; nothing in it gives, holds
or takes points.
"""

from collections.abc import Iterator
from typing import Any

from domain.kernel.refusals import InvalidInput
from domain.programmes.policy import Policy
from domain.programmes.refusals import FaultCode, Path, PolicyFault
from domain.programmes.trees import items, number, texts, value

_OF_POINTS = (
    "earning",
    "caps",
    "redemption_rates",
    "completion",
    "offset",
    "reminders",
    "transfers",
    "finance",
)
"""Parts of a document that are about points alone."""


def check(policy: Policy, path: tuple[str, ...] = ("points",)) -> None:
    """Raises: InvalidInput where the programme has no points."""
    if not policy.has_points:
        raise InvalidInput("no_points", path=path)


def faults(tree: Any) -> Iterator[PolicyFault]:
    """Fields about points in a document without points."""
    if value(tree, "points") is not None:
        return
    places: list[Path] = [(name,) for name in _OF_POINTS]
    places.append(("refunds", "claw_back"))
    places += [(*level, "multiplier") for level, _ in items(tree, "tiers", "levels")]
    places += [(*activity, "points") for activity, _ in items(tree, "activities")]
    for at in places:
        found = value(tree, *at)
        neutral = 1 if at[-1] == "multiplier" else 0
        if found not in (None, []) and number(tree, *at) != neutral:
            yield PolicyFault(FaultCode.NO_POINTS, at, at[-1], of_key=True)
    basis = ("tiers", "basis")
    for at, measure in [(basis, value(tree, *basis)), *texts(tree, *basis, "any")]:
        if measure == "points":
            yield PolicyFault(FaultCode.NO_POINTS, at, measure)
