"""Shared by tests of holds: a member with points, a reward to hold, and when a hold ends."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import models
from domain.ledger.values import Balances
from domain.programmes.programmes import Programme
from tests.support import factories as make

MINUTE = timedelta(minutes=1)
UNTIL = make.NOW + 30 * MINUTE
"""When a hold taken at `make.NOW` ends, by the shipped policy."""
JUST_BEFORE = UNTIL - timedelta(microseconds=1)
EXPIRY = datetime(2027, 3, 15, 16, tzinfo=UTC)
"""When points earned at `make.NOW` expire."""
KINDS = ["SERVICE", "PRODUCT", "PARTNER", "COUPON"]


async def opened(
    *, points: int = 1000, kind: str = "SERVICE", **columns: Any
) -> tuple[Programme, UUID, models.Reward]:
    """A programme, a member with points, and a reward for 100 points, with five in stock."""
    programme = await make.establish()
    member_id = await make.rich_member(programme, points, reference="li")
    sort = {"kind": kind, "list_points": 100, "stock": 5, **columns}
    return programme, member_id, await make.reward(programme, **sort)


async def balances(member_id: UUID, now: datetime = make.NOW) -> Balances:
    return (await make.state(member_id, now)).balances


async def touch(programme: Programme, member_id: UUID, now: datetime) -> None:
    """Write something of the member, which also posts what has fallen due."""
    await make.give(programme, member_id, 1, now=now)
