"""Fitting: values of one booking under which rules hold, for conditions not visible in cells.

Cells leave amounts, numbers, counts, segments and cel open. Values that a rule needs are guessed
from its text: the ends of its ranges, the numbers and words of its cel and their neighbours, and
days of travel as far ahead as it requires. The engine's own tests decide which guesses fit.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice, product
from typing import Any

from domain.earning import matching
from domain.earning.matching import Sale
from domain.earning.values import Line, MemberFacts
from domain.kernel.money import AMOUNT_MINOR_MAX
from domain.lint import cells, days
from domain.lint.cells import BIRTHDAY, DAY, METHOD, PRODUCT, TIER, TRAVEL, Condition, Space
from domain.programmes.policy import Policy
from domain.programmes.rules import EarningRule, RateRule, StepRule
from domain.programmes.selectors import Range, SegmentSelector, Selector

AMOUNT, NIGHTS, JOINED, HOUR, DAYS = "amount", "nights", "joined_days", "hour", "days"
"""Dimensions that cells do not have; `days` is the pair of the days of booking and travel."""

GUESSES_MAX = 1500
"""Most combinations of guesses that are tried for one rule."""

STRETCHES_MAX = 60
"""Most later stretches of time that are tried for travel."""

DISTANCE_DAYS_MAX = 3650
"""Most days ahead, and of length, of a guessed journey."""

ROUNDLY = 1000
"""A factor that makes a number of the rules large compared with all of them."""

Values = Mapping[str, Any]
"""Chosen values of a booking, by dimension."""

_TEXT = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_COMPARED = re.compile(r"([\w.]+) *([<>=!]=|[<>]) *(\d+)(?![\w.])")
_BESIDE = {">=": 0, "<=": 0, "==": 0, ">": 1, "<": -1, "!=": 1}
"""Neighbours to try of a number in a comparison."""
_NUMBER = re.compile(r"(?<![\w.])\d+(?!\w)")


def count(code: str) -> str:
    """The dimension of a count."""
    return f"count.{code}"


@dataclass(frozen=True, slots=True)
class Made:
    """A booking of one line, with all values that rules use."""

    line: Line
    sale: Sale


def made(policy: Policy, values: Values) -> Made:
    """The booking of these values."""
    first, nights = values[TRAVEL], values.get(NIGHTS)
    last = None if first is None or nights is None else days.later(first, nights)
    attributes = _named(values, "attributes.")
    line = Line(1, values[PRODUCT], values[AMOUNT], attributes, travel_from=first, travel_to=last)
    member = MemberFacts(
        values[TIER],
        values[BIRTHDAY],
        _named(values, "profile."),
        values.get(JOINED),
        _named(values, "count."),
        values.get(HOUR, 0),
    )
    listed = [segment.code for segment in policy.segments if segment.listed]
    is_in = {one.code: matching.belongs(policy, one, member, listed) for one in policy.segments}
    member = replace(member, segments=is_in)
    return Made(line, Sale(policy, member, values[DAY], values[METHOD]))


def _named(values: Values, prefix: str) -> dict[str, Any]:
    return {
        name.removeprefix(prefix): value
        for name, value in values.items()
        if name.startswith(prefix) and value is not None
    }


def holds(policy: Policy, rule: EarningRule, booking: Made) -> bool:
    """Whether a rule counts for this booking."""
    return bool(matching.question(policy, rule).reached(booking.sale, [booking.line]))


@dataclass(frozen=True, slots=True)
class _Frame:
    """Conditions on every choice, and the base rules that must not start to hold: one of these
    might then be the one that counts.
    """

    shown: Sequence[Condition]
    rivals: Sequence[EarningRule]


def fits(space: Space, rules: Sequence[EarningRule], values: Values) -> Iterator[Values]:
    """These values, changed so that as many of the rules hold as can be found: first keeping the
    rules that hold already, with the visible conditions of all, then in the order of the rules.
    """
    policy, booking = space.policy, made(space.policy, values)
    kept_first = sorted(rules, key=lambda rule: not holds(policy, rule, booking))
    shown = [asked for rule in rules for asked in cells.conditions(policy, rule)]
    base = (rule for rule in policy.earning if isinstance(rule, RateRule | StepRule))
    rivals = [rule for rule in base if rule not in rules]
    yield from _by_orders(space, kept_first, values, _Frame(shown, rivals))
    yield from _by_orders(space, rules, values, _Frame((), rivals))


def _by_orders(
    space: Space, rules: Sequence[EarningRule], values: Values, frame: _Frame
) -> Iterator[Values]:
    """The values found in this order, then with each missed rule placed first: choices for other
    rules may have excluded it.
    """
    found, missed = _in_order(space, rules, values, frame)
    yield found
    for first in missed:
        if _first_fit(space, [first], values, frame) is not None:
            rest = [rule for rule in rules if rule is not first]
            yield _in_order(space, [first, *rest], values, frame)[0]


def _in_order(
    space: Space, rules: Sequence[EarningRule], values: Values, frame: _Frame
) -> tuple[Values, list[EarningRule]]:
    """The values found by fitting one rule after the other, and the rules that do not hold."""
    kept: list[EarningRule] = []
    missed: list[EarningRule] = []
    for rule in rules:
        found = _first_fit(space, [rule, *kept], values, frame)
        if found is None:
            missed.append(rule)
        else:
            values = found
            kept.append(rule)
    return values, missed


def _first_fit(
    space: Space, rules: Sequence[EarningRule], values: Values, frame: _Frame
) -> Values | None:
    """The first guesses for the first of these rules under which all of them hold."""
    tries = islice(_tries(space, rules[0], values), GUESSES_MAX)
    return next((one for one in tries if _hold(space.policy, rules, one, frame)), None)


def _hold(policy: Policy, rules: Iterable[EarningRule], values: Values, frame: _Frame) -> bool:
    """Whether these rules hold within the frame."""
    if not all(asked.holds(values[asked.dimension]) for asked in frame.shown):
        return False
    booking = made(policy, values)
    return all(holds(policy, rule, booking) for rule in rules) and not any(
        holds(policy, rule, booking) for rule in frame.rivals
    )


def _tries(space: Space, rule: EarningRule, values: Values) -> Iterator[Values]:
    """The values themselves, then with guesses for the rule, the days first."""
    policy = space.policy
    yield values
    asked = {
        # the present value comes last: it does not satisfy the rule
        name: [one for one in (*choices[1:], choices[0]) if _is_asked(policy, rule, name, one)]
        for name, choices in guesses(space, rule, values).items()
    }
    guessed = {name: asked[name] for name in sorted(asked, key=lambda name: name != DAYS)}
    for chosen in product(*guessed.values()):
        yield _with(values, dict(zip(guessed, chosen, strict=True)))


def _is_asked(policy: Policy, rule: EarningRule, name: str, choice: Any) -> bool:
    """Whether the rule's range for a dimension, if any, contains this value."""
    when = rule.when
    if name == DAYS:
        day, first = choice
        lead = when.lead_days
        return lead is None or (first is not None and lead.covers((first - day).days))
    of, _, code = name.rpartition(".")
    wanted: Any = None
    if of == "count" and code in (when.counts or {}):
        wanted, choice = policy.in_minor_units(code, (when.counts or {})[code]), choice or 0
    elif of == "attributes":
        wanted = (when.attributes or {}).get(code)
    elif name == NIGHTS:
        wanted = when.nights
    elif name == JOINED:
        wanted = when.member and when.member.joined_days
    if isinstance(wanted, Range):
        return choice is not None and wanted.covers(choice)
    return wanted is None or bool(choice == wanted)


