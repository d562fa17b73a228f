"""Shared by tests of redemptions: a reward's stock and codes, and a season."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import models
from domain.kernel.database import row, rows
from domain.programmes.programmes import Programme
from domain.redemptions import redemption_reads
from domain.redemptions.redemption_reads import Redemption
from tests.support import factories as make

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)


async def read(programme: Programme, member_id: UUID, redemption_id: UUID) -> Redemption:
    return (await redemption_reads.many(programme.id, [(member_id, redemption_id)]))[redemption_id]


async def stock(reward: models.Reward) -> int:
    found = await row("SELECT remaining FROM reward_stock WHERE reward_id = $1", reward.id)
    assert found is not None
    left: int = found["remaining"]
    return left


async def codes(reward: models.Reward) -> dict[str, str]:
    found = await rows("SELECT code, status FROM coupon_code WHERE reward_id = $1", reward.id)
    return {code["code"]: code["status"] for code in found}


def season_now() -> dict[str, Any]:
    """The shipped document with its off-season moved to the days around `make.NOW`."""
    document = make.shipped_document()
    document["seasons"][0]["spans"] = [{"from": date(2026, 3, 10), "through": date(2026, 3, 15)}]
    return document
