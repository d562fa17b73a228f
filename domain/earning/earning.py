"""What a booking or an activity earns, and why: a pure function of policy, facts and member.

`base × (tier multiplier + Σ rate_add) × Π over classes of the largest factor in the class`
is computed exactly per line, summed, rounded down once, and spread over the lines by largest
remainder; fixed bonuses are added afterwards. Shares per rule are cumulative floors in that
order, so they add up to the same total. No floats: the lines are whole numbers of parts of a
point, of which there are as many as rates and factors make it take.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import gcd
from typing import Any

from domain.earning import clipping, places
from domain.earning.clipping import Clipping
from domain.earning.matching import Match, Matcher
from domain.earning.places import Place
from domain.earning.spreading import spread
from domain.earning.values import (
    Allowance,
    Attributes,
    Award,
    Evaluation,
    Line,
    MemberFacts,
    Reason,
)
from domain.kernel.refusals import InvalidInput
from domain.programmes.nodes import POINTS_MAX
from domain.programmes.policy import Policy
from domain.programmes.rules import (
    TIER_AWARD,
    ActivityRule,
    BonusRule,
    EarningRule,
    FromAttribute,
    MultiplierRule,
    RateAddRule,
    StepRule,
)


@dataclass(slots=True)
class _Working:
    """The exact value of each line as the effects are applied one after the other.

    `exact` and `total` are in parts, of which `parts` are one point; `total` is what rules have
    been given a share of.
    """

    lines: Sequence[Line]
    exact: dict[int, int]
    parts: int = 1
    awards: list[Award] = field(default_factory=list)
    explanation: list[Reason] = field(default_factory=list)
    shares: dict[str, Fraction] = field(default_factory=dict)
    total: int = 0
    clipping: Clipping = field(default_factory=Clipping)

    def split(self, factor: int) -> None:
        """Make so many parts of each part."""
        self.parts *= factor
        self.total *= factor
        self.exact = {number: value * factor for number, value in self.exact.items()}

    def add(self, line: int, numerator: int, denominator: int) -> None:
        """Add a fraction of a point to a line."""
        if self.parts % denominator:
            self.split(denominator // gcd(self.parts, denominator))
        self.exact[line] += numerator * (self.parts // denominator)

    def multiply(self, lines: Iterable[int], numerator: int, denominator: int) -> None:
        """Multiply these lines by a fraction."""
        self.split(denominator)
        for line in lines:
            self.exact[line] = self.exact[line] // denominator * numerator


def evaluate(
    policy: Policy,
    lines: Sequence[Line],
    member: MemberFacts,
    *,
    day: date,
    payment_method: str | None = None,
    allowances: Mapping[str, Allowance] | None = None,
    booked: Sequence[Line] | None = None,
) -> Evaluation:
    """What `lines`, booked on the local `day`, earn.

    `allowances` names every limited rule that is used up in part; a rule without one has
    its whole limit left. What the member's caps leave is that of `clipping.EVERY_RULE`. Where
    `lines` are what refunds left, `booked` are those before refunds: a line keeps the base rule,
    and in each class the multiplier, that it had when it was whole.
    """
    left = dict(allowances or {})
    multiplier = policy.level(member.tier).multiplier
    matches = Matcher(policy, member, day, payment_method, booked)
    work = _Working(
        lines, dict.fromkeys((line.number for line in lines), 0), clipping=Clipping.within(left)
    )
    whole = lines if booked is None else booked
    _apply_base(policy, work, matches, left, whole)
    _apply_tier(policy, work, member.tier, multiplier)
    factors = {line.number: Fraction(multiplier) for line in lines if policy.rate_add_rules}
    for rule in policy.rate_add_rules:
        _apply_rate_add(rule, work, factors, matches(rule), left)
    for multiplier_class in policy.multiplier_classes:
        _apply_class(policy, multiplier_class, work, matches, left, whole)
    placed = _place_shares(policy, work)
    _apply_bonuses(policy, work, matches, left, placed)
    points = sum(award.points for award in work.awards)
    if points > POINTS_MAX:
        limit = f"{POINTS_MAX} points"
        raise InvalidInput("amount_too_large", str(points), (limit,), path=("lines",))
    work.explanation += [Reason("condition_error", {"rule": rule}, 0) for rule in matches.erred]
    if points == 0 and not work.explanation:
        reason = "nothing_earned" if policy.has_points else "no_points"
        work.explanation.append(Reason(reason, {}, 0))
    line_points = places.by_line(placed, (line.number for line in lines))
    return Evaluation(
        points, tuple(work.awards), line_points, tuple(work.explanation), placed, work.shares
    )


def _place_shares(policy: Policy, work: _Working) -> dict[Place, int]:
    """What rules and multipliers granted, spread over the lines for each of their terms."""
    by_terms: dict[tuple[str | None, bool], int] = {}
    for award in work.awards:
        terms = policy.own_terms(award.rule), places.waits(policy, award.rule)
        by_terms[terms] = by_terms.get(terms, 0) + award.points
    return {
        Place(rule, number, waits): share
        for (rule, waits), points in by_terms.items()
        for number, share in spread(points, work.exact, work.parts).items()
        if share
    }


def evaluate_activity(
    rule: ActivityRule,
    attributes: Attributes,
    *,
    times_left: int | None,
    cap_left: int | None = None,
    budget_left: int | None = None,
) -> tuple[int, tuple[Reason, ...]]:
    """Points of one activity and why; 0 once its limit is used up, no more than the member's caps
    leave and its budget has.
    """
    if times_left is not None and times_left <= 0 and rule.limit is not None:
        return 0, (over_limit(rule),)
    if isinstance(rule.points, FromAttribute):
        points = _of_attribute(rule.points, attributes[rule.points.attribute])
    else:
        points = rule.points
    allowance = Allowance(budget=budget_left)
    granted, losses = Clipping(cap_left).grant(rule.code, points, allowance)
    return granted, (Reason("activity", {"rule": rule.code}, granted), *losses)


def over_limit(rule: ActivityRule) -> Reason:
    """Why an activity pays nothing once its limit is used up."""
    limit = rule.limit
    used_up = {"rule": rule.code, "limit": limit and limit.times, "per": limit and limit.per}
    return Reason("limit_reached", used_up, 0)


def _of_attribute(terms: FromAttribute, value: Decimal) -> int:
    if value < terms.from_:
        return 0
    exact = Fraction(value) * Fraction(terms.rate)
    return min(max(exact.numerator // exact.denominator, terms.minimum), terms.maximum)


def _apply_base(
    policy: Policy,
    work: _Working,
    matches: Callable[[EarningRule], Match],
    left: Mapping[str, Allowance],
    whole: Sequence[Line],
) -> None:
    """Each line earns by one base rule: the most specific that matches, then the first."""
    best: dict[int, EarningRule] = {}
    found = [(rule, *_reached(work, matches(rule), whole)) for rule in policy.base_rules]
    for rule, before, _ in found:
        for line in before:
            had = best.get(line.number)
            if had is None or rule.when.specificity > had.when.specificity:
                best[line.number] = rule
    for rule, _, now in found:
        lines = _its(rule, best, now)
        if not lines:
            continue
        per, total = policy.minor_units(rule.per), sum(line.cash_minor for line in lines)
        points, divisor = rule.points.as_integer_ratio()
        if isinstance(rule, StepRule):
            # each whole step counts, and each line has its part of them
            points, per = points * (total // per), total or 1
        for line in lines:
            work.add(line.number, line.cash_minor * points, divisor * per)
        params = {"rule": rule.code, "amount_minor": total, "currency": policy.currency}
        _take_share(work, rule, params, left)


def _reached(
    work: _Working, match: Match, whole: Sequence[Line]
) -> tuple[Sequence[Line], Sequence[Line]]:
    """The lines that a rule reached before refunds, and of those that are judged."""
    before = match.reached(whole)
    return before, before if whole is work.lines else match.reached(work.lines)


def _apply_tier(policy: Policy, work: _Working, tier: str, multiplier: Decimal) -> None:
    if multiplier == 1:
        return
    work.multiply(tuple(work.exact), *multiplier.as_integer_ratio())
    params = {"tier": policy.level(tier).code, "factor": _text(multiplier)}
    _book(work, TIER_AWARD, "tier_multiplier", params, Allowance())


def _apply_rate_add(
    rule: RateAddRule,
    work: _Working,
    factors: dict[int, Fraction],
    match: Match,
    left: Mapping[str, Allowance],
) -> None:
    lines = match.reached(work.lines)
    if not lines:
        return
    add = Fraction(rule.add)
    for line in lines:
        before = factors[line.number]
        work.multiply([line.number], *((before + add) / before).as_integer_ratio())
        factors[line.number] = before + add
    _take_share(work, rule, {"rule": rule.code, "add": _text(rule.add)}, left)


def _apply_class(
    policy: Policy,
    multiplier_class: str,
    work: _Working,
    matches: Callable[[EarningRule], Match],
    left: Mapping[str, Allowance],
    whole: Sequence[Line],
) -> None:
    """Of the rules in one class each line takes the largest factor; ties go to the first."""
    best: dict[int, MultiplierRule] = {}
    rules = policy.multiplier_rules.get(multiplier_class, ())
    found = [(rule, *_reached(work, matches(rule), whole)) for rule in rules]
    for rule, before, _ in found:
        for line in before:
            if line.number not in best or rule.factor > best[line.number].factor:
                best[line.number] = rule
    for rule, _, now in found:
        lines = _its(rule, best, now)
        if not any(work.exact[line.number] for line in lines):
            continue
        work.multiply((line.number for line in lines), *rule.factor.as_integer_ratio())
        params = {"rule": rule.code, "factor": _text(rule.factor)}
        _take_share(work, rule, params, left)


def _its(rule: EarningRule, best: Mapping[int, EarningRule], lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if best.get(line.number) is rule]


def _apply_bonuses(
    policy: Policy,
    work: _Working,
    matches: Callable[[EarningRule], Match],
    left: Mapping[str, Allowance],
    placed: dict[Place, int],
) -> None:
    """Fixed points on their rule's terms, spread over the matching lines by what was paid.

    Of those in one group the one counts that grants most after its limit, of equals the first.
    """
    reached: list[tuple[BonusRule, list[Line]]] = []
    for rule in policy.bonus_rules:
        match = matches(rule)
        lines = match.lines(work.lines)
        short = match.short_minor(lines)
        if not any(line.cash_minor for line in lines) or match.too_dear(lines):
            continue
        if short:
            _near_miss(policy, work, rule, short)
            continue
        reached.append((rule, lines))
    best = _best_of_groups([rule for rule, _ in reached], left)
    for rule, lines in reached:
        winner = best.get(rule.exclusive or "", rule)
        if winner is not rule:
            lost = {"rule": rule.code, "instead": winner.code}
            work.explanation.append(Reason("exclusive", lost, 0))
            continue
        work.shares[rule.code] = Fraction(rule.points)
        allowance = left.get(rule.code) or clipping.whole(rule.limit)
        granted, losses = work.clipping.grant(rule.code, rule.points, allowance)
        work.explanation.extend(losses)
        if granted:
            work.awards.append(Award(rule.code, granted))
            work.explanation.append(Reason("bonus", {"rule": rule.code}, granted))
        shares = spread(granted, {line.number: line.cash_minor for line in lines})
        terms, waits = policy.own_terms(rule.code), places.waits(policy, rule.code)
        for number, share in shares.items():
            places.add(placed, Place(terms, number, waits), share)


def _best_of_groups(
    rules: Iterable[BonusRule], left: Mapping[str, Allowance]
) -> dict[str, BonusRule]:
    """By group, the bonus that grants most after its limit; a budget does not decide it."""
    best: dict[str, BonusRule] = {}
    most: dict[str, int] = {}
    for rule in rules:
        group = rule.exclusive
        allowance = left.get(rule.code) or clipping.whole(rule.limit)
        granted = clipping.within_limit(rule.points, allowance)
        if group is not None and granted > most.get(group, -1):
            best[group], most[group] = rule, granted
    return best


def _near_miss(policy: Policy, work: _Working, rule: BonusRule, short: int) -> None:
    params = {
        "rule": rule.code,
        "short_minor": short,
        "currency": policy.currency,
        "bonus": rule.points,
    }
    work.explanation.append(Reason("near_miss", params))


def _take_share(
    work: _Working, rule: EarningRule, params: dict[str, Any], left: Mapping[str, Allowance]
) -> None:
    allowance = left.get(rule.code) or clipping.whole(rule.limit)
    _book(work, rule.code, rule.kind, params, allowance)


def _book(
    work: _Working, rule: str, reason: str, params: dict[str, Any], allowance: Allowance
) -> None:
    """The rule's share is what it adds to the rounded-down total, clipped to its limit."""
    total = sum(work.exact.values())
    share = total // work.parts - work.total // work.parts
    work.shares[rule], work.total = Fraction(total - work.total, work.parts), total
    granted, losses = work.clipping.grant(rule, share, allowance)
    if granted:
        work.awards.append(Award(rule, granted))
    work.explanation.append(Reason(reason, params, granted))
    work.explanation.extend(losses)


@lru_cache(maxsize=1024)
def _text(value: Decimal) -> str:
    """1.2 also where the document has 1.20."""
    scaled = Fraction(value) * 10**12
    digits = f"{scaled.numerator // scaled.denominator:013d}"
    return f"{digits[:-12]}.{digits[-12:]}".rstrip("0").rstrip(".")
