"""Witness: the booking of one line that is worth the most, as the engine itself judges it.

Each case has a bound of its own. The cases with the highest ones are tried, with the numbers that
their rules ask for, until no bound that is left is above what was found.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import islice, product
from typing import Any

from domain.earning import discounts, earning, matching
from domain.earning.values import Line, MemberFacts
from domain.kernel.money import AMOUNT_MINOR_MAX
from domain.lint import returns
from domain.lint.cells import BIRTHDAY, DAY, METHOD, PRODUCT, TIER, TRAVEL, Space
from domain.lint.returns import Case, Reckoning
from domain.programmes.policy import Policy
from domain.programmes.rules import EarningRule, RateRule, StepRule
from domain.programmes.selectors import Range, SegmentSelector

TRIED_MAX = 200
"""How many bookings are given to the engine."""

ROUNDED_LITTLE = 1000

VARIANTS_MAX = 40
"""How many ways to choose the numbers of one case are tried."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A booking of one line, in minor units, and what it is worth in percent of its amount."""

    line: Line
    day: date
    payment_method: str | None
    member: MemberFacts
    points: int
    percent: Fraction


@dataclass(frozen=True, slots=True)
class _Candidate:
    bound: Fraction
    amount_minor: int
    values: Mapping[str, Any]
    held: int


def best(space: Space, basket_minor: int) -> Witness | None:
    """The best booking of one line of the basket or more; None beyond `returns.CELLS_MAX`."""
    known = returns.reckoning(space)
    found = returns.cases(known)
    if found is None:
        return None
    ranked = sorted(
        _candidates(known, basket_minor, *found), key=lambda one: (-one.bound, one.amount_minor)
    )
    winner: Witness | None = None
    for tried in _bookings(known, ranked):
        if winner is not None and tried.bound <= winner.percent:
            break
        made = _judged(space, tried)
        if winner is None or made.percent > winner.percent:
            winner = made
    return winner


def _candidates(
    known: Reckoning, basket_minor: int, states: Sequence[Case], lines: Sequence[Case]
) -> list[_Candidate]:
    """For each set of rules that can hold together, the first case in which they do."""
    policy = known.policy
    found: dict[tuple[Any, ...], _Candidate] = {}
    for amount in returns.amounts(policy, basket_minor):
        affordable = known.affordable(amount)
        for state in states:
            tier = state.values[TIER]
            worth = policy.minor_per_point * returns.factor_to_come(policy, state.values[DAY])
            for line in lines:
                held, off = state.rules & line.rules & affordable, state.discounts & line.discounts
                alike = (amount, held, off, tier, worth)
                if alike not in found:
                    points = amount * known.rate(held, tier) + known.bonus(held)
                    bound = 100 * (points * worth / amount + known.discount(off))
                    values = {**state.values, **line.values}
                    found[alike] = _Candidate(bound, amount, values, held)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _Tried:
    bound: Fraction
    line: Line
    values: Mapping[str, Any]
    joined_days: int | None
    counts: Mapping[str, int]


def _bookings(known: Reckoning, ranked: Sequence[_Candidate]) -> Iterator[_Tried]:
    """Bookings of these cases, the best bounds first, `TRIED_MAX` at the most."""
    every = (one for found in ranked for one in islice(_variants(known, found), VARIANTS_MAX))
    return islice(every, TRIED_MAX)


def _variants(known: Reckoning, found: _Candidate) -> Iterator[_Tried]:
    """One case with the amounts, days and numbers that its rules ask for."""
    policy, held = known.policy, known.of_bits(found.held)
    numbers = [name for name, kind in policy.attributes.items() if kind == "number"]
    wanted = [_numbers((rule.when.attributes or {}).get(name) for rule in held) for name in numbers]
    leads = _numbers(rule.when.lead_days for rule in held)
    nights = _numbers(rule.when.nights for rule in held)
    whens = _asked_of_member(policy, held)
    joined = _numbers(when.member and when.member.joined_days for when in whens)
    asked = policy.counts_asked(*whens)
    counted = [_numbers((when.counts or {}).get(name) for when in whens) for name in asked]
    sums = _amounts(policy, held, found.amount_minor)
    ways = product(sums, product(leads, nights, joined), product(*wanted), product(*counted))
    for amount, (lead, stay, days), values, sizes in ways:
        first = found.values[TRAVEL]
        if lead is not None:
            first = found.values[DAY] + timedelta(days=lead)
        last = None if first is None or stay is None else first + timedelta(days=stay)
        attributes = dict(zip(numbers, values, strict=True)) | {
            name.partition(".")[2]: value
            for name, value in found.values.items()
            if name.startswith("attributes.")
        }
        given = {name: value for name, value in attributes.items() if value is not None}
        line = Line(1, found.values[PRODUCT], amount, given, travel_from=first, travel_to=last)
        counts = {
            name: _unit(policy, name) * (n or 0) for name, n in zip(asked, sizes, strict=True)
        }
        yield _Tried(found.bound, line, found.values, days, counts)


def _asked_of_member(policy: Policy, held: Sequence[EarningRule]) -> list[SegmentSelector]:
    """What the rules ask of the member, and the segments that they name."""
    whens = [rule.when for rule in held]
    segments = policy.segments_asked(*whens)
    return [*whens, *(segment.when for segment in segments if segment.when is not None)]


def _unit(policy: Policy, count: str) -> int:
    """What one of a count is in facts of members: of spend, minor units."""
    return policy.minor_units(Decimal(1)) if policy.counts[count].of == "spend" else 1


def _amounts(policy: Policy, held: Iterable[EarningRule], least_minor: int) -> list[int]:
    """The least amount, the whole steps at it or above it that base rules count in, and one that
    is so much larger that rounding to whole points takes little of it.
    """
    found = {least_minor, min(least_minor * ROUNDED_LITTLE, AMOUNT_MINOR_MAX)}
    for rule in held:
        if isinstance(rule, RateRule | StepRule):
            per = policy.minor_units(rule.per)
            found.add(-(-least_minor // per) * per)
    return sorted(found)


def _numbers(asked: Iterable[Any]) -> list[int | None]:
    """Numbers that rules ask for, and none; of a range its ends."""
    found: dict[int | None, None] = {}
    for wanted in asked:
        if isinstance(wanted, Range):
            ends = [end for end in (wanted.min, wanted.max) if end is not None]
            found |= dict.fromkeys(end for end in ends if end >= 0)
        elif isinstance(wanted, int) and not isinstance(wanted, bool):
            found[wanted] = None
    return [*found, None]


def _judged(space: Space, tried: _Tried) -> Witness:
    policy, values, amount = space.policy, tried.values, tried.line.amount_minor
    profile = {
        name.partition(".")[2]: value
        for name, value in values.items()
        if name.startswith("profile.") and value is not None
    }
    member = MemberFacts(values[TIER], values[BIRTHDAY], profile, tried.joined_days, tried.counts)
    lists = [segment.code for segment in policy.segments if segment.listed]
    is_in = {one.code: matching.belongs(policy, one, member, lists) for one in policy.segments}
    member = replace(member, segments=is_in)
    day, method = values[DAY], values[METHOD]
    earned = earning.evaluate(policy, [tried.line], member, day=day, payment_method=method)
    worth = policy.minor_per_point * returns.factor_to_come(policy, day)
    off = discounts.on_lines(policy, member.tier, [tried.line]).get(1, 0)
    percent = 100 * (earned.points * worth + off) / amount
    return Witness(tried.line, day, method, member, earned.points, percent)
