"""Stock: how many of a reward are left, taken and put back by guarded updates.

A reward is counted from the change that opened its stock until one closes it. Each change beside
redemptions is recorded under the lock of the count, and each redemption records whether it took
from a stock and whether that came back to one, so that what is left can be added up again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import models
from domain.kernel import audit
from domain.kernel.database import row, rows, update
from domain.kernel.ids import new_id
from domain.rewards.catalogue import Reward
from domain.rewards.refusals import OutOfStock


class ChangeKind(StrEnum):
    """Kinds of stock changes; corrections by staff have a reason and no kind."""

    OPENED = "OPENED"
    PLACED = "PLACED"
    CLOSED = "CLOSED"
    COUNTED = "COUNTED"


@dataclass(frozen=True, slots=True)
class Change:
    """By how much a stock changed, and what was left then; 0 where it was closed."""

    reward_id: UUID
    kind: ChangeKind
    change: int
    remaining: int


@dataclass(frozen=True, slots=True)
class By:
    """Actor and instant of a stock change."""

    actor: str
    now: datetime


async def take(reward: Reward, quantity: int) -> bool:
    """Whether this was taken from a stock; a reward that is not counted has none.

    Raises: OutOfStock.
    """
    if reward.remaining is None or reward.pooled_codes:
        return False
    taken = await update(
        "UPDATE reward_stock SET remaining = remaining - $2 "
        "WHERE reward_id = $1 AND remaining >= $2",
        reward.id,
        quantity,
    )
    if taken:
        return True
    left = await _left(reward.id)
    if left is None:
        return False
    raise OutOfStock(reward.code, left, path=("reward",))


async def put_back(reward_id: UUID, quantity: int) -> bool:
    """Add to what is left of a reward; whether it is counted."""
    changed = await update(
        "UPDATE reward_stock SET remaining = remaining + $2 WHERE reward_id = $1",
        reward_id,
        quantity,
    )
    return changed > 0


async def place(reward_id: UUID, stock: int | None, by: By) -> None:
    """Have this many left of a reward from now on, or have it not counted any more.

    Under the programme's lock, so that nobody else opens or closes a stock.
    """
    was = await lock(reward_id)
    if was == stock:
        return
    if stock is None:
        await update("DELETE FROM reward_stock WHERE reward_id = $1", reward_id)
    elif was is None:
        await models.RewardStock.create(reward_id=reward_id, remaining=stock)
    else:
        await models.RewardStock.filter(reward_id=reward_id).update(remaining=stock)
    kinds = {(True, False): ChangeKind.OPENED, (False, True): ChangeKind.CLOSED}
    kind = kinds.get((was is None, stock is None), ChangeKind.PLACED)
    left = stock or 0
    await record(Change(reward_id, kind, left - (was or 0), left), by)


async def record(change: Change, by: By) -> None:
    """Keep what a change was, in the transaction that makes it and under the lock of the count."""
    await models.StockChange.create(
        id=audit.adds("stock_change", new_id()),
        reward_id=change.reward_id,
        kind=change.kind,
        change=change.change,
        remaining=change.remaining,
        actor=by.actor,
        changed_at=by.now,
    )


async def lock(reward_id: UUID) -> int | None:
    """What is left of a reward, which stays so until the transaction ends; None where it is not
    counted.
    """
    await lock_all([reward_id])
    return await _left(reward_id)


async def lock_all(reward_ids: Sequence[UUID]) -> None:
    """Lock the stock of these rewards, in the order that all transactions use."""
    await rows(
        "SELECT reward_id FROM reward_stock WHERE reward_id = ANY($1::uuid[]) "
        "ORDER BY reward_id FOR NO KEY UPDATE",
        list(reward_ids),
    )


async def _left(reward_id: UUID) -> int | None:
    found = await row("SELECT remaining FROM reward_stock WHERE reward_id = $1", reward_id)
    return found["remaining"] if found else None
