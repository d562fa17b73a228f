"""Programmes, lines and bookings for tests of amendments."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain.bookings import booking_reads
from domain.bookings.booking_reads import Booking
from domain.checkout.booking_lines import LineSent
from domain.programmes.programmes import Programme
from tests.support import factories as make
from tests.support import travel

DAY = timedelta(days=1)
WORTH_ONE_YUAN = {"worth": {"points": 1, "money": 1}, "available": "at_payment"}
ANY_POINTS = {"step": 1, "minimum": 1, "shares": [{"percent": 100}]}


def flight(amount: str) -> LineSent:
    return make.line_of("flight", amount)


def hotel(amount: str, travel_to: date | None = None, nights: int = 0) -> LineSent:
    travel_from = travel_to and travel_to - nights * DAY
    return replace(make.line_of("hotel", amount), travel_from=travel_from, travel_to=travel_to)


def terms(claw_back: str, tier: str = "now") -> dict[str, Any]:
    return {"claw_back": claw_back, "tier": tier, "grace_days": 30}


async def open_programme(**changes: Any) -> Programme:
    return await make.establish(make.shipped_document(**changes))


async def open_slow(then: str = "mature") -> Programme:
    """Points mature on completion; ten days after the last day of travel, `then` is applied."""
    points = {
        "worth": {"points": 100, "money": 1},
        "available": "on_completion",
        "expiry": {"months": 12, "through": "day"},
    }
    return await open_programme(points=points, completion={"overdue_days": 10, "then": then})


async def booked(programme: Programme, *lines: LineSent) -> UUID:
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", *lines)
    return member_id


async def shown(member_id: UUID) -> Booking:
    """The member's only booking as clients see it."""
    [booking] = (await booking_reads.pages([member_id], None, 2, None))[member_id]
    return booking


async def spend(programme: Programme, member_id: UUID, points: int) -> None:
    await make.redeem(programme, member_id, await make.reward(programme, list_points=points))
