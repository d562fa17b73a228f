"""Pools: how many imported codes of a reward are left, counted once and kept from then on.

A count stands for each end of validity, so that what can be given at an instant is the sum of a
few rows, and a code that lapses changes none. A pool without counts is counted by its codes.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from uuid import UUID

from domain.kernel.database import row, rows, transact, update
from domain.kernel.ids import new_id

LEFT = """coalesce(
    (SELECT coalesce(sum(p.remaining)
            FILTER (WHERE p.valid_until IS NULL OR p.valid_until > $2), 0)
        FROM pool_stock p WHERE p.reward_id = w.id HAVING count(*) > 0),
    (SELECT count(*) FROM coupon_code c WHERE c.reward_id = w.id AND c.status = 'IMPORTED'
        AND (c.valid_until IS NULL OR c.valid_until > $2)))::bigint"""
"""SQL for what is left of the pool of a reward `w` at the instant $2."""

_COUNTED = """
INSERT INTO pool_stock (id, reward_id, valid_until, remaining)
SELECT new.id, $1, new.valid_until, new.remaining
FROM unnest($2::uuid[], $3::timestamptz[], $4::bigint[]) AS new (id, valid_until, remaining)
ON CONFLICT (reward_id, valid_until) DO UPDATE SET remaining = {remaining}
"""


async def left(reward_id: UUID, now: datetime) -> int:
    """Number of codes that can be issued at `now`."""
    found = await row(f"SELECT {LEFT} AS remaining FROM reward w WHERE w.id = $1", reward_id, now)
    return int(found["remaining"]) if found else 0


async def join(reward_ids: Iterable[UUID]) -> None:
    """Before codes of these rewards change: keeps out only those who count the pools anew."""
    await rows(
        "SELECT id FROM reward WHERE id = ANY($1::uuid[]) ORDER BY id FOR KEY SHARE",
        list(reward_ids),
    )


async def take(reward_id: UUID, ends: Iterable[datetime | None]) -> None:
    """Count off codes that were taken, each named by the end of its validity; after `join`."""
    await _change(reward_id, ends, sign=-1)


async def put_back(reward_id: UUID, ends: Iterable[datetime | None]) -> None:
    """Count codes that returned to the pool; after `join`."""
    await _change(reward_id, ends, sign=1)


async def _change(reward_id: UUID, ends: Iterable[datetime | None], *, sign: int) -> None:
    counted = Counter(ends)
    # in one order, so that two who change several rows do not lock each other out
    for end in sorted(counted, key=lambda end: (end is None, end)):
        changed = await update(
            "UPDATE pool_stock SET remaining = remaining + $3 WHERE reward_id = $1 "
            "AND valid_until IS NOT DISTINCT FROM $2 AND remaining + $3 >= 0",
            reward_id,
            end,
            sign * counted[end],
        )
        if not changed and await is_counted(reward_id):
            raise RuntimeError(
                f"the pool of reward {reward_id} is not what was counted: "
                "`python -m ops rewards count --again`"
            )


async def is_counted(reward_id: UUID) -> bool:
    """Whether the pool's counts are kept."""
    return await row("SELECT id FROM pool_stock WHERE reward_id = $1", reward_id) is not None


async def add(reward_id: UUID, ends: Iterable[datetime | None]) -> None:
    """Count codes that were just imported; the first import counts the whole pool.

    Inside the import's transaction, after `lock`.
    """
    if await is_counted(reward_id):
        counted = Counter(ends)
        await _write(reward_id, counted, "pool_stock.remaining + excluded.remaining")
    else:
        await _count(reward_id)


async def lock(reward_id: UUID) -> None:
    """Nobody else changes the pool until the transaction ends."""
    await rows("SELECT id FROM reward WHERE id = $1 FOR UPDATE", reward_id)


async def uncounted() -> list[tuple[UUID, str]]:
    """Pools without counts that have codes, by id and code of their rewards."""
    found = await rows(
        "SELECT w.id, w.code FROM reward w WHERE w.pooled_codes "
        "AND EXISTS (SELECT FROM coupon_code c WHERE c.reward_id = w.id AND c.status = 'IMPORTED') "
        "AND NOT EXISTS (SELECT FROM pool_stock p WHERE p.reward_id = w.id) ORDER BY w.id"
    )
    return [(pool["id"], pool["code"]) for pool in found]


async def counted() -> list[tuple[UUID, str]]:
    """Pools whose counts are kept, by id and code of their rewards."""
    found = await rows(
        "SELECT w.id, w.code FROM reward w "
        "WHERE EXISTS (SELECT FROM pool_stock p WHERE p.reward_id = w.id) ORDER BY w.id"
    )
    return [(pool["id"], pool["code"]) for pool in found]


async def recount(reward_id: UUID) -> None:
    """Count the pool's codes anew, in a transaction of its own; redemptions wait meanwhile."""
    await transact(partial(_recount, reward_id))


async def _recount(reward_id: UUID) -> None:
    await lock(reward_id)
    await update("UPDATE pool_stock SET remaining = 0 WHERE reward_id = $1", reward_id)
    await _count(reward_id)


async def _count(reward_id: UUID) -> None:
    found = await rows(
        "SELECT valid_until, count(*) AS remaining FROM coupon_code "
        "WHERE reward_id = $1 AND status = 'IMPORTED' GROUP BY valid_until",
        reward_id,
    )
    counted = {end["valid_until"]: end["remaining"] for end in found}
    await _write(reward_id, counted, "excluded.remaining")


async def _write(reward_id: UUID, counted: dict[datetime | None, int], remaining: str) -> None:
    await rows(
        _COUNTED.format(remaining=remaining) + " RETURNING id",
        reward_id,
        [new_id() for _ in counted],
        list(counted),
        list(counted.values()),
    )