def _with(values: Values, chosen: Mapping[str, Any]) -> Values:
    day, first = chosen.get(DAYS, (values[DAY], values[TRAVEL]))
    rest = {name: value for name, value in chosen.items() if name != DAYS}
    return {**values, **rest, DAY: day, TRAVEL: first}


def singly(
    space: Space, rules: Iterable[EarningRule], values: Values, case: Values
) -> Iterator[Values]:
    """The values with one of them changed as a rule or a discount of the tier may need it, or
    removed; then the same with all except the days as in the original case, before changes for a
    rule's cel.
    """
    asked = [item for rule in rules for item in guesses(space, rule, values).items()]
    for discount in space.policy.level(values[TIER]).all_discounts:
        asked += _of_attributes(space.policy, discount.attributes)
    choices: dict[str, list[Any]] = {}
    for name, asked_for in asked:
        choices.setdefault(name, []).extend(asked_for)
    again = {**values, **case, DAY: values[DAY], TRAVEL: values[TRAVEL]}
    for start in (values, again) if again != values else (values,):
        for name, found in choices.items():
            yield from (_with(start, {name: choice}) for choice in _each_once(found))


def guesses(space: Space, rule: EarningRule, values: Values) -> dict[str, list[Any]]:
    """By dimension, guesses for the rule's conditions not visible in cells, the present value
    first; money in minor units, and never less than the amount.
    """
    policy = space.policy
    whens = [rule.when, *_of_segments(policy, rule.when)]
    found: dict[str, list[Any]] = {}
    for when in whens:
        for name, guessed in (*_of_ranges(policy, when), *_of_cel(policy, when)):
            found.setdefault(name, []).extend(guessed)
    if {DAYS, NIGHTS} & found.keys():
        found[DAYS] = list(_days(space, rule, found.get(DAYS, []), values))
    ready = {}
    for name, choices in found.items():
        now = (values[DAY], values[TRAVEL]) if name == DAYS else values.get(name)
        ready[name] = [one for one in _each_once([now, *choices]) if _may_be(name, one, values)]
    return ready


