"""Stock against its changes: the remainder of a reward is the sum of its recorded changes, less
units redeemed, plus those returned.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from domain.kernel import audit
from domain.kernel.database import Row, rows
from domain.programmes import programmes
from domain.proof.evidence import Fault, shown
from domain.rewards import stock
from domain.rewards.stock import By, Change, ChangeKind

_SUMS = """
WITH changed AS (
    SELECT reward_id, sum(change) AS points,
        count(*) FILTER (WHERE kind = 'OPENED') - count(*) FILTER (WHERE kind = 'CLOSED') AS opened
    FROM stock_change GROUP BY reward_id),
taken AS (
    SELECT reward_id, sum(quantity) FILTER (WHERE stock_taken) AS taken,
        sum(quantity) FILTER (WHERE stock_returned) AS returned
    FROM redemption WHERE stock_taken OR stock_returned GROUP BY reward_id)
SELECT reward_id, s.remaining, coalesce(c.opened, 0) AS opened,
    (coalesce(c.points, 0) - coalesce(t.taken, 0) + coalesce(t.returned, 0))::bigint AS expected
FROM reward_stock s FULL JOIN changed c USING (reward_id) FULL JOIN taken t USING (reward_id)
"""
"""One statement, so that it sees every write whole or not at all."""

_DIFFERENT = f"""
SELECT d.* FROM ({_SUMS}) d
WHERE d.opened <> (d.remaining IS NOT NULL)::int OR coalesce(d.remaining, 0) <> d.expected
ORDER BY d.reward_id
"""


async def left() -> list[Fault]:
    """Every stock that differs from its changes and redemptions, or has no opening record."""
    return [_fault(one) for one in await rows(_DIFFERENT)]


def _fault(found: Row) -> Fault:
    what, said = "remaining", shown(found["remaining"])
    wanted = f"{found['expected']}, what its changes and redemptions left"
    if _is_unopened(found):
        what, said, wanted = "its first change", "missing", "there: run `ops seal`"
    return Fault("reward_stock", found["reward_id"], None, what, said, wanted)


async def take_over(programme_id: UUID, now: datetime, *, again: bool = False) -> int:
    """Record the remainder of each stock of the programme without an opening record, so that it is
    proved from then on; returns how many.

    `again` also accepts the remainder of every other stock that differs from its records.

    Raises: ConcurrentRequest.
    """

    async def work() -> int:
        await programmes.lock(programme_id)
        different = await _different(programme_id)
        wanted = [one["reward_id"] for one in different if again or _is_unopened(one)]
        await stock.lock_all(wanted)
        changes = [_change(one) for one in await _different(programme_id, wanted)]
        for change in changes:
            await stock.record(change, By(audit.doer(), now))
        return len(changes)

    return await audit.act(programme_id, now, "countStock", work)


async def _different(programme_id: UUID, wanted: Iterable[UUID] | None = None) -> list[Row]:
    return await rows(
        f"SELECT d.* FROM ({_DIFFERENT}) d JOIN reward w ON w.id = d.reward_id "
        "WHERE w.programme_id = $1 AND ($2::uuid[] IS NULL OR d.reward_id = ANY($2::uuid[])) "
        "ORDER BY d.reward_id",
        programme_id,
        None if wanted is None else list(wanted),
    )


def _is_unopened(found: Row) -> bool:
    """Whether it is counted, or was, without an opening record."""
    return bool(found["opened"] < (found["remaining"] is not None))


def _change(found: Row) -> Change:
    """The change that makes the record of a stock equal to its remainder."""
    remaining = found["remaining"] or 0
    kind = ChangeKind.COUNTED
    if _is_unopened(found):
        kind = ChangeKind.OPENED
    elif found["remaining"] is None and found["opened"]:
        kind = ChangeKind.CLOSED
    return Change(found["reward_id"], kind, remaining - found["expected"], remaining)
