"""Risk terms: what looks like fraud, at which facts, and what is decided of it.

Members are never informed about these rules.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from domain.programmes.nodes import Code, Node, Points, Rate, Words
from domain.programmes.refusals import FaultCode, Path, PolicyFault
from domain.programmes.trees import items, texts, value

RULES_MAX = 50
KEPT_DAYS = 180
"""Days for which signals of devices, cards and addresses are kept."""
HOURS_MAX = KEPT_DAYS * 24
HELD_HOURS_MAX = 90 * 24
LOOP_BOOKINGS_MAX = 1000
LOOP_DAYS_MAX = 3650

Moment = Literal["earn", "redeem", "transfer", "enrol"]
Earned = Literal["booking", "activity"]
Decided = Literal["hold", "review", "deny"]

DECIDES: dict[str, tuple[str, ...]] = {
    "earn": ("hold", "review", "deny"),
    "redeem": ("review", "deny"),
    "transfer": ("review", "deny"),
    "enrol": ("review", "deny"),
}
"""Possible decisions by kind of action: spent points, or nobody's yet, cannot be held."""


class RiskRule(Node):
    """Fields that all rules share."""

    code: Code
    name: Words
    on: Moment = Field(description="What it is applied to.")
    facts: tuple[Earned, ...] | None = Field(
        None, min_length=1, description="Kind of facts that can earn it; both kinds if not given."
    )
    decide: Decided = Field(description="Treatment of a fact at which it fires.")
    mode: Literal["live", "shadow"] = Field(
        "live", description="Whether it decides, or only records what it would have decided."
    )

    def asks_of(self, moment: Moment, fact: Earned | None) -> bool:
        """Whether it is asked at this moment, of such a fact where something is earned."""
        return self.on == moment and (fact is None or self.facts is None or fact in self.facts)


class VelocityRule(RiskRule):
    """Fires when the fact makes the number in the last hours exceed this limit."""

    kind: Literal["velocity"]
    of: Literal["count", "points"]
    by: Literal["member", "key", "device", "card", "ip"]
    hours: Annotated[int, Field(ge=1, le=HOURS_MAX, strict=True)]
    more_than: Points


class AmountRule(RiskRule):
    """Fires at a fact with more points than this."""

    kind: Literal["amount"]
    over: Points


class LoopRule(RiskRule):
    """Fires when this share of the last days' bookings, if there are enough, was fully refunded."""

    kind: Literal["loop"]
    bookings: Annotated[int, Field(ge=1, le=LOOP_BOOKINGS_MAX, strict=True)] = Field(
        description="Smallest number of bookings."
    )
    share: Annotated[Rate, Field(gt=0, le=1)] = Field(
        description="Share from which it fires, 1 for all."
    )
    days: Annotated[int, Field(ge=1, le=LOOP_DAYS_MAX, strict=True)]


AnyRiskRule = Annotated[VelocityRule | AmountRule | LoopRule, Field(discriminator="kind")]


class RiskTerms(Node):
    """Rules against fraud; when several live rules fire, the strictest decides."""

    hours: Annotated[int, Field(ge=1, le=HELD_HOURS_MAX, strict=True)] = Field(
        72,
        description="Hours for which held points wait for a review; without a decision by then, "
        "they are released.",
    )
    rules: tuple[AnyRiskRule, ...] = Field((), max_length=RULES_MAX)

    def asked_of(
        self, moment: Moment, fact: Earned | None = None
    ) -> tuple["VelocityRule | AmountRule | LoopRule", ...]:
        """The rules that are asked at this moment, in the order of the document."""
        return tuple(rule for rule in self.rules if rule.asks_of(moment, fact))


def faults(tree: Any) -> Iterator[PolicyFault]:
    """Faults of risk rules in a new document: impossible decisions and measures."""
    for where, rule in items(tree, "risk", "rules"):
        moment, decided = value(rule, "on"), value(rule, "decide")
        possible = DECIDES.get(moment, ()) if isinstance(moment, str) else ()
        if possible and decided in DECIDES["earn"] and decided not in possible:
            at = (*where, "decide")
            yield PolicyFault(FaultCode.RISK_DECIDES, at, decided, str(moment), possible)
        if moment == "earn":
            yield from _booking_faults(rule, where)
        elif possible and value(rule, "facts") is not None:
            yield PolicyFault(FaultCode.RISK_FACTS, (*where, "facts"), moment)
        if moment == "enrol":
            yield from _enrolment_faults(rule, where)
        if value(tree, "points") is None:
            yield from _point_faults(rule, where)


def _booking_faults(rule: Any, where: Path) -> Iterator[PolicyFault]:
    """A booking has happened, so that it cannot be denied."""
    named = [one for _, one in texts(rule, "facts")]
    if value(rule, "decide") == "deny" and (not named or "booking" in named):
        yield PolicyFault(FaultCode.RISK_DENIES_BOOKINGS, (*where, "decide"), "deny")


def _enrolment_faults(rule: Any, where: Path) -> Iterator[PolicyFault]:
    """Faults of rules for enrolment: a new member has no earlier facts and gets no points by it."""
    kind = value(rule, "kind")
    of_count = value(rule, "of") != "points" and value(rule, "by") != "member"
    if kind in ("amount", "loop") or (kind == "velocity" and not of_count):
        yield PolicyFault(FaultCode.RISK_OF_ENROLLING, (*where, "kind"), kind)


def _point_faults(rule: Any, where: Path) -> Iterator[PolicyFault]:
    if value(rule, "kind") == "amount":
        yield PolicyFault(FaultCode.NO_POINTS, (*where, "kind"), "amount")
    if value(rule, "of") == "points":
        yield PolicyFault(FaultCode.NO_POINTS, (*where, "of"), "points")
