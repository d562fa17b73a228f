"""What a booking or an activity earns, and why: a pure function of policy, facts and member.

`base × (tier multiplier + Σ rate_add) × Π over classes of the largest factor in the class` is
computed exactly per line, summed, rounded down once, and spread over the lines by largest
remainder; fixed bonuses are added afterwards. Shares per rule are cumulative floors in that order,
so they add up to the same total. No floats: lines are whole numbers of parts of a point; the number
of parts per point follows from the rates and factors.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import gcd
from typing import Any

from domain.earning import clipping, lot_keys, rulebooks
from domain.earning.clipping import Clipping
from domain.earning.lot_keys import LotKey
from domain.earning.matching import Sale
from domain.earning.rulebooks import WHOLE, Clause, Ratio, Terms
from domain.earning.values import (
    Allowance,
    Attributes,
    Award,
    Evaluation,
    Line,
    MemberFacts,
    Reason,
)
from domain.kernel import decimals
from domain.kernel.refusals import InvalidInput, Quantity
from domain.kernel.spreading import spread_whole
from domain.programmes.nodes import POINTS_MAX
from domain.programmes.policy import Policy
from domain.programmes.rules import ActivityRule, FromAttribute


@dataclass(slots=True)
class _Working:
    """The exact value of each line as the effects are applied one after the other.

    `whole` are the lines before refunds, by which rules are chosen. `exact` and `total` are in
    parts, with `parts` to one point; `total` is what has been divided among rules so far, and
    `granted` what they were granted on each terms. If `traced`, the explanation also has the result
    of each step for each line.
    """

    sale: Sale
    lines: Sequence[Line]
    whole: Sequence[Line]
    left: Mapping[str, Allowance]
    clipping: Clipping
    exact: dict[int, int]
    parts: int = 1
    total: int = 0
    awards: list[Award] = field(default_factory=list)
    explanation: list[Reason] = field(default_factory=list)
    shares: dict[str, Ratio] = field(default_factory=dict)
    granted: dict[Terms, int] = field(default_factory=dict)
    traced: bool = False

    def allowance(self, clause: Clause) -> Allowance:
        """What is left of a rule's limit and budget."""
        return self.left.get(clause.code) or clause.whole

    def split(self, factor: int) -> None:
        """Divide each part into this many parts."""
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
        if denominator != 1:
            self.split(denominator)
        for line in lines:
            self.exact[line] = self.exact[line] // denominator * numerator

    def trace(self, lines: Iterable[Line], params: Mapping[str, Any], *, code: str) -> None:
        """Add the exact result of a step for these lines to the explanation."""
        if self.traced:
            self.explanation += [
                Reason(code, {**params, "line": line.number, "exact": self.text(line.number)})
                for line in lines
            ]

    def text(self, *lines: int) -> str:
        """The points of these lines, or of all: as a decimal, or as a fraction where none is
        exact.
        """
        points = sum(self.exact[number] for number in lines or self.exact)
        return exact_text(Fraction(points, self.parts))


