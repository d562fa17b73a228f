"""Shared by tests of refunds: a booking, terms of a policy, and rows of refunds."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.kernel.database import rows
from domain.programmes.programmes import Programme
from tests.support import factories as make
from tests.support import travel

DAY = timedelta(days=1)
FLIGHT_2400 = (make.line_of("flight", "2400"),)
ANY_POINTS = {"step": 1, "minimum": 1, "shares": [{"percent": 100}]}


def terms(claw_back: str, tier: str = "now") -> dict[str, Any]:
    return {"claw_back": claw_back, "tier": tier, "grace_days": 30}


async def open_programme(**changes: Any) -> Programme:
    return await make.establish(make.shipped_document(**changes))


async def kept(member_id: UUID) -> list[dict[str, Any]]:
    """What each refund recorded, in order."""
    return await rows(
        "SELECT points_clawed_back, points_owed, points_forgiven, points_expired "
        "FROM refund WHERE member_id = $1 ORDER BY recorded_at, id",
        member_id,
    )


async def paid_in_part(programme: Programme) -> UUID:
    """A member with a booking of CNY 100, CNY 1.50 of it paid with 150 points of two lots of 100:
    all of the one that expires first, and 50 of the other.
    """
    member_id = await make.enrol(programme, now=make.NOW - 310 * DAY)
    await make.give(programme, member_id, 100, now=make.NOW - 300 * DAY)
    await make.give(programme, member_id, 100, now=make.NOW - 100 * DAY)
    line = make.line_of("flight", "100")
    redemption = await travel.hold(programme, member_id, 150, line)
    outcome = await travel.pay(programme, member_id, "B", line, redemption=redemption)
    assert outcome.figures["points_awarded"] == 98
    return member_id
