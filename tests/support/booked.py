"""Shared by tests of bookings: report a booking, read its member's tier."""

from datetime import datetime
from uuid import UUID

from domain.bookings import bookings
from domain.bookings.reports import BookingSent
from domain.kernel.idempotency import Outcome
from domain.members import members
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme
from tests.support import factories as make


async def earn(
    programme: Programme, member_id: UUID, sent: BookingSent, *, now: datetime = make.NOW
) -> Outcome:
    request = make.request(make.partner(programme), now=now)
    return await bookings.earn(request, programme, MemberKey.of_id(member_id), sent)


async def tier_of(member_id: UUID) -> str:
    return (await members.many([member_id]))[member_id].tier
