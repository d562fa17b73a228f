"""The terms of a policy's rules, evaluated a second time from the plain document.

It shares no code with the product. It is slow, and follows the description of the policy language
closely.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

Document = Mapping[str, Any]
Tree = tuple[Any, ...]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
INT64 = 2**63


@dataclass(frozen=True, slots=True)
class Sold:
    """A booking line; `cash` is in minor units of the currency."""

    product: str
    cash: int
    attributes: Mapping[str, Any] = field(default_factory=dict)
    travel_from: date | None = None
    travel_to: date | None = None

    @property
    def nights(self) -> int | None:
        if self.travel_from is None or self.travel_to is None:
            return None
        return (self.travel_to - self.travel_from).days


@dataclass(frozen=True, slots=True)
class Known:
    """What a rule may depend on besides the lines; `counts` of spend are in minor units."""

    tier: str
    day: date
    hour: int
    birthday: date | None
    profile: Mapping[str, Any]
    joined: date
    counts: Mapping[str, int]
    lists: frozenset[str] = frozenset()
    method: str | None = None


@dataclass(slots=True)
class Left:
    """What is left of limits by rule, as (times, points), of budgets by rule, and of the caps."""

    limits: Mapping[str, tuple[int | None, int | None]] = field(default_factory=dict)
    budgets: Mapping[str, int] = field(default_factory=dict)
    cap: int | None = None

    def clip(self, rule: str, points: int) -> int:
        """Points after the rule's limit, then the cap, then the rule's budget."""
        points = self.limited(rule, points)
        if self.cap is not None:
            points = min(points, self.cap)
            self.cap -= points
        return max(0, min(points, self.budgets.get(rule, points)))

    def limited(self, rule: str, points: int) -> int:
        times, most = self.limits.get(rule, (None, None))
        if times is not None and times <= 0:
            return 0
        return points if most is None else max(0, min(points, most))


class Erred(Exception):
    """A condition cannot be computed."""


@dataclass(slots=True)
class Asking:
    """One document, what is known of one member, and the document's conditions parsed, by text."""

    document: Document
    known: Known
    digits: int
    trees: Mapping[str, Tree]

    def minor(self, money: Any) -> int:
        return int(Fraction(Decimal(str(money))) * 10**self.digits)

    @property
    def tier(self) -> str:
        """The level of a stored code in this document; the first one for a code that only a later
        version has, as may happen with the terms at a friend's enrolment.
        """
        renames = self.document["tiers"].get("renames", {})
        code = str(renames.get(self.known.tier, self.known.tier))
        return code if code in self.levels else self.levels[0]

    @property
    def levels(self) -> list[str]:
        return [level["code"] for level in self.document["tiers"]["levels"]]

    @property
    def rank(self) -> int:
        return self.levels.index(self.tier)

    def in_season(self, codes: Sequence[str], day: date) -> bool:
        seasons = [one for one in self.document.get("seasons", ()) if one["code"] in codes]
        return any(covers(span, day) for season in seasons for span in season["spans"])

    def of_member(self, when: Mapping[str, Any]) -> bool:
        """Whether tiers, member and counts match; the `cel` condition is not evaluated here."""
        asked = when.get("member", {})
        joined = (self.known.day - self.known.joined).days
        born = self.known.birthday
        return (
            ("tiers" not in when or self.tier in when["tiers"])
            and (
                "birthday_month" not in asked
                or (born is not None and born.month == self.known.day.month)
            )
            and all(
                _same(self.known.profile.get(key), value)
                for key, value in asked.get("profile", {}).items()
            )
            and (
                "joined_days" not in asked
                or (joined >= 0 and _within(asked["joined_days"], joined))
            )
            and all(self._counted(code, wanted) for code, wanted in when.get("counts", {}).items())
        )

    def _counted(self, code: str, wanted: Mapping[str, int]) -> bool:
        spend = self.document["counts"][code]["of"] == "spend"
        unit = 10**self.digits if spend else 1
        scaled = {end: number * unit for end, number in wanted.items()}
        return _within(scaled, self.known.counts.get(code, 0))

    def in_segment(self, code: str) -> bool:
        [segment] = [one for one in self.document["segments"] if one["code"] == code]
        if segment.get("list"):
            return code in self.known.lists
        when = segment["when"]
        if not self.of_member(when):
            return False
        return "cel" not in when or self.condition(when["cel"], self.names_of_member()) is True

    def holds(self, rule: Mapping[str, Any]) -> bool:
        """Whether the rule holds on the day for this member, leaving out lines and `cel`."""
        when, valid, day = rule.get("when", {}), rule.get("valid", {}), self.known.day
        return (
            valid.get("from", "") <= day.isoformat() <= valid.get("through", "9999")
            and ("seasons" not in when or self.in_season(when["seasons"], day))
            and ("weekdays" not in when or WEEKDAYS[day.weekday()] in when["weekdays"])
            and ("segments" not in when or any(map(self.in_segment, when["segments"])))
            and ("payment_methods" not in when or self.known.method in when["payment_methods"])
            and self.of_member(when)
        )

    def lines(self, rule: Mapping[str, Any], lines: Sequence[Sold]) -> list[int]:
        """The indexes of the lines that match."""
        if not self.holds(rule):
            return []
        when = rule.get("when", {})
        found = [at for at, line in enumerate(lines) if self._is_about(when, line)]
        if "cel" not in when:
            return found
        booking = self.names_of_fact() | {
            "booking.payment_method": self.known.method or "",
            "booking.products": [line.product for line in lines],
            "booking.amount": sum(line.cash for line in lines),
        }
        return [
            at
            for at in found
            if self.condition(when["cel"], booking | self._names_of_line(lines[at])) is True
        ]

    def _is_about(self, when: Mapping[str, Any], line: Sold) -> bool:
        nights = line.nights
        return (
            ("products" not in when or line.product in when["products"])
            and all(
                _same(line.attributes.get(key), value)
                for key, value in when.get("attributes", {}).items()
            )
            and ("nights" not in when or (nights is not None and _within(when["nights"], nights)))
            and self._travels(when, line.travel_from)
        )

    def _travels(self, when: Mapping[str, Any], first: date | None) -> bool:
        if first is None:
            return not when.keys() & {"travel_seasons", "travel_weekdays", "lead_days"}
        days = when.get("travel_weekdays", WEEKDAYS)
        return (
            ("travel_seasons" not in when or self.in_season(when["travel_seasons"], first))
            and WEEKDAYS[first.weekday()] in days
            and _within(when.get("lead_days", {}), (first - self.known.day).days)
        )

    def reached(
        self, rule: Mapping[str, Any], lines: Sequence[Sold], booked: Sequence[Sold] | None = None
    ) -> list[int]:
        """The matching lines; none if their total is below `min_amount` or above `max_amount`.

        A total that was above `max_amount` before refunds stays above it.
        """
        found, when = self.lines(rule, lines), rule.get("when", {})
        total = sum(lines[at].cash for at in found)
        before = lines if booked is None else booked
        dear = sum(before[at].cash for at in self.lines(rule, before))
        if "min_amount" in when and total < self.minor(when["min_amount"]):
            return []
        return [] if "max_amount" in when and dear > self.minor(when["max_amount"]) else found

    def names_of_member(self) -> dict[str, Any]:
        born = self.known.birthday
        names: dict[str, Any] = {
            "member.tier": self.tier,
            "member.tier_rank": self.rank,
            "member.joined_days": (self.known.day - self.known.joined).days,
            "member.birthday_month": born is not None and born.month == self.known.day.month,
        }
        for key, declared in self.document.get("profile", {}).items():
            names[f"member.profile.{key}"] = _typed(self.known.profile.get(key), declared["type"])
        for code in self.document.get("counts", {}):
            names[f"count.{code}"] = self.known.counts.get(code, 0)
        return names

    def names_of_fact(self) -> dict[str, Any]:
        names = self.names_of_member()
        for segment in self.document.get("segments", ()):
            names[f"segment.{segment['code']}"] = self.in_segment(segment["code"])
        return names | {
            "fact.date": self.known.day.isoformat(),
            "fact.weekday": self.known.day.isoweekday(),
            "fact.hour": self.known.hour,
        }

    def _names_of_line(self, line: Sold) -> dict[str, Any]:
        first, last = line.travel_from, line.travel_to
        names: dict[str, Any] = {
            "line.product": line.product,
            "line.travel_from": first.isoformat() if first else "",
            "line.travel_to": last.isoformat() if last else "",
            "line.amount": line.cash,
            "line.nights": line.nights or 0,
            "line.lead_days": (first - self.known.day).days if first else -1,
        }
        for key, kind in self.document.get("attributes", {}).items():
            names[f"line.attributes.{key}"] = _typed(line.attributes.get(key), kind)
        return names

    def condition(self, text: str, names: Mapping[str, Any]) -> bool | None:
        """Whether the condition is true; None where it cannot be computed."""
        try:
            return bool(ask(self.trees[text], names))
        except Erred:
            return None


