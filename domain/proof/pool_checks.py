"""Pools against their codes: each count is the number of imported codes that expire at that
instant.
"""

from domain.kernel.database import rows
from domain.proof.evidence import Fault

_COUNTS = """
WITH pool AS (
    SELECT DISTINCT reward_id FROM pool_stock),
imported AS (
    SELECT c.reward_id, c.valid_until, count(*) AS codes
    FROM coupon_code c JOIN pool USING (reward_id) WHERE c.status = 'IMPORTED'
    GROUP BY c.reward_id, c.valid_until)
SELECT p.reward_id, p.valid_until, p.remaining, coalesce(i.codes, 0) AS codes
FROM pool_stock p LEFT JOIN imported i
    ON i.reward_id = p.reward_id AND i.valid_until IS NOT DISTINCT FROM p.valid_until
WHERE p.remaining <> coalesce(i.codes, 0)
UNION ALL
SELECT i.reward_id, i.valid_until, NULL, i.codes FROM imported i
WHERE NOT EXISTS (SELECT FROM pool_stock p WHERE p.reward_id = i.reward_id
    AND p.valid_until IS NOT DISTINCT FROM i.valid_until)
ORDER BY reward_id, valid_until
"""
"""One statement, so that it sees every write whole or not at all."""


async def counts() -> list[Fault]:
    """Every count of every pool that differs from the number of codes."""
    return [
        Fault(
            "pool_stock",
            pool["reward_id"],
            None,
            "remaining of codes that end "
            + ("never" if pool["valid_until"] is None else pool["valid_until"].isoformat()),
            "null" if pool["remaining"] is None else str(pool["remaining"]),
            f"{pool['codes']}, the number of imported codes",
        )
        for pool in await rows(_COUNTS)
    ]