def evaluate(
    policy: Policy,
    lines: Sequence[Line],
    member: MemberFacts,
    *,
    day: date,
    payment_method: str | None = None,
    allowances: Mapping[str, Allowance] | None = None,
    booked: Sequence[Line] | None = None,
    traced: bool = False,
) -> Evaluation:
    """Evaluate what `lines`, booked on the local `day`, earn.

    `allowances` has every limited rule that is partly used up; a rule without one has its whole
    limit left. What the member's caps leave is under `clipping.EVERY_RULE`. Where `lines` are what
    refunds left, `booked` are those before refunds: a line keeps the base rule, and in each class
    the multiplier, that it had before. Where it is `traced`, the explanation has every step.
    """
    left: Mapping[str, Allowance] = {} if allowances is None else allowances
    if policy.facts.too_early(member.joined_days):
        return Evaluation(0, (), {line.number: 0 for line in lines}, (before_joining(policy),))
    rules, sale = rulebooks.of(policy), Sale(policy, member, day, payment_method, booked)
    whole = lines if booked is None else booked
    exact = {line.number: 0 for line in lines}
    work = _Working(sale, lines, whole, left, Clipping.within(left), exact)
    work.traced = traced
    tier = rules.tiers[policy.rank(member.tier)]
    _apply_base(rules.base, work)
    _apply_tier(tier, work)
    _apply_rate_adds(rules.rate_adds, work, tier.ratio)
    for of_class in rules.classes:
        _apply_class(of_class, work)
    if traced and work.total:
        rounded = {"exact": work.text(), "points": work.total // work.parts}
        work.explanation.append(Reason("rounded", rounded))
    by_lot = _shares_by_lot(work)
    _apply_bonuses(rules.bonuses, work, by_lot)
    points = sum([award.points for award in work.awards])
    if points > POINTS_MAX:
        found, most = (Quantity.of(n, "points") for n in (points, POINTS_MAX))
        raise InvalidInput("amount_too_large", found, (most,), path=("lines",))
    work.explanation += [Reason("condition_error", {"rule": rule}, 0) for rule in sale.erred]
    if points == 0 and not work.explanation:
        reason = "nothing_earned" if policy.has_points else "no_points"
        work.explanation.append(Reason(reason, {}, 0))
    return Evaluation(
        points,
        tuple(work.awards),
        lot_keys.by_line(by_lot, exact),
        tuple(work.explanation),
        by_lot,
        work.shares,
    )


def exact_text(value: Fraction) -> str:
    """A number as a decimal, or as a fraction where no decimal is exact: 67.5, 100/3."""
    if decimals.endless(value) != 1:
        return f"{value.numerator}/{value.denominator}"
    return format(decimals.exact(value), "f")


def before_joining(policy: Policy) -> Reason:
    """Reason why a fact this long before the member joined earns nothing."""
    return Reason("long_before_joining", {"days": policy.facts.before_joining_days}, 0)


def _shares_by_lot(work: _Working) -> dict[LotKey, int]:
    """Spread what rules and multipliers granted over the lines, for each of the terms."""
    return {
        LotKey(rule, number, waits): share
        for (rule, waits), points in work.granted.items()
        for number, share in spread_whole(points, work.exact, work.parts).items()
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
    """Points of one activity and the reasons; 0 once its limit is used up, and at most what the
    member's caps and its budget leave.
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
    """Reason why an activity pays nothing once its limit is used up."""
    limit = rule.limit
    used_up = {"rule": rule.code, "limit": limit and limit.times, "per": limit and limit.per}
    return Reason("limit_reached", used_up, 0)


def _of_attribute(terms: FromAttribute, value: Decimal) -> int:
    if value < terms.from_:
        return 0
    exact = Fraction(value) * Fraction(terms.rate)
    return min(max(exact.numerator // exact.denominator, terms.minimum), terms.maximum)


def _apply_base(clauses: Sequence[Clause], work: _Working) -> None:
    """Each line earns by one base rule: the most specific that matches, then the first."""
    for clause, lines in _chosen(clauses, work):
        total = sum([line.cash_minor for line in lines])
        points, divisor = clause.ratio
        per = clause.per_minor
        if clause.in_steps:
            # each whole step counts, and each line has its part of them
            points, per = points * (total // per), total or 1
        for line in lines:
            work.add(line.number, line.cash_minor * points, divisor * per)
            _trace_base(work, clause, line)
        currency = work.sale.policy.currency
        params = {"rule": clause.code, "amount_minor": total, "currency": currency}
        _take_share(work, clause, params)


def _trace_base(work: _Working, clause: Clause, line: Line) -> None:
    if not work.traced:
        return
    terms = {
        "rule": clause.code,
        "amount_minor": line.cash_minor,
        "rate": exact_text(Fraction(*clause.ratio)),
        "per_minor": clause.per_minor,
        "currency": work.sale.policy.currency,
    }
    work.trace([line], terms, code="line_steps" if clause.in_steps else "line_rate")


def _chosen(clauses: Sequence[Clause], work: _Working) -> list[tuple[Clause, list[Line]]]:
    """Rules of which only one counts per line, each with its lines: a line takes the one of highest
    rank that reached it before refunds, and among equals the first.
    """
    if len(clauses) == 1 and work.whole is work.lines:
        lines = clauses[0].asked.reached(work.sale, work.lines)
        return [(clauses[0], list(lines))] if lines else []
    best: dict[int, Clause] = {}
    found = []
    for clause in clauses:
        before, now = _reached(work, clause)
        for line in before:
            had = best.get(line.number)
            if had is None or clause.rank > had.rank:
                best[line.number] = clause
        if now:
            found.append((clause, now))
    chosen = (
        (clause, [line for line in now if best.get(line.number) is clause]) for clause, now in found
    )
    return [(clause, lines) for clause, lines in chosen if lines]


def _reached(work: _Working, clause: Clause) -> tuple[Sequence[Line], Sequence[Line]]:
    """The lines that a rule reached before refunds, and those of them that are judged."""
    before = clause.asked.reached(work.sale, work.whole)
    if work.whole is work.lines:
        return before, before
    return before, clause.asked.reached(work.sale, work.lines)


def _apply_tier(tier: Clause, work: _Working) -> None:
    if tier.ratio == WHOLE:
        return
    work.multiply(work.exact, *tier.ratio)
    code = work.sale.policy.level(work.sale.member.tier).code
    work.trace(work.lines, {"tier": code, "factor": tier.text}, code="line_tier")
    _take_share(work, tier, {"tier": code, "factor": tier.text})


def _apply_rate_adds(clauses: Sequence[Clause], work: _Working, multiplier: Ratio) -> None:
    """Each adds to the factor of its lines, which is that of the tier at first."""
    factors = dict.fromkeys(work.exact, Fraction(*multiplier)) if clauses else {}
    for clause in clauses:
        lines = clause.asked.reached(work.sale, work.lines)
        for line in lines:
            before = factors[line.number]
            after = factors[line.number] = before + Fraction(*clause.ratio)
            work.multiply([line.number], *(after / before).as_integer_ratio())
            factors_of = {"before": exact_text(before), "add": clause.text}
            work.trace([line], {"rule": clause.code, **factors_of}, code="line_rate_add")
        if lines:
            _take_share(work, clause, {"rule": clause.code, "add": clause.text})


def _apply_class(clauses: Sequence[Clause], work: _Working) -> None:
    """Of the rules in one class each line takes the largest factor; ties go to the first."""
    for clause, lines in _chosen(clauses, work):
        if any(work.exact[line.number] for line in lines):
            work.multiply([line.number for line in lines], *clause.ratio)
            work.trace(lines, {"rule": clause.code, "factor": clause.text}, code="line_multiplier")
            _take_share(work, clause, {"rule": clause.code, "factor": clause.text})


def _take_share(work: _Working, clause: Clause, params: dict[str, Any]) -> None:
    """The rule's share is what it adds to the rounded-down total, clipped to its limit."""
    total = sum(work.exact.values())
    share = total // work.parts - work.total // work.parts
    work.shares[clause.code], work.total = (total - work.total, work.parts), total
    granted, losses = work.clipping.grant(clause.code, share, work.allowance(clause))
    if granted:
        work.awards.append(Award(clause.code, granted))
        work.granted[clause.terms] = work.granted.get(clause.terms, 0) + granted
    work.explanation.append(Reason(clause.reason, params, granted))
    work.explanation += losses


def _apply_bonuses(clauses: Sequence[Clause], work: _Working, by_lot: dict[LotKey, int]) -> None:
    """Fixed points on their rule's terms, spread over the matching lines by what was paid.

    Of those in one group the one counts that grants most after its limit, of equals the first.
    """
    reached = [(clause, lines) for clause in clauses if (lines := _reached_bonus(work, clause))]
    best = _best_of_groups(work, [clause for clause, _ in reached])
    for clause, lines in reached:
        winner = best.get(clause.exclusive or "", clause)
        if winner is not clause:
            lost = {"rule": clause.code, "instead": winner.code}
            work.explanation.append(Reason("exclusive", lost, 0))
            continue
        granted, losses = work.clipping.grant(clause.code, clause.points, work.allowance(clause))
        work.explanation += losses
        if granted:
            work.awards.append(Award(clause.code, granted))
            work.explanation.append(Reason(clause.reason, {"rule": clause.code}, granted))
        rule, waits = clause.terms
        shares = spread_whole(granted, {line.number: line.cash_minor for line in lines})
        for number, share in shares.items():
            lot_keys.add(by_lot, LotKey(rule, number, waits), share)


def _reached_bonus(work: _Working, clause: Clause) -> Sequence[Line]:
    """The lines that earn a bonus; none where they narrowly miss it, which gives a reason."""
    lines = clause.asked.lines(work.sale, work.lines)
    paid = any(line.cash_minor for line in lines)
    if not paid or clause.asked.too_dear(work.sale, lines):
        return ()
    short = clause.asked.short_minor(lines)
    if short:
        params = {
            "rule": clause.code,
            "short_minor": short,
            "currency": work.sale.policy.currency,
            "bonus": clause.points,
        }
        work.explanation.append(Reason("near_miss", params))
    return () if short else lines


def _best_of_groups(work: _Working, clauses: Iterable[Clause]) -> dict[str, Clause]:
    """By group, the bonus that grants most after its limit; a budget does not decide it."""
    best: dict[str, Clause] = {}
    most: dict[str, int] = {}
    for clause in clauses:
        if (group := clause.exclusive) is None:
            continue
        granted = clipping.within_limit(clause.points, work.allowance(clause))
        if granted > most.get(group, -1):
            best[group], most[group] = clause, granted
    return best
