"""What limits have granted is read for their own periods only, however long a member has booked."""

from datetime import timedelta
from functools import partial
from typing import Any

import orjson

from domain.earning import limits, member_caps
from domain.kernel.database import rows, transact
from ops.postgres.database import connected
from tests.conftest import Database
from tests.support import factories as make

LIMITS: dict[str, dict[str, Any]] = {
    "monthly": {"points": 5000, "per": "month"},
    "ever": {"times": 3, "per": "member"},
}
MONTHS = 12


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for part in plan.get("Plans", ()) for node in nodes(part))]


async def test_a_limit_reads_the_awards_of_its_own_period(fresh_database: Database) -> None:
    """In a database of its own: what others leave behind has a say in how it is read."""
    async with connected(fresh_database.serving, everywhere=False):
        await limited_by_period()


async def limited_by_period() -> None:
    document = make.variant(
        make.rule("rate", "monthly", points=1, limit=LIMITS["monthly"]),
        make.rule("bonus", "ever", points=7, limit=LIMITS["ever"]),
    )
    programme = await make.establish(document)
    member_id = await make.enrol(programme)
    policy = programme.versions[0].policy
    for month in range(MONTHS):
        then = make.NOW + timedelta(days=31 * month)
        await make.book(programme, member_id, ("hotel", "100"), now=then)

    found = await limits.granted([member_id], policy, then, then)
    assert sorted((one.rule, one.points) for one in found) == [("ever", 7)] * 3 + [("monthly", 100)]
    assert limits.allowances(policy, found, then)["monthly"].points == 4900

    start, end = limits.bounds(policy.earning[0].limit, then, policy)  # type: ignore[arg-type]
    read: dict[str, int] = {}

    async def explain(statement: str, *values: Any) -> None:
        await rows("SET LOCAL enable_seqscan = off")
        await rows("SET LOCAL enable_bitmapscan = off")
        [shown] = await rows(f"EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) {statement}", *values)
        [whole] = orjson.loads(shown["QUERY PLAN"])
        for node in nodes(whole["Plan"]):
            if node.get("Relation Name") == "award":
                read[node["Index Name"]] = int(node["Actual Rows"])
                assert node.get("Rows Removed by Filter", 0) == 0

    period = [start], [end], None, then
    await transact(partial(explain, limits._GRANTED, [member_id], ["monthly"], *period))
    await transact(partial(explain, member_caps._GAINED, member_id, *period))
    assert read == {"award_rule": 1, "award_by_time": 1}
