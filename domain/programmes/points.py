"""Points: whether a programme has them, and what is refused where it has none.

A programme without points has members, tiers, discounts and benefits; nothing in it gives, holds
or takes points.
"""

from collections.abc import Iterable

from domain.kernel.refusals import InvalidInput
from domain.programmes.policy import Policy
from domain.programmes.refusals import PolicyFault
from domain.programmes.rules import FromAttribute

_OF_POINTS = ("earning", "redemption_rates", "completion", "offset", "reminders", "transfers")
"""Parts of a document that are about points alone."""

_REASON = "the programme has no `points`"


def check(policy: Policy, path: tuple[str, ...] = ("points",)) -> None:
    """Raises: InvalidInput where the programme has no points."""
    if not policy.has_points:
        raise InvalidInput("no_points", path=path)


def faults(policy: Policy) -> Iterable[PolicyFault]:
    """What a document without points says of them."""
    if policy.has_points:
        return
    for name in _OF_POINTS:
        if name in policy.model_fields_set and getattr(policy, name) not in ((), None):
            yield PolicyFault(name, _REASON)
    if "claw_back" in policy.refunds.model_fields_set:
        yield PolicyFault("refunds.claw_back", _REASON)
    if "points" in policy.tiers.measures:
        yield PolicyFault("tiers.basis", _REASON)
    for index, level in enumerate(policy.tiers.levels):
        if level.multiplier != 1:
            yield PolicyFault(f"tiers.levels.{index}.multiplier", _REASON)
    for index, activity in enumerate(policy.activities):
        if isinstance(activity.points, FromAttribute) or activity.points:
            yield PolicyFault(f"activities.{index}.points", _REASON)
