"""The points of a booking, computed a second time from the plain policy document.

It computes with fractions, one line and one rule after the other, and shares no code with the
product. It is slow, and follows the description of the policy language closely.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from tests.support.naive_asking import Asking, Left, Sold

Rule = Mapping[str, Any]


def evaluate(
    asking: Asking, lines: Sequence[Sold], left: Left, booked: Sequence[Sold] | None = None
) -> dict[str, int]:
    """Points by rule; the share of the tier's multiplier is under `tier`.

    Where `lines` are what refunds left of `booked`, each keeps the base rule and the multipliers
    that it had before the refunds.
    """
    working = Working(asking, lines, booked)
    shares = working.shares() + _bonuses(asking, lines, left, booked)
    return {rule: left.clip(rule, points) for rule, points in shares}


class Working:
    """The exact value of each line as rules apply, and each rule's part of the rounded sum."""

    def __init__(
        self, asking: Asking, lines: Sequence[Sold], booked: Sequence[Sold] | None
    ) -> None:
        self.asking, self.lines, self.booked = asking, lines, booked
        self.exact = [Fraction(0) for _ in lines]
        self.before, self.found = 0, list[tuple[str, int]]()

    def close(self, rule: str) -> None:
        """Record what the rule adds to the sum of all lines, which is rounded down as one."""
        total = floor(sum(self.exact, Fraction(0)))
        self.found.append((rule, total - self.before))
        self.before = total

    def shares(self) -> list[tuple[str, int]]:
        """What each rule adds before limits and budgets, in the order in which these apply."""
        document = self.asking.document
        rules = document.get("earning", ())
        self._base([rule for rule in rules if rule["kind"] in ("rate", "step")])
        self._tier([rule for rule in rules if rule["kind"] == "rate_add"])
        for name in document.get("multiplier_classes", ()):
            self._class(
                [one for one in rules if one["kind"] == "multiplier" if one["class"] == name]
            )
        return self.found

    def _base(self, rules: Sequence[Rule]) -> None:
        best = self._best(rules, lambda rule: len(rule.get("when", {})))
        for rule in rules:
            places = [at for at in self._reached(rule) if best.get(at) == rule["code"]]
            total, points = sum(self.lines[at].cash for at in places), _exact(rule["points"])
            per = self.asking.minor(rule.get("per", 1))
            for at in places:
                each = points / per
                if rule["kind"] == "step":
                    each = points * (total // per) / total if total else Fraction(0)
                self.exact[at] += self.lines[at].cash * each
            self.close(rule["code"])

    def _tier(self, rules: Sequence[Rule]) -> None:
        level = self.asking.document["tiers"]["levels"][self.asking.rank]
        factors = [_exact(level.get("multiplier", 1)) for _ in self.lines]
        self.exact = [value * factors[at] for at, value in enumerate(self.exact)]
        self.close("tier")
        for rule in rules:
            for at in self._reached(rule):
                more = factors[at] + _exact(rule["add"])
                self.exact[at], factors[at] = self.exact[at] / factors[at] * more, more
            self.close(rule["code"])

    def _class(self, rules: Sequence[Rule]) -> None:
        best = self._best(rules, lambda rule: _exact(rule["factor"]))
        for rule in rules:
            for at in self._reached(rule):
                if best.get(at) == rule["code"]:
                    self.exact[at] *= _exact(rule["factor"])
            self.close(rule["code"])

    def _reached(self, rule: Rule) -> list[int]:
        return self.asking.reached(rule, self.lines, self.booked)

    def _best(self, rules: Sequence[Rule], rank: Callable[[Rule], Any]) -> dict[int, str]:
        """By line, as booked, the matching rule of the highest rank; of equal ones the first."""
        found: dict[int, Rule] = {}
        for rule in rules:
            for at in self.asking.reached(rule, self.lines if self.booked is None else self.booked):
                if at not in found or rank(rule) > rank(found[at]):
                    found[at] = rule
        return {at: rule["code"] for at, rule in found.items()}


def _exact(number: Any) -> Fraction:
    return Fraction(Decimal(str(number)))


def _bonuses(
    asking: Asking, lines: Sequence[Sold], left: Left, booked: Sequence[Sold] | None
) -> list[tuple[str, int]]:
    reached = []
    for rule in asking.document.get("earning", ()):
        if rule["kind"] == "bonus":
            places = asking.reached(rule, lines, booked)
            if any(lines[at].cash for at in places):
                reached.append(rule)
    found = []
    for rule in reached:
        group = rule.get("exclusive")
        rivals = [one for one in reached if group and one.get("exclusive") == group]
        most = max((left.limited(one["code"], one["points"]) for one in rivals), default=0)
        winner = next(
            (one for one in rivals if left.limited(one["code"], one["points"]) == most), rule
        )
        if winner is rule:
            found.append((rule["code"], rule["points"]))
    return found
