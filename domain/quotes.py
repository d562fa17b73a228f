"""Quotes: what a booking would earn, judged exactly as the booking itself will be."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from domain import booking_lines, bookings, budgets, dates, limits, lots, tiers
from domain.booking_lines import LineSent
from domain.bookings import Holder
from domain.earning import Evaluation, Line
from domain.inputs import check_occurred_at
from domain.members import Member, MemberStatus
from domain.programmes import Programme, Version


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
    holder = await _holder(version, member, instant)
    judgement = bookings.judge(policy, holder, lines, instant, payment_method)
    periods = budgets.periods(policy, instant)
    claims = budgets.claims(policy, judgement.evaluation.awards, periods)
    if claims:
        holder = replace(holder, budgets=await budgets.left(programme.id, claims))
        judgement = bookings.judge(policy, holder, lines, instant, payment_method)
    expires_at = lots.expires_at(policy.points.expiry, now, policy.zone)
    last = dates.last_valid_date(expires_at, policy.zone) if expires_at else None
    return Quote(version, lines, judgement.evaluation, last)


_NOBODY = UUID(int=0)


async def _holder(version: Version, member: Member | None, instant: datetime) -> Holder:
    if member is None:
        entry = version.policy.tiers.levels[0].code
        return Holder(_NOBODY, MemberStatus.ENROLLED, None, {}, tier=entry, current_tier=entry)
    bookings.check_status(member.status)
    return Holder(
        member.member_id,
        member.status,
        member.birthday,
        member.profile,
        tier=await tiers.at(member.member_id, member.tier, member.tier_since, instant),
        current_tier=member.tier,
        qualifying=member.qualifying,
        granted=await limits.granted(member.member_id, version.policy),
    )