def _may_be(name: str, value: Any, values: Values) -> bool:
    if name == AMOUNT:
        return bool(values[AMOUNT] <= value <= AMOUNT_MINOR_MAX)
    if name in (NIGHTS, JOINED):
        return value is None or 0 <= value <= DISTANCE_DAYS_MAX
    return not name.startswith("count.") or value is None or value >= 0


def _each_once(values: Iterable[Any]) -> list[Any]:
    """The values, each once; true is not the number 1."""
    return list({(type(value), value): value for value in values}.values())


def _of_segments(policy: Policy, when: Selector) -> list[SegmentSelector]:
    named = policy.segments_asked(when)
    return [segment.when for segment in named if segment.when is not None]


def _of_ranges(policy: Policy, when: SegmentSelector) -> Iterator[tuple[str, list[Any]]]:
    if isinstance(when, Selector):
        yield from _of_attributes(policy, when.attributes)
        if when.nights is not None:
            yield NIGHTS, _ends(when.nights)
        if when.lead_days is not None:
            yield DAYS, _ends(when.lead_days)
    if when.member is not None and when.member.joined_days is not None:
        yield JOINED, _ends(when.member.joined_days)
    for code, within in (when.counts or {}).items():
        yield count(code), _ends(policy.in_minor_units(code, within))


def _of_attributes(
    policy: Policy, asked: Mapping[str, Any] | None
) -> Iterator[tuple[str, list[Any]]]:
    for name, wanted in (asked or {}).items():
        if policy.attributes.get(name) == "number":
            yield cells.attribute(name), _ends(wanted)


def _ends(wanted: Any) -> list[int]:
    """The ends of a range, or the required number."""
    if isinstance(wanted, Range):
        return [end for end in (wanted.min, wanted.max) if end is not None]
    return [wanted] if type(wanted) is int else []


