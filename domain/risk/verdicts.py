"""Verdicts: the rules that fire at a fact, and their decision. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.programmes.risk_terms import AmountRule, AnyRiskRule, Decided, LoopRule
from domain.risk.prior_facts import PriorFacts

HARDEST: tuple[Decided, ...] = ("deny", "review", "hold")
"""If several rules fire, the first of these modes decides."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """Withholding of a fact's points until an instant; None until staff have decided."""

    until: datetime | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The rules that fired, in the order of the document, and what the live ones decide."""

    fired: tuple[AnyRiskRule, ...] = ()

    @property
    def decision(self) -> Decided | None:
        live = {rule.decide for rule in self.fired if rule.mode == "live"}
        return next((one for one in HARDEST if one in live), None)


NOTHING = Verdict()
"""No rule fired."""


def judge(
    rules: Sequence[AnyRiskRule],
    prior: Mapping[str, PriorFacts],
    points: int,
    *,
    in_all: int | None = None,
) -> Verdict:
    """The verdict for a fact with this many points, given what was seen before it.

    `in_all` are the points by which it is judged, if different: for an amendment the total points
    of its booking, beyond those that staff approved before.
    """
    amount = points if in_all is None else in_all
    fired = (one for one in rules if _fires(one, prior.get(one.code), points, amount))
    return Verdict(tuple(fired))


def longer(one: Withheld | None, other: Withheld | None) -> Withheld | None:
    """The longer of two."""
    if one is None or other is None:
        return one or other
    if one.until is None or other.until is None:
        return Withheld(None)
    return Withheld(max(one.until, other.until))


def _fires(rule: AnyRiskRule, prior: PriorFacts | None, points: int, amount: int) -> bool:
    if isinstance(rule, AmountRule):
        return amount > rule.over
    if prior is None:
        return False
    if isinstance(rule, LoopRule):
        return prior.count >= rule.bookings and prior.came_back >= rule.share * prior.count
    found = prior.count + 1 if rule.of == "count" else prior.points + points
    return found > rule.more_than
