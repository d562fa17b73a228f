"""Trials: facts that a variant judges, and what the control would have given for them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import models
from domain.accounts.accounts import Account
from domain.earning import earning
from domain.earning.judging import Holder, Judgement, Purchase
from domain.kernel import dates
from domain.kernel.database import rows
from domain.kernel.ids import new_id
from domain.members.statuses import UNPAID
from domain.programmes.policy import Policy
from domain.programmes.programmes import Version
from domain.programmes.variants import Choice, experiment_of

Fields = tuple[str, ...]
"""Fields of a document that decide about a fact, those below ones that end with a dot."""

OF_BOOKINGS: Fields = ("earning.", "points.")

Trials = Mapping[str, Mapping[str, Any]]
"""By experiment its `variant` and the `control_points`, as snapshots have them."""


def of_activities(code: str) -> Fields:
    return f"activities.{code}.", "points."


def of_price(reward: str) -> Fields:
    return (f"prices.{reward}",)


def met(version: Version, fields: Fields) -> list[Choice]:
    """The member's variants by which any of these fields could have another value."""
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


def judged(purchase: Purchase, holder: Holder, judgement: Judgement) -> Judgement:
    """The same with what it would have come to under each control; of who earns nothing, by any."""
    if holder.status in UNPAID:
        return judgement
    day = dates.local_date(purchase.booked_at, purchase.version.policy.zone)

    def points(policy: Policy) -> int:
        found = earning.evaluate(
            policy,
            judgement.lines,
            judgement.facts,
            day=day,
            payment_method=purchase.payment_method,
            allowances=judgement.allowances,
        )
        return found.points

    given = judgement.evaluation.points
    return replace(judgement, trials=of(purchase.version, OF_BOOKINGS, given, points))


def of(version: Version, fields: Fields, given: int, points: Callable[[Policy], int]) -> Trials:
    """By experiment that decides about a fact, what it comes to under the control: for who has
    the control that is what was `given`, and nothing is judged again.
    """
    if version.assignment is None:
        return {}
    found = {}
    for code, drawn in met(version, fields):
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
    """The rows of a fact, which is named by the column that refers to it."""
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
