"""Trials: facts judged by a variant, with their results under the control."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import models
from domain.accounts.accounts import Account
from domain.earning import budgets, earning
from domain.earning.judging import Holder, Judgement, Purchase
from domain.earning.values import Allowance, Evaluation
from domain.kernel import dates
from domain.kernel.database import rows
from domain.kernel.ids import new_id
from domain.members.statuses import UNPAID
from domain.programmes.policy import Policy
from domain.programmes.programmes import Version
from domain.programmes.variants import Assignment, Choice, experiment_of
from domain.rewards import catalogue
from domain.rewards.catalogue import Reward

Fields = tuple[str, ...]
"""Fields of a document that affect a fact; a name that ends with a dot means all fields below
it.
"""

OF_BOOKINGS: Fields = ("earning.", "points.")

Trials = Mapping[str, Mapping[str, Any]]
"""By experiment its `variant` and the `control_points`, as snapshots have them."""


def of_activities(code: str) -> Fields:
    return f"activities.{code}.", "points."


def of_price(reward: str) -> Fields:
    return (f"prices.{reward}",)


def about(version: Version, fields: Fields) -> list[Choice]:
    """The member's variants that could change any of these fields."""
    if version.assignment is None:
        return []
    base = version.assignment.base
    return [
        (code, drawn)
        for code, drawn in version.assignment.choices
        if any(_is_among(path, fields) for path in experiment_of(base, code).fields)
    ]


def _is_among(path: str, fields: Fields) -> bool:
    return any(path.startswith(one) if one.endswith(".") else path == one for one in fields)


def moved(version: Version, fields: Fields, outcome: Callable[[Policy], object]) -> list[Choice]:
    """The member's variants of running experiments in which `outcome` differs between at least two
    variants, whichever the member has, with its other experiments as drawn.
    """
    assignment = version.assignment
    if assignment is None or not assignment.running:
        return []
    return [
        (code, drawn)
        for code, drawn in about(version, fields)
        if code in assignment.running and _differs(assignment, code, outcome)
    ]


def _differs(assignment: Assignment, code: str, outcome: Callable[[Policy], object]) -> bool:
    one, *others = experiment_of(assignment.base, code).variants
    first = outcome(assignment.under(code, one.code))
    return any(outcome(assignment.under(code, other.code)) != first for other in others)


def of_list_price(version: Version, reward: Reward) -> list[Choice]:
    """The member's variants that change the reward's price."""
    return moved(
        version,
        of_price(reward.code),
        lambda policy: catalogue.priced(reward, policy).list_points,
    )


def gives(policy: Policy, evaluation: Evaluation) -> object:
    """Result of a booking: points by rule, and by line the terms on which they are granted."""
    by_lot: Counter[object] = Counter()
    for key, points in evaluation.by_lot.items():
        by_lot[terms(policy, key.rule), key.line, key.waits] += points
    return {award.rule: award.points for award in evaluation.awards}, by_lot


def terms(policy: Policy, rule: str | None) -> object:
    """Expiry and payer of points whose lot names this rule: equal if all dates are, whichever rule
    sets them.
    """
    expiry, funder = policy.terms(rule)
    return expiry and (expiry.months, expiry.through), funder


def judged(purchase: Purchase, holder: Holder, judgement: Judgement) -> Judgement:
    """The same with the results under each control, and with the variants that the member meets by
    it; a member who cannot earn meets none.
    """
    version = purchase.version
    if holder.status in UNPAID or version.assignment is None:
        return judgement

    def points(policy: Policy) -> int:
        return _again(purchase, judgement, policy, judgement.allowances).points

    tried = of(version, OF_BOOKINGS, judgement.evaluation.points, points)
    return replace(judgement, trials=tried, met=met(purchase, judgement))


def met(purchase: Purchase, judgement: Judgement) -> list[Choice]:
    """The variants that a member who can earn meets by a booking.

    Remainders of budgets and prepaid points are ignored: they are known only for rules of the
    member's own variant, so members of one variant would meet it and those of another not.
    """
    allowances = budgets.aside(judgement.allowances)

    def outcome(policy: Policy) -> object:
        return gives(policy, _again(purchase, judgement, policy, allowances))

    return moved(purchase.version, OF_BOOKINGS, outcome)


def _again(
    purchase: Purchase, judgement: Judgement, policy: Policy, allowances: Mapping[str, Allowance]
) -> Evaluation:
    return earning.evaluate(
        policy,
        judgement.lines,
        judgement.facts,
        day=dates.local_date(purchase.booked_at, policy.zone),
        payment_method=purchase.payment_method,
        allowances=allowances,
    )


def of(version: Version, fields: Fields, given: int, points: Callable[[Policy], int]) -> Trials:
    """By experiment that affects a fact, its result under the control: for a member with the
    control that is the result `given`, and nothing is judged again.
    """
    if version.assignment is None:
        return {}
    found = {}
    for code, drawn in about(version, fields):
        of_control = given
        if drawn != experiment_of(version.assignment.base, code).control.code:
            of_control = points(version.assignment.under_control(code))
        found[code] = {"variant": drawn, "control_points": of_control}
    return found


async def of_activity(member_id: UUID, activity_id: UUID) -> list[Choice]:
    """The variants that judged an activity."""
    found = await rows(
        "SELECT experiment, variant FROM trial WHERE member_id = $1 AND activity_id = $2 "
        "ORDER BY experiment",
        member_id,
        activity_id,
    )
    return [(one["experiment"], one["variant"]) for one in found]


def to_rows(
    account: Account, trials: Trials, points: int, occurred_at: datetime, **fact: UUID
) -> Iterator[models.Trial]:
    """The rows of a fact, which is given by the column that refers to it."""
    for code, one in trials.items():
        control = one["control_points"]
        extra = control - points if "redemption_id" in fact else points - control
        yield models.Trial(
            member_id=account.member_id,
            id=new_id(),
            programme_id=account.programme.id,
            experiment=code,
            variant=one["variant"],
            points=points,
            control_points=control,
            extra_points=extra,
            occurred_at=occurred_at,
            recorded_at=account.now,
            **fact,
        )
