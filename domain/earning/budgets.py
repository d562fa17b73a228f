"""Budgets: points that a rule may grant to all members together, counted as they are granted.

A counter is for one rule in one period. It is locked after the account, in the order of rules, and
no other account is locked after it. A fact's own counters come first, then those of the grants that
it causes, each followed by the purses of partners with prepaid points: decision 55 explains why
writes do not deadlock.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from domain.earning import purses
from domain.earning.values import Allowance, Award
from domain.kernel import dates
from domain.kernel.database import rows, update
from domain.kernel.values import value
from domain.partners import prepaid
from domain.programmes.policy import Policy
from domain.programmes.rules import Budget

ALWAYS = "always"
"""The period of a budget for all time."""

NO_PERIOD = ""
"""The period of a draw of a rule that has no budget of its own."""


@value(frozen=True, slots=True)
class BudgetDraw:
    """Points that a rule would grant from its budget of `total`, if it has one, and from the purse
    of a partner with prepaid points, if one funds it; below zero, points returned to them.
    """

    rule: str
    period: str
    total: int
    points: int
    purse: UUID | None = None


def periods(policy: Policy, instant: datetime) -> dict[str, str]:
    """By rule with a budget, the period around `instant` in which its points count."""
    return {
        rule.code: period(rule.budget, instant, policy)
        for rule in policy.rules.values()
        if rule.budget is not None
    }


def period(budget: Budget, instant: datetime, policy: Policy) -> str:
    """`2026-03-15`, `2026-03` or `2026` as the budget counts, in the programme's zone."""
    if budget.per is None:
        return ALWAYS
    characters = {"day": 10, "month": 7, "year": 4}[budget.per]
    return dates.local_date(instant, policy.zone).isoformat()[:characters]


def draws_of(
    policy: Policy,
    awards: Iterable[Award],
    budget_periods: Mapping[str, str],
    paid_by: Mapping[str, UUID] = purses.NONE,
) -> list[BudgetDraw]:
    """What these awards need from budgets and purses, or return to them."""
    wanted = []
    for award in awards:
        budget = policy.rules[award.rule].budget if award.rule in budget_periods else None
        purse = paid_by.get(award.rule)
        if budget is not None:
            name = budget_periods[award.rule]
            wanted.append(BudgetDraw(award.rule, name, budget.points, award.points, purse))
        elif purse is not None:
            wanted.append(BudgetDraw(award.rule, NO_PERIOD, 0, award.points, purse))
    return wanted


def within(allowances: Mapping[str, Allowance], left: Mapping[str, int]) -> dict[str, Allowance]:
    """Allowances: what limits leave to the member, and budgets to everybody."""
    merged = dict(allowances)
    for rule, points in left.items():
        merged[rule] = replace(merged.get(rule, Allowance()), budget=points)
    return merged


def aside(allowances: Mapping[str, Allowance]) -> dict[str, Allowance]:
    """Allowances of the member's limits only, without budgets and purses."""
    return {rule: replace(one, budget=None) for rule, one in allowances.items()}


@dataclass(slots=True)
class Counters:
    """Counters that this transaction has locked, by rule and period: what was used when they were
    locked, and what is used now.
    """

    before: dict[tuple[str, str], int]
    used: dict[tuple[str, str], int]

    def draw(self, wanted: Iterable[BudgetDraw]) -> dict[str, int]:
        """Take what is left for each draw, or return points; gives, by rule, what was left
        before.
        """
        left = {}
        for draw in wanted:
            key = (draw.rule, draw.period)
            left[draw.rule] = max(0, draw.total - self.used[key])
            self.used[key] += min(draw.points, left[draw.rule])
        return left


async def draw(programme_id: UUID, wanted: Iterable[BudgetDraw], now: datetime) -> dict[str, int]:
    """Take what is left for each draw, or return points; returns by rule what was left before, of
    its budget and then of its purse.

    Inside a transaction that holds the account. The counters stay locked until its end.
    """
    ordered = list(wanted)
    counters = await lock(programme_id, ordered)
    left = {
        one.rule: max(0, one.total - counters.used[one.rule, one.period])
        if _has_budget(one)
        else max(0, one.points)
        for one in ordered
    }
    if any(draw.purse is not None for draw in ordered):
        granted = {place: min(one.points, left[one.rule]) for place, one in enumerate(ordered)}
        shares = await _of_purses(programme_id, ordered, granted, now)
        left |= {
            one.rule: shares[place]
            for place, one in enumerate(ordered)
            if shares[place] < granted[place]
        }
    for one in filter(_has_budget, ordered):
        counters.used[one.rule, one.period] += min(one.points, left[one.rule])
    await write(programme_id, counters)
    return left


