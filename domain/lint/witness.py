"""Witness: the booking of one line that is worth the most, as the engine itself judges it.

Each case has its own bound. The cases with the highest bounds are tried, with guesses for their
rules' other conditions, until no remaining bound is above the best one found.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from domain.earning import discounts, earning
from domain.earning.values import Line, MemberFacts
from domain.kernel.money import AMOUNT_MINOR_MAX
from domain.lint import fitting, returns
from domain.lint.cells import DAY, TIER, Space
from domain.lint.fitting import AMOUNT, Values
from domain.lint.returns import Case, Reckoning
from domain.programmes.policy import Policy
from domain.programmes.rules import BonusRule, EarningRule, RateAddRule, RateRule, StepRule

CASES_MAX = 40
"""Most cases that the engine judges."""

ROUNDED_LITTLE = 1000


@dataclass(frozen=True, slots=True)
class Witness:
    """A booking of one line, in minor units, and its worth in percent of its amount."""

    line: Line
    day: date
    payment_method: str | None
    member: MemberFacts
    points: int
    percent: Fraction


@dataclass(frozen=True, slots=True)
class _Candidate:
    bound: Fraction
    values: Values
    held: int


def best(space: Space, basket_minor: int) -> Witness | None:
    """The best booking of one line of the basket or more; None beyond `returns.CELLS_MAX`."""
    known = returns.reckoning(space)
    found = returns.cases(known)
    if found is None:
        return None
    candidates = _candidates(known, basket_minor, *found)
    candidates.sort(key=lambda one: (-one.bound, one.values[AMOUNT]))
    winner: Witness | None = None
    for tried in candidates[:CASES_MAX]:
        if winner is not None and tried.bound <= winner.percent:
            break
        made = _best_of(known, tried)
        if winner is None or made.percent > winner.percent:
            winner = made
    return winner


def _candidates(
    known: Reckoning, basket_minor: int, states: Sequence[Case], lines: Sequence[Case]
) -> list[_Candidate]:
    """For each set of rules that can hold together, the first case in which they do."""
    policy = known.policy
    found: dict[tuple[object, ...], _Candidate] = {}
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
                    values = {**state.values, **line.values, AMOUNT: amount}
                    found[alike] = _Candidate(bound, values, held)
    return list(found.values())


def _best_of(known: Reckoning, found: _Candidate) -> Witness:
    """The best booking found for a case: with all of its rules or as many as hold together, then
    with each of their values changed, as long as that is worth more.
    """
    policy, held = known.policy, known.of_bits(found.held)
    # a discount may be worth more than rules that exclude it
    chosen, most = found.values, _rank(policy, found.values)
    for values in fitting.fits(known.space, sorted(held, key=_most_first), found.values):
        if (rank := _rank(policy, values)) > most:
            chosen, most = values, rank
        if max(most) >= found.bound:
            break
    while max(most) < found.bound:
        others = fitting.singly(known.space, held, chosen, found.values)
        values = max(others, key=lambda one: _rank(policy, one), default=chosen)
        if (rank := _rank(policy, values)) <= most:
            break
        chosen, most = values, rank
    amounts = ({**chosen, AMOUNT: amount} for amount in _amounts(policy, held, chosen[AMOUNT]))
    return max((_judged(policy, values) for values in amounts), key=lambda one: one.percent)


def _rank(policy: Policy, values: Values) -> tuple[Fraction, Fraction]:
    """Worth of a booking in percent, and worth of a much larger one: rounding to whole points may
    hide a rule's effect in the first.
    """
    larger = {**values, AMOUNT: _rounded_little(values[AMOUNT])}
    return _judged(policy, values).percent, _judged(policy, larger).percent


def _rounded_little(least_minor: int) -> int:
    """An amount large enough that rounding to whole points takes little of it."""
    return min(least_minor * ROUNDED_LITTLE, AMOUNT_MINOR_MAX)


def _most_first(rule: EarningRule) -> tuple[bool, Fraction]:
    """Rules for each unit of money before bonuses, those that give the most first."""
    if isinstance(rule, BonusRule):
        return True, Fraction(-rule.points)
    if isinstance(rule, RateRule | StepRule):
        return False, -Fraction(rule.points) / Fraction(rule.per)
    return False, -Fraction(rule.add if isinstance(rule, RateAddRule) else rule.factor)


def _amounts(policy: Policy, held: Iterable[EarningRule], least_minor: int) -> list[int]:
    """The least amount, the next whole step of each base rule from it, and an amount that rounding
    hardly reduces.
    """
    found = {least_minor, _rounded_little(least_minor)}
    for rule in held:
        if isinstance(rule, RateRule | StepRule):
            per = policy.minor_units(rule.per)
            found.add(-(-least_minor // per) * per)
    return sorted(found)


def _judged(policy: Policy, values: Values) -> Witness:
    """The engine's judgement of a booking."""
    booking = fitting.made(policy, values)
    line, sale = booking.line, booking.sale
    earned = earning.evaluate(
        policy, [line], sale.member, day=sale.day, payment_method=sale.payment_method
    )
    worth = policy.minor_per_point * returns.factor_to_come(policy, sale.day)
    off = discounts.on_lines(policy, sale.member.tier, [line]).get(1, 0)
    percent = 100 * (earned.points * worth + off) / line.amount_minor
    return Witness(line, sale.day, sale.payment_method, sale.member, earned.points, percent)