def _of_cel(policy: Policy, when: SegmentSelector) -> Iterator[tuple[str, list[Any]]]:
    """The names in its cel, each with all values to try."""
    condition = policy.condition(when)
    if condition is None or when.cel is None:
        return
    texts = [one or other for one, other in _TEXT.findall(when.cel)]
    said = [int(found) for found in _NUMBER.findall(_TEXT.sub("", when.cel))]
    numbers = [number + beside for number in said for beside in (0, 1, -1)]
    numbers += [0, 1, *(number * ROUNDLY for number in said)]
    of_kind: Mapping[str, list[Any]] = {
        "number": [number for number in numbers if number <= AMOUNT_MINOR_MAX],
        "text": [*texts, None],
        "boolean": [True, False],
    }
    compared = {
        name: int(number) + _BESIDE[operator]
        for name, operator, number in _COMPARED.findall(when.cel)
    }
    kinds = policy.attributes | {name: one.type for name, one in policy.profile.items()}
    for name in sorted(condition.names):
        dimension, kind = _DIMENSIONS.get(name, (None, None))
        part, _, code = name.rpartition(".")
        if part == "count":
            dimension, kind = name, "number"
        elif part in ("line.attributes", "member.profile"):
            dimension, kind = f"{part.partition('.')[2]}.{code}", kinds[code]
        if dimension is not None and kind is not None:
            first = [compared[name]] if name in compared and kind == "number" else []
            yield dimension, _known(policy, dimension, [*first, *of_kind[kind]])


_DIMENSIONS: Mapping[str, tuple[str, str]] = {
    "line.product": (PRODUCT, "text"),
    "booking.products": (PRODUCT, "text"),
    "line.amount": (AMOUNT, "number"),
    "booking.amount": (AMOUNT, "number"),
    "booking.payment_method": (METHOD, "text"),
    "line.nights": (NIGHTS, "number"),
    "line.travel_to": (NIGHTS, "number"),
    "line.lead_days": (DAYS, "number"),
    "line.travel_from": (DAYS, "text"),
    "fact.date": (DAYS, "text"),
    "fact.weekday": (DAYS, "number"),
    "fact.hour": (HOUR, "number"),
    "member.joined_days": (JOINED, "number"),
    "member.birthday_month": (BIRTHDAY, "boolean"),
}
"""Names of cel by their dimension; a member's tier is that of the case."""


def _known(policy: Policy, dimension: str, guessed: list[Any]) -> list[Any]:
    """Those of these that the document has; only hours of a day."""
    if dimension == PRODUCT:
        return [one for one in guessed if one in policy.products]
    if dimension == METHOD:
        return [one for one in guessed if one is None or one in policy.payment_methods]
    return [one for one in guessed if 0 <= one < 24] if dimension == HOUR else guessed


def _days(
    space: Space, rule: EarningRule, asked: Sequence[Any], values: Values
) -> Iterator[tuple[date, date | None]]:
    """Days of booking and of travel: as far apart as required and up to a week more or less, with
    either of them kept; the days of the week after either; named days; and days of travel in later
    stretches of time.
    """
    day, first = values[DAY], values[TRAVEL]
    dates = [one for one in map(_date, asked) if one is not None]
    leads = [one for one in asked if type(one) is int and abs(one) <= DISTANCE_DAYS_MAX]
    for lead in leads or [0]:
        yield from ((day, days.later(day, lead + step)) for step in range(7))
        yield from ((day, days.later(day, lead - step)) for step in range(1, 7))
        later = (days.later(day, step) for step in range(1, 7))
        yield from ((one, days.later(one, lead)) for one in later)
        if first is not None:
            before = (days.later(first, -lead - step) for step in range(7))
            yield from ((one, first) for one in before if one > day)
    near = (days.later(day, step) for step in range(7))
    yield from ((one, first) for one in (*near, *dates) if one >= day)
    stretches = (one for one in space.values[TRAVEL] if first is not None and one and one >= day)
    yield from ((day, one) for one in (*dates, *islice(stretches, STRETCHES_MAX)))
    if rule.when.lead_days is None:
        yield day, None


def _date(text: Any) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
