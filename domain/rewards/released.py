"""Released holds: what a hold kept of a reward, given back when it ends.

A hold's points come back by its account's journal; its stock, its codes and its redemption's
state are given back here, with them.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.kernel import sealed_rows
from domain.kernel.callers import partner_of
from domain.kernel.database import Row, rows
from domain.kernel.outbox import Event, Topic
from domain.ledger.journal import Journal
from domain.rewards import coupons, pools

DEAD_MAX = 100
"""Most members whose expired holds on a reward are read for one request."""


async def lock_stock(locked: Sequence[Journal], *wanted: UUID) -> None:
    """Lock the stock that expired holds return and that of the `wanted` rewards, in one order.

    Whoever writes several members, or takes stock before its account closes, calls it after
    the last account's lock: two that give back to the same rewards would lock each other out.
    """
    released = [redemption_id for journal in locked for redemption_id in journal.released]
    if released:
        await _lock_stock([journal.member_id for journal in locked], released, wanted)


async def _lock_stock(
    member_ids: Sequence[UUID], redemption_ids: Sequence[UUID], wanted: Sequence[UUID] = ()
) -> None:
    for table, order in _STOCK.items():
        await rows(
            f"SELECT reward_id FROM {table} WHERE reward_id = ANY($3::uuid[]) OR reward_id IN "
            "(SELECT reward_id FROM redemption WHERE member_id = ANY($1::uuid[]) "
            f"AND id = ANY($2::uuid[])) ORDER BY {order} FOR NO KEY UPDATE",
            list(member_ids),
            list(redemption_ids),
            list(wanted),
        )


_STOCK = {"reward_stock": "reward_id", "pool_stock": "reward_id, valid_until"}
"""Where counts of what is left stand, and the order in which they are locked."""


async def write(journal: Journal) -> list[Event]:
    """Return the stock of holds that the journal released, with an event for each expired one."""
    if not journal.released:
        return []
    released = await _give_back(journal)
    journal.released.clear()
    return [
        _died(journal.member_id, one) for one in released if one["hold_expires_at"] <= journal.now
    ]


def _died(member_id: UUID, released: Row) -> Event:
    payload = {
        "redemption_id": released["id"],
        "reward": released["code"],
        "quantity": released["quantity"],
        "points": released["points"],
    }
    maker = None if released["code"] else partner_of(released["actor"])
    return Event(Topic.REWARD_RELEASED, member_id, payload, released["deliverer_id"] or maker)


async def _give_back(journal: Journal) -> list[Row]:
    """Mark held redemptions released and put what they took back into the stock; those marked."""
    member_id, ids = journal.member_id, list(journal.released)
    if len(ids) > 1:
        await _lock_stock([member_id], ids)
    counted = await _put_back(member_id, ids)
    released = await rows(
        "UPDATE redemption SET status = 'RELEASED', released_at = $3, "
        "stock_returned = nullif(stock_taken IS NOT FALSE AND reward_id = ANY($4::uuid[]), false) "
        "WHERE member_id = $1 AND id = ANY($2::uuid[]) AND status = 'HELD' "
        f"RETURNING {sealed_rows.columns('redemption')}, "
        "(SELECT code FROM reward WHERE reward.id = redemption.reward_id) AS code, "
        "(SELECT partner_id FROM reward WHERE reward.id = redemption.reward_id) AS deliverer_id",
        member_id,
        ids,
        journal.now,
        counted,
    )
    journal.changed += sealed_rows.of_all("redemption", released)
    await _give_back_codes(journal, ids)
    return released


async def _put_back(member_id: UUID, redemption_ids: list[UUID]) -> list[UUID]:
    """Put what held redemptions took from a stock back into it; the rewards that are counted."""
    back = await rows(
        "UPDATE reward_stock SET remaining = remaining + back.quantity "
        "FROM (SELECT reward_id, sum(quantity) AS quantity FROM redemption "
        "WHERE member_id = $1 AND id = ANY($2::uuid[]) AND status = 'HELD' "
        "AND stock_taken IS NOT FALSE GROUP BY reward_id) AS back "
        "WHERE reward_stock.reward_id = back.reward_id RETURNING reward_stock.reward_id",
        member_id,
        redemption_ids,
    )
    return [one["reward_id"] for one in back]


async def _give_back_codes(journal: Journal, redemption_ids: list[UUID]) -> None:
    """Unseen codes return to their pool; what was made for the redemption has none."""
    pooled = await rows(
        "SELECT DISTINCT w.id FROM coupon_code c JOIN reward w ON w.id = c.reward_id "
        "WHERE c.redemption_id = ANY($1::uuid[]) AND w.pooled_codes ORDER BY w.id",
        redemption_ids,
    )
    for reward in pooled:
        await pools.join([reward["id"]])
        back = await rows(
            "UPDATE coupon_code SET status = 'IMPORTED', member_id = NULL, redemption_id = NULL, "
            "issued_at = NULL, ends_at = NULL "
            "WHERE reward_id = $2 AND redemption_id = ANY($1::uuid[]) AND status = 'ISSUED' "
            "RETURNING id, valid_until",
            redemption_ids,
            reward["id"],
        )
        journal.changed += [sealed_rows.removed("coupon_code", code) for code in back]
        await pools.put_back(reward["id"], [code["valid_until"] for code in back])
    await coupons.void(journal, redemption_ids)


async def dead_of_reward(reward_id: UUID, now: datetime) -> dict[UUID, int]:
    """Members with holds on this reward whose time is over and not yet written, the longest dead
    first, `DEAD_MAX` at the most, and how much of it each holds.
    """
    found = await rows(
        "SELECT member_id, sum(quantity)::bigint AS quantity FROM redemption "
        "WHERE reward_id = $1 AND status = 'HELD' AND hold_expires_at <= $2 "
        "GROUP BY member_id ORDER BY min(hold_expires_at), member_id LIMIT $3",
        reward_id,
        now,
        DEAD_MAX,
    )
    return {dead["member_id"]: dead["quantity"] for dead in found}