def ask(tree: Tree, names: Mapping[str, Any]) -> Any:
    """The value of a condition; an error on one side is ignored where the other side decides."""
    head, *parts = tree
    if head == "name":
        return names[parts[0]]
    if head == "value":
        return parts[0]
    if head == "!":
        return not ask(parts[0], names)
    if head in ("&&", "||"):
        return _either(head, parts, names)
    return _compute(head, *(ask(part, names) for part in parts))


def _either(head: str, parts: Sequence[Tree], names: Mapping[str, Any]) -> bool:
    decides, erred = head == "||", False
    for part in parts:
        try:
            if bool(ask(part, names)) is decides:
                return decides
        except Erred:
            erred = True
    if erred:
        raise Erred
    return not decides


def _compute(head: str, left: Any, right: Any) -> Any:
    if head == "all":
        return all(item == right for item in left)
    if head == "in":
        return left in right
    if head in ("/", "%") and right == 0:
        raise Erred
    if head == "/":
        found = abs(left) // abs(right)
        return found if (left < 0) == (right < 0) else -found
    if head == "%":
        found = abs(left) % abs(right)
        return found if left >= 0 else -found
    if head in ("+", "*"):
        found = left + right if head == "+" else left * right
        if not -INT64 <= found < INT64:
            raise Erred
        return found
    return {
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
        "==": left == right,
        "!=": left != right,
    }[head]


def covers(span: Mapping[str, str], day: date) -> bool:
    first, last = span["from"], span["through"]
    if len(first) > len("07-01"):
        return first <= day.isoformat() <= last
    leap = day.year % 4 == 0 and (day.year % 100 != 0 or day.year % 400 == 0)
    ends = ["02-28" if end == "02-29" and not leap else end for end in (first, last)]
    today = day.isoformat()[5:]
    if ends[0] <= ends[1]:
        return ends[0] <= today <= ends[1]
    return today >= ends[0] or today <= ends[1]


def _within(wanted: Mapping[str, int], number: int) -> bool:
    return wanted.get("min", number) <= number <= wanted.get("max", number)


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return type(found) is int and _within(wanted, found)
    return type(found) is type(wanted) and found == wanted


def _typed(found: Any, kind: str) -> Any:
    """The value; the empty value of its kind if it has another type than declared."""
    kinds: dict[str, tuple[type, Any]] = {
        "boolean": (bool, False),
        "text": (str, ""),
        "number": (int, 0),
    }
    wanted, nothing = kinds[kind]
    return found if type(found) is wanted else nothing