async def lock(programme_id: UUID, wanted: Iterable[BudgetDraw]) -> Counters:
    """Lock the counters of these draws, in one order, until the end of the transaction, which
    holds the accounts; `write` writes what was drawn from them. Purses are locked afterwards.
    """
    totals: dict[tuple[str, str], int] = {}
    for draw in filter(_has_budget, wanted):
        key = (draw.rule, draw.period)
        totals[key] = max(draw.total, totals.get(key, 0))
    known = [BudgetDraw(*key, totals[key], 0) for key in sorted(totals)]
    used = await _lock(programme_id, known) if known else []
    before = dict(zip(sorted(totals), used, strict=True))
    return Counters(before, dict(before))


def short(counters: Counters, wanted: Iterable[BudgetDraw]) -> list[str]:
    """Rules whose budgets are smaller than the sum of these draws."""
    trial = Counters({}, dict(counters.used))
    lacking = {one.rule for one in wanted if one.points > trial.draw([one])[one.rule]}
    return sorted(lacking)


async def write(programme_id: UUID, counters: Counters) -> None:
    """Write those counters from which something was drawn."""
    drawn = [key for key, used in counters.used.items() if used != counters.before[key]]
    if drawn:
        known = [BudgetDraw(*key, 0, 0) for key in drawn]
        before, after = ([of[key] for key in drawn] for of in (counters.before, counters.used))
        await _write(programme_id, known, before, after)


async def exchange(
    programme_id: UUID, returned: Sequence[BudgetDraw], wanted: Sequence[BudgetDraw], now: datetime
) -> list[int]:
    """Return points to their budgets and purses, then take what is left for each draw in turn;
    returns the points of each.

    Inside a transaction that holds the account. All counters are locked by one statement, and then
    all purses.
    """
    counters = await lock(programme_id, (*returned, *wanted))
    used = counters.used
    for draw in filter(_has_budget, returned):
        used[draw.rule, draw.period] -= draw.points
    granted = {}
    for place, draw in enumerate(wanted):
        granted[place] = max(0, draw.points)
        if _has_budget(draw):
            key = (draw.rule, draw.period)
            granted[place] = max(0, min(draw.points, draw.total - used[key]))
            used[key] += granted[place]
    shares = await _exchange_purses(programme_id, returned, wanted, granted, now)
    for place, draw in enumerate(wanted):
        if _has_budget(draw):
            used[draw.rule, draw.period] -= granted[place] - shares[place]
    await write(programme_id, counters)
    return [shares[place] for place in range(len(wanted))]


async def _exchange_purses(
    programme_id: UUID,
    returned: Sequence[BudgetDraw],
    wanted: Sequence[BudgetDraw],
    granted: Mapping[int, int],
    now: datetime,
) -> dict[int, int]:
    back = [replace(draw, points=-draw.points) for draw in returned]
    both = {place: draw.points for place, draw in enumerate(back)}
    both |= {len(back) + place: points for place, points in granted.items()}
    shares = await _of_purses(programme_id, [*back, *wanted], both, now)
    return {place: shares[len(back) + place] for place in range(len(wanted))}


async def _of_purses(
    programme_id: UUID, draws: Sequence[BudgetDraw], granted: Mapping[int, int], now: datetime
) -> dict[int, int]:
    """Take what each is granted from the purses; returns what they had left for each."""
    left = await purses.lock(programme_id, draws)
    shares, taken = purses.share(draws, granted, left)
    await prepaid.take(programme_id, taken, now)
    return shares


def _has_budget(draw: BudgetDraw) -> bool:
    return draw.period != NO_PERIOD


async def _lock(programme_id: UUID, draws: Sequence[BudgetDraw]) -> list[int]:
    """Create missing counters and lock all, in this order; returns what is used of each.

    The total only rises: a version with a smaller budget clips by its own.
    """
    found = await rows(
        "INSERT INTO rule_budget (programme_id, rule, period, total, used) "
        "SELECT $1::uuid, w.rule, w.period, w.total, 0 "
        "FROM unnest($2::text[], $3::text[], $4::bigint[]) AS w (rule, period, total) "
        "ORDER BY w.rule, w.period ON CONFLICT (programme_id, rule, period) DO UPDATE "
        "SET total = greatest(rule_budget.total, excluded.total) RETURNING rule, period, used",
        programme_id,
        [draw.rule for draw in draws],
        [draw.period for draw in draws],
        [draw.total for draw in draws],
    )
    used = {(counter["rule"], counter["period"]): counter["used"] for counter in found}
    return [used[draw.rule, draw.period] for draw in draws]


async def _write(
    programme_id: UUID, known: Sequence[BudgetDraw], before: Sequence[int], after: Sequence[int]
) -> None:
    """Write what is now used of the counters, which this transaction has locked."""
    count = await update(
        "UPDATE rule_budget SET used = new.used "
        "FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[]) "
        "AS new (rule, period, before, used) WHERE rule_budget.programme_id = $1 "
        "AND rule_budget.rule = new.rule AND rule_budget.period = new.period "
        "AND rule_budget.used = new.before",
        programme_id,
        [draw.rule for draw in known],
        [draw.period for draw in known],
        list(before),
        list(after),
    )
    if count != len(known):
        raise RuntimeError(f"budgets of programme {programme_id} changed outside their lock")
