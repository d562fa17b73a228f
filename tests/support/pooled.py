"""A coupon with a pool of codes, their statuses and imports."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import models
from domain.programmes.programmes import Programme
from domain.rewards import catalogue, coupons
from domain.rewards.coupons import ImportResult
from tests.support import factories as make

DAY = timedelta(days=1)


async def opened(
    *codes: str, points: int = 1000, **columns: Any
) -> tuple[Programme, UUID, models.Reward]:
    """A programme, a member with points, and a coupon for 100 points with these codes."""
    programme = await make.establish()
    member_id = await make.rich_member(programme, points, reference="li")
    sort = {"kind": "COUPON", "pooled_codes": True, "list_points": 100, **columns}
    reward = await make.reward(programme, **sort)
    if reward.pooled_codes:
        await make.pool(reward, *codes)
    return programme, member_id, reward


async def statuses(reward: models.Reward) -> dict[str, str]:
    found = await models.CouponCode.filter(reward_id=reward.id).order_by("code")
    return {code.code: code.status for code in found}


async def remaining(programme: Programme, reward: models.Reward, now: Any = make.NOW) -> int | None:
    return (await catalogue.get(programme.id, reward.code, now)).remaining


async def load(
    programme: Programme, wanted: models.Reward, *codes: Any, now: Any = make.NOW
) -> list[ImportResult]:
    reward = await catalogue.get(programme.id, wanted.code, now)
    pairs = [code if isinstance(code, tuple) else (code, None) for code in codes]
    return await coupons.import_pool(programme, reward, pairs, now)


KNOWN = coupons.KNOWN


async def low_water(programme: Programme) -> list[dict[str, Any]]:
    return await make.payloads("coupon.low_water", programme_id=programme.id)
