"""Budgets against granted points: each award names its counter, each counter is their sum."""

from collections.abc import Iterator

from domain.earning import budgets
from domain.kernel.callers import HISTORY
from domain.kernel.database import Row, rows
from domain.proof.evidence import Catalogue, Fault, MemberRows

_SUMS = """
WITH taken AS (
    SELECT c.programme_id, a.rule, a.budget_period AS period, a.points
    FROM award a JOIN account c ON c.member_id = a.member_id
    WHERE a.budget_period IS NOT NULL
    UNION ALL
    SELECT q.programme_id, r.award ->> 0, r.award ->> 2, (r.award ->> 1)::bigint
    FROM quote q CROSS JOIN LATERAL jsonb_array_elements(q.awards) AS r (award)
    WHERE q.status = 'OPEN' AND r.award ->> 2 IS NOT NULL),
counted AS (
    SELECT programme_id, rule, period, sum(points) AS points
    FROM taken GROUP BY programme_id, rule, period)
SELECT programme_id, rule, period, b.used, coalesce(s.points, 0)::bigint AS points
FROM rule_budget b FULL JOIN counted s USING (programme_id, rule, period)
WHERE b.used IS DISTINCT FROM coalesce(s.points, 0)
ORDER BY programme_id, rule, period
"""
"""One statement, so that it sees every write whole or not at all."""


async def counters() -> list[Fault]:
    """Every counter of every programme that is not the sum of the points taken from it."""
    return [
        Fault(
            "rule_budget",
            counter["programme_id"],
            None,
            f"used of {counter['rule']!r} in {counter['period']!r}",
            "null" if counter["used"] is None else str(counter["used"]),
            f"{counter['points']}, the sum of what was granted and is reserved",
        )
        for counter in await rows(_SUMS)
    ]


def check(rows: MemberRows, catalogue: Catalogue) -> Iterator[Fault]:
    """Each award counts in the budget of its fact's version at its instant; imported history counts
    in none.
    """
    facts = {fact["id"]: fact for table in _FACTS for fact in rows.tables[table]}
    for award in rows.tables["award"]:
        fact = facts.get(award["booking_id"] or award["activity_id"])
        if fact is not None:
            period = _period(award, fact, catalogue)
            if award["budget_period"] != period:
                yield from rows.differences("award", award, {"budget_period": period})


_FACTS = ("booking", "activity")


def _period(award: Row, fact: Row, catalogue: Catalogue) -> str | None:
    version = catalogue.versions.get(fact["policy_version_id"])
    if version is None or fact["reporter"] == HISTORY:
        return None
    budget = version.policy.budgets.get(award["rule"])
    return None if budget is None else budgets.period(budget, award["occurred_at"], version.policy)
