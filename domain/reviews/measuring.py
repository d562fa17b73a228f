"""Quality of the rules: how often each fired, and how often staff confirmed it."""

from dataclasses import dataclass
from uuid import UUID

from domain.kernel.database import rows
from domain.programmes.policy import Policy


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """Facts at which a rule fired, decided reviews that it caused, and those of them that staff
    rejected, which confirms the rule.
    """

    code: str
    fired: int = 0
    reviewed: int = 0
    upheld: int = 0


async def of_rules(programme_id: UUID, policy: Policy) -> list[RuleFigures]:
    """Figures of the policy's rules in its order, then of those of earlier versions, by code."""
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
