"""Stock: how many of a reward are left, taken and put back by guarded updates."""

from uuid import UUID

from domain.kernel.database import row, update
from domain.rewards.catalogue import Reward
from domain.rewards.refusals import OutOfStock


async def take(reward: Reward, quantity: int) -> None:
    taken = await update(
        "UPDATE reward_stock SET remaining = remaining - $2 "
        "WHERE reward_id = $1 AND remaining >= $2",
        reward.id,
        quantity,
    )
    if taken == 0:
        left = await row("SELECT remaining FROM reward_stock WHERE reward_id = $1", reward.id)
        raise OutOfStock(reward.code, left["remaining"] if left else 0, path=("reward",))


async def put_back(reward_id: UUID, quantity: int) -> None:
    """Add to what is left of a reward that is counted."""
    await update(
        "UPDATE reward_stock SET remaining = remaining + $2 WHERE reward_id = $1",
        reward_id,
        quantity,
    )
