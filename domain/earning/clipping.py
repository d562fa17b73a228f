"""Clipping: a rule's points after its limit, the member's caps, and its budget.

In this order, without return: points that a budget cuts are not granted by another rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.earning.values import Allowance, Reason
from domain.programmes.rules import Limit

EVERY_RULE = "*"
"""Key, among the allowances, of what caps leave to all rules together."""


@dataclass(slots=True)
class Clipping:
    """Points that caps leave to the following awards; None where there is no cap."""

    cap: int | None = None

    @classmethod
    def within(cls, allowances: Mapping[str, Allowance]) -> "Clipping":
        return cls(allowances[EVERY_RULE].points if EVERY_RULE in allowances else None)

    def grant(self, rule: str, points: int, allowance: Allowance) -> tuple[int, list[Reason]]:
        """The part of `points` that the rule grants, and why not all; uses up what caps leave."""
        limited, budget = within_limit(points, allowance), allowance.budget
        capped = limited if self.cap is None else min(limited, self.cap)
        granted = capped if budget is None else max(0, min(capped, budget))
        if self.cap is not None:
            self.cap -= capped
        losses = []
        if limited < points and allowance.paid_before:
            losses.append(paid_before(rule))
        elif limited < points:
            losses.append(Reason("capped", {"rule": rule, "lost": points - limited}))
        if capped < limited:
            losses.append(Reason("cap", {"rule": rule, "lost": limited - capped}))
        if granted < capped:
            losses.append(Reason("budget", {"rule": rule, "lost": capped - granted}))
        return granted, losses


def paid_before(code: str, *, merged: bool = False) -> Reason:
    """Reason why a grant given once per member is not given to a member who returned after erasure,
    or who had it as one that was `merged` into it.
    """
    return Reason("paid_before_merging" if merged else "paid_before_erasure", {"rule": code}, 0)


def within_limit(points: int, allowance: Allowance) -> int:
    """Points within the rule's own limit."""
    if allowance.times is not None and allowance.times <= 0:
        return 0
    return points if allowance.points is None else max(0, min(points, allowance.points))


def whole(limit: Limit | None) -> Allowance:
    """The allowance of an unused limit."""
    return Allowance() if limit is None else Allowance(limit.times, limit.points)
