"""Judging again: points of an activity or a grant by its rule, less the reductions in its
explanation.
"""

from uuid import UUID

import orjson

from domain.earning import awards, earning
from domain.earning.values import Evaluation, Reason, Rejudged
from domain.grants.giving import GIVEN
from domain.kernel.database import Row, row
from domain.kernel.inputs import to_number
from domain.ledger.values import SYSTEM
from domain.programmes.policy import Policy
from domain.programmes.programmes import Version
from domain.programmes.rules import FromAttribute

PAID = ("activity", *GIVEN)
"""The beginning of the explanation of an activity with points."""

LOST = ("capped", "cap", "budget")
"""Reasons that reduce a rule's points."""


async def load(member_id: UUID, activity_id: UUID) -> Row | None:
    """Everything that `rejudge` needs; None for an activity that does not exist."""
    return await row(
        "SELECT * FROM activity WHERE member_id = $1 AND id = $2", member_id, activity_id
    )


def rejudge(version: Version, activity: Row) -> Rejudged:
    """The activity as it was recorded, with its rule's computation in the explanation.

    The reductions by limits, caps and budgets are taken from the recorded explanation.
    """
    recorded, policy = awards.from_json(activity["explanation"]), version.policy
    steps: tuple[Reason, ...] = ()
    points = 0
    if recorded and recorded[0].code in PAID:
        if activity["reporter"] == SYSTEM.actor:
            grants = {**policy.calendar_grants, **policy.grant_codes}
            points = grants[activity["type"]].gives.points or 0
        else:
            steps, points = _pays(policy, activity)
        points -= sum(reason.params["lost"] for reason in recorded if reason.code in LOST)
    return Rejudged(
        activity["id"],
        version.id,
        activity["recorded_at"],
        Evaluation(points, (), {}, (*steps, *recorded)),
        {activity["type"]: activity["points"]},
        {activity["type"]: points},
        version.choices,
    )


def _pays(policy: Policy, activity: Row) -> tuple[tuple[Reason, ...], int]:
    """The rule's computation, and its points without reductions."""
    rule = policy.activity_types[activity["type"]]
    if not isinstance(rule.points, FromAttribute):
        return (), rule.points
    terms, attributes = rule.points, orjson.loads(activity["attributes"])
    value = to_number(attributes[terms.attribute], ("attributes",), terms.attribute)
    points, _ = earning.evaluate_activity(rule, {terms.attribute: value}, times_left=None)
    said = {"attribute": terms.attribute, "value": f"{value:f}", "rate": f"{terms.rate:f}"}
    return (Reason("by_attribute", {"rule": rule.code, **said, "exact": str(points)}),), points
