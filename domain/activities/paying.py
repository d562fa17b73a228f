"""Points of an activity, after rules against fraud, limits, caps and budgets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from domain.accounts.accounts import Account
from domain.activities.contents import ActivitySent
from domain.earning import budgets, earning, member_caps, purses, reservations
from domain.earning.values import Award, Reason
from domain.experiments import trials
from domain.programmes.policy import Policy
from domain.programmes.programmes import Version
from domain.programmes.rules import ActivityRule
from domain.programmes.variants import Choice
from domain.risk.screening import Screening
from domain.risk.verdicts import NOTHING, Verdict

Pays = Callable[[ActivityRule], tuple[int, object]]
"""Points of an activity by a rule, and the reasons."""


@dataclass(frozen=True, slots=True)
class Report:
    """A checked activity: the rule that applies, and the numbers by which it computes points.

    `version` was in force when it occurred; the tier is reviewed by `current`. `own` is for a
    member's own report.
    """

    id: UUID
    reporter: str
    version: Version
    current: Version
    rule: ActivityRule
    sent: ActivitySent
    attributes: dict[str, Any]
    numbers: Mapping[str, Decimal]
    own: bool = False


@dataclass(frozen=True, slots=True)
class Paid:
    """Points and reasons; the points by which rules against fraud judged it, which for a denied one
    are those without the denial; points by the controls (`tried`), and the variants that the member
    meets by it (`met`).
    """

    points: int
    explanation: tuple[Reason, ...]
    screened: int = 0
    verdict: Verdict = NOTHING
    tried: trials.Trials = field(default_factory=dict)
    met: Sequence[Choice] = ()


async def pay(
    account: Account,
    report: Report,
    times_left: int | None,
    periods: Mapping[str, str],
    looked: Screening,
) -> Paid:
    """The activity's points, taken from its rule's budget if it has one."""
    rule, policy = report.rule, report.version.policy
    cap = await member_caps.left(account, policy, report.sent.occurred_at or account.now)
    evaluate = partial(
        earning.evaluate_activity,
        attributes=report.numbers,
        times_left=times_left,
        cap_left=cap,
    )
    wanted, reasons = evaluate(rule)
    # before a denial: rules that deny may use its points, which differ by variant
    met = _met(report, evaluate)
    verdict = looked.judge(wanted) if wanted else NOTHING
    if verdict.decision == "deny":
        denied = Reason("denied", {"rule": rule.code}, 0)
        return Paid(0, (denied,), wanted, verdict, met=met)
    paid_by = await purses.of_rules(account.programme.id, policy, account.now)
    if not wanted or (rule.budget is None and rule.code not in paid_by):
        return Paid(wanted, reasons, wanted, verdict, _tried(report, wanted, evaluate), met)
    draws = budgets.draws_of(policy, [Award(rule.code, wanted)], periods, paid_by)
    left = (await reservations.draw(account.programme.id, draws, account.now))[rule.code]
    within = partial(evaluate, budget_left=left)
    points, reasons = within(rule)
    # the rest is not denied any more: fewer points fire no other rules
    verdict = looked.judge(points) if points else NOTHING
    return Paid(points, reasons, points, verdict, _tried(report, points, within), met)


def _met(report: Report, pays: Pays) -> list[Choice]:
    """The variants that give other points or terms, without regard to budgets."""
    code = report.rule.code

    def outcome(to: Policy) -> object:
        points = pays(to.activity_types[code])[0]
        return points, points and trials.terms(to, to.own_terms(code))

    return trials.moved(report.version, trials.of_activities(code), outcome)


def _tried(report: Report, points: int, pays: Pays) -> trials.Trials:
    """Its points under the controls of experiments that decide about it."""
    code, fields = report.rule.code, trials.of_activities(report.rule.code)
    return trials.of(report.version, fields, points, lambda to: pays(to.activity_types[code])[0])
