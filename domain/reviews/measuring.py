"""How good the rules are: how often each fired, and how often staff upheld it."""

from dataclasses import dataclass
from uuid import UUID

from domain.kernel.database import rows
from domain.programmes.policy import Policy


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """Facts that a rule fired at, reviews that it led to and that were decided, and of these those
    that staff rejected, so that the rule was right.
    """

    code: str
    fired: int = 0
    reviewed: int = 0
    upheld: int = 0


async def of_rules(programme_id: UUID, policy: Policy) -> list[RuleFigures]:
    """Those of the policy in its order, then those that earlier versions had, by code."""
    found = await rows(
        "SELECT d.rule AS code, count(*) AS fired, "
        "count(*) FILTER (WHERE v.state IN ('APPROVED', 'REJECTED')) AS reviewed, "
        "count(*) FILTER (WHERE v.state = 'REJECTED') AS upheld FROM risk_decision d "
        "LEFT JOIN review v ON v.member_id = d.member_id AND v.id = d.review_id "
        "WHERE d.programme_id = $1 GROUP BY d.rule ORDER BY d.rule",
        programme_id,
    )
    known = {one["code"]: RuleFigures(**one) for one in found}
    ours = [known.pop(rule.code, RuleFigures(rule.code)) for rule in policy.risk.rules]
    return [*ours, *known.values()]
