"""Clipping: what is left of a rule's points by its limit, the member's caps, and its budget.

In this order, and never back: what a budget takes off is not given by another rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.earning.values import Allowance, Reason
from domain.programmes.rules import Limit

EVERY_RULE = "*"
"""What caps leave to all rules together stands among the allowances under this."""


@dataclass(slots=True)
class Clipping:
    """What caps leave to the awards that follow, in points; None where there is no cap."""

    cap: int | None = None

    @classmethod
    def within(cls, allowances: Mapping[str, Allowance]) -> "Clipping":
        return cls(allowances[EVERY_RULE].points if EVERY_RULE in allowances else None)

    def grant(self, rule: str, points: int, allowance: Allowance) -> tuple[int, list[Reason]]:
        """What the rule grants of `points`, and why not all; it uses up what caps leave."""
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
    """Why what comes once for a member is not paid to one who was erased and is there again, or
    who had it as one that was `merged` into it.
    """
    return Reason("paid_before_merging" if merged else "paid_before_erasure", {"rule": code}, 0)


def within_limit(points: int, allowance: Allowance) -> int:
    """What the rule's own limit leaves."""
    if allowance.times is not None and allowance.times <= 0:
        return 0
    return points if allowance.points is None else max(0, min(points, allowance.points))


def whole(limit: Limit | None) -> Allowance:
    """What a limit leaves of which nothing is used."""
    return Allowance() if limit is None else Allowance(limit.times, limit.points)
