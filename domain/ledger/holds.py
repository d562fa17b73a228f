"""Open holds: points reserved for a redemption until they are captured, released, or die.

Points of a dead hold come back lazily, as everything due does. Its stock comes back with them
when that is written: by the member's next write, by the sweep at the latest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.kernel import outbox
from domain.kernel.database import Row, rows, update
from domain.kernel.outbox import Event, Topic
from domain.ledger.journal import Journal
from domain.ledger.lots import Hold, Lot, Touch

_OPEN = """
WITH held AS (
    SELECT e.member_id, e.redemption_id, whose.sequence, max(e.holds_until) AS holds_until
    FROM unnest($1::uuid[], $2::bigint[]) AS whose (id, sequence)
    JOIN ledger_entry e ON e.member_id = whose.id
        AND (whose.sequence IS NULL OR e.sequence <= whose.sequence)
    WHERE e.redemption_id IS NOT NULL AND e.kind IN ('HOLD', 'RELEASE', 'CAPTURE')
    GROUP BY e.member_id, e.redemption_id, whose.sequence
    HAVING sum(CASE e.kind WHEN 'HOLD' THEN e.points ELSE -e.points END) > 0)
SELECT h.member_id, h.redemption_id, h.holds_until, sum(a.points)::bigint AS touched,
    l.id, l.points, l.remaining, l.earned_at, l.available_at, l.expires_at, l.policy_version_id,
    l.funder, l.booking_id, l.line_number, l.matures_at, l.matured_expires_at
FROM held h
JOIN ledger_entry e ON e.member_id = h.member_id AND e.redemption_id = h.redemption_id
    AND (h.sequence IS NULL OR e.sequence <= h.sequence)
JOIN allocation a ON a.member_id = e.member_id AND a.entry_id = e.id
JOIN lot l ON l.member_id = a.member_id AND l.id = a.lot_id
GROUP BY h.member_id, h.redemption_id, h.holds_until, l.member_id, l.id
HAVING sum(a.points) < 0
ORDER BY max(a.id::text) FILTER (WHERE a.points < 0)
"""


@dataclass(slots=True)
class Opened:
    """A member's open holds, and the lots that their points came from."""

    holds: dict[UUID, Hold] = field(default_factory=dict)
    lots: list[Lot] = field(default_factory=list)


async def of_members(
    member_ids: Sequence[UUID], reached: Mapping[UUID, int] | None = None
) -> dict[UUID, Opened]:
    """The holds open now, or behind each member's entry of the sequence `reached`; one statement
    for all of them.
    """
    opened: dict[UUID, Opened] = {member_id: Opened() for member_id in member_ids}
    sequences = [reached[member_id] if reached else None for member_id in member_ids]
    for drawn in await rows(_OPEN, list(member_ids), sequences):
        _add(opened[drawn.pop("member_id")], drawn)
    return opened


def _add(opened: Opened, drawn: Row) -> None:
    redemption_id: UUID = drawn.pop("redemption_id")
    until: datetime = drawn.pop("holds_until")
    touch = Touch(drawn["id"], drawn.pop("touched"))
    earlier = opened.holds.get(redemption_id)
    touches = (*earlier.touches, touch) if earlier else (touch,)
    opened.holds[redemption_id] = Hold(redemption_id, until, touches)
    opened.lots.append(Lot(**drawn))


async def lock_stock(locked: Sequence[Journal], *wanted: UUID) -> None:
    """Lock the stock that dead holds give back and that of the `wanted` rewards, in one order.

    Whoever writes several members, or takes stock before it writes, calls it behind the last
    account's lock: two that give back to the same rewards would lock each other out.
    """
    released = [redemption_id for journal in locked for redemption_id in journal.released]
    if released:
        await _lock_stock([journal.member_id for journal in locked], released, wanted)


async def _lock_stock(
    member_ids: Sequence[UUID], redemption_ids: Sequence[UUID], wanted: Sequence[UUID] = ()
) -> None:
    await rows(
        "SELECT reward_id FROM reward_stock WHERE reward_id = ANY($3::uuid[]) OR reward_id IN "
        "(SELECT reward_id FROM redemption WHERE member_id = ANY($1::uuid[]) "
        "AND id = ANY($2::uuid[])) ORDER BY reward_id FOR NO KEY UPDATE",
        list(member_ids),
        list(redemption_ids),
        list(wanted),
    )


async def write_released(journal: Journal) -> None:
    """What the journal released: its state, its stock, its unseen codes; what died is told."""
    if not journal.released:
        return
    released = await give_back(journal.member_id, journal.released, journal.now)
    dead = [one for one in released if one["hold_expires_at"] <= journal.now]
    if dead:
        told = [_died(journal.member_id, one) for one in dead]
        await outbox.write(dead[0]["programme_id"], journal.now, told)


def _died(member_id: UUID, released: Row) -> Event:
    reward = {"reward": released["code"]} if released["code"] else {}
    payload = {"redemption_id": str(released["id"]), "points": released["points"], **reward}
    return Event(Topic.REWARD_RELEASED, member_id, payload)


async def give_back(member_id: UUID, redemption_ids: Sequence[UUID], now: datetime) -> list[Row]:
    """Mark held redemptions released and put what they took back into the stock; those marked."""
    ids: Any = list(redemption_ids)
    released = await rows(
        "UPDATE redemption SET status = 'RELEASED', released_at = $3 "
        "WHERE member_id = $1 AND id = ANY($2::uuid[]) AND status = 'HELD' "
        "RETURNING id, programme_id, points, hold_expires_at, "
        "(SELECT code FROM reward WHERE reward.id = redemption.reward_id) AS code",
        member_id,
        ids,
        now,
    )
    await _give_back_codes(ids, now)
    if len(ids) > 1:
        await _lock_stock([member_id], ids)
    await update(
        "UPDATE reward_stock SET remaining = remaining + back.quantity "
        "FROM (SELECT reward_id, sum(quantity) AS quantity FROM redemption "
        "WHERE member_id = $1 AND id = ANY($2::uuid[]) GROUP BY reward_id) AS back "
        "WHERE reward_stock.reward_id = back.reward_id",
        member_id,
        ids,
    )
    return released


async def _give_back_codes(redemption_ids: Any, now: datetime) -> None:
    """Unseen codes return to their pool; what was made for the redemption has none."""
    await update(
        "UPDATE coupon_code SET status = 'IMPORTED', member_id = NULL, redemption_id = NULL, "
        "issued_at = NULL FROM reward w WHERE w.id = coupon_code.reward_id AND w.pooled_codes "
        "AND coupon_code.redemption_id = ANY($1::uuid[]) AND coupon_code.status = 'ISSUED'",
        redemption_ids,
    )
    await update(
        "UPDATE coupon_code SET status = 'VOID', voided_at = $2 "
        "WHERE redemption_id = ANY($1::uuid[]) AND status = 'ISSUED'",
        redemption_ids,
        now,
    )


async def dead_of_reward(reward_id: UUID, now: datetime) -> list[UUID]:
    """Members with a hold on this reward whose time is over and not yet written."""
    found = await rows(
        "SELECT DISTINCT member_id FROM redemption "
        "WHERE reward_id = $1 AND status = 'HELD' AND hold_expires_at <= $2",
        reward_id,
        now,
    )
    return [dead["member_id"] for dead in found]
