"""Quotes: what a booking would earn, judged exactly as the booking itself will be."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain import booking_lines, bookings, dates, limits, lots, tier_reviews, tiers
from domain.booking_lines import LineSent
from domain.bookings import Holder
from domain.earning import Evaluation, Line
from domain.inputs import check_occurred_at
from domain.members import Member, MemberStatus
from domain.programmes import Programme, Version
from domain.tiers import Holding


@dataclass(frozen=True, slots=True)
class Quote:
    """`expires_on` is the last valid date of points posted now; null if they never expire."""

    version: Version
    lines: list[Line]
    evaluation: Evaluation
    expires_on: date | None


async def earning(
    programme: Programme,
    member: Member | None,
    sent: tuple[LineSent, ...],
    now: datetime,
    *,
    booked_at: datetime | None = None,
    payment_method: str | None = None,
) -> Quote:
    """What these lines would earn; without a member, one at the entry tier.

    Raises: InvalidInput, EventTooOld, EventInFuture, MemberSuspended.
    """
    instant = booked_at or now
    version = programme.as_of(instant)
    policy = version.policy
    check_occurred_at(instant, now, policy, ("bookedAt",))
    bookings.check_payment_method(policy, payment_method)
    lines = booking_lines.check(policy, sent)
    holder = await _holder(programme, member, instant, now)
    judgement = bookings.judge(policy, holder, lines, instant, payment_method)
    expires_at = lots.expires_at(policy.points.expiry, now, policy.zone)
    last = dates.last_valid_date(expires_at, policy.zone) if expires_at else None
    return Quote(version, lines, judgement.evaluation, last)


_NOBODY = UUID(int=0)


async def _holder(
    programme: Programme, member: Member | None, instant: datetime, now: datetime
) -> Holder:
    version = programme.as_of(instant)
    if member is None:
        entry = version.policy.tiers.levels[0].code
        nobody = Holding.at_joining(_NOBODY, entry, now)
        return Holder(_NOBODY, MemberStatus.ENROLLED, None, {}, tier=entry, holding=nobody)
    bookings.check_status(member.status)
    holding, _ = await tier_reviews.foresee(programme, member.holding, now)
    return Holder(
        member.member_id,
        member.status,
        member.birthday,
        member.profile,
        tier=await tiers.at(member.member_id, holding.tier, holding.since, instant),
        holding=holding,
        granted=await limits.granted(member.member_id, version.policy),
    )
