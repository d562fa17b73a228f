"""What happens to a friend's bookings, as far as the referral by which it joined asks.

A booking that counts reaches the referral; once the last one that did is refunded whole it is
lost, until another one counts. Guests' bookings do not count, and neither does what costs nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from domain.accounts.accounts import Account
from domain.bookings import tier_counts
from domain.bookings.booking_state import BookingState, LineState
from domain.earning import counts
from domain.kernel.queries import Query
from domain.members.statuses import MemberStatus
from domain.programmes.counts import BookingCount, CountWindow
from domain.programmes.programmes import Programme
from domain.programmes.referral_terms import ReferralTerms
from domain.referrals import friends, states
from domain.referrals.states import Referral, ReferralStatus


@dataclass(frozen=True, slots=True)
class FriendBooking:
    """A booking as terms of referrals see it; `left` is whether any of its amount is."""

    id: UUID
    booked_at: datetime
    left: bool
    completed_at: datetime | None = None


def of(state: BookingState, lines: Sequence[LineState]) -> FriendBooking:
    """The booking with its lines as they are then."""
    left = state.snapshot["status"] != MemberStatus.GUEST and any(line.left_minor for line in lines)
    completed_at = tier_counts.completed_at(lines, keeps_counting=False)
    return FriendBooking(state.id, state.booked_at, left, completed_at)


def fact_at(terms: ReferralTerms, booking: FriendBooking | None) -> datetime | None:
    """When the booking did what the terms ask for; None where it did not."""
    if booking is None or not booking.left or terms.qualifies == "enrolled":
        return None
    return booking.booked_at if terms.qualifies == "first_booking" else booking.completed_at


def queries(programme: Programme, member_id: UUID) -> list[Query]:
    """What `follow` asks first; nothing where no version has referrals."""
    if all(version.policy.referrals is None for version in programme.versions):
        return []
    return [friends.query_of_latest(member_id)]


async def follow(account: Account, before: FriendBooking | None, after: FriendBooking) -> None:
    """Record what a booking that becomes `after` does to the member's own referral, if it has
    one; `before` is None for a new booking.
    """
    if not queries(account.programme, account.member_id):
        return
    referral = await friends.latest(account.member_id)
    if referral is None:
        return
    policy = account.programme.version(referral.policy_version_id).policy
    terms = policy.referrals
    if terms is None:
        return
    was, at = fact_at(terms, before), fact_at(terms, after)
    counted, does = (
        states.counts(terms, referral.joined_at, policy.zone, instant) for instant in (was, at)
    )
    ended = counted and not does and referral.status in states.REACHED
    if does and referral.status in states.OPEN:
        friends.add(account, referral, ReferralStatus.REACHED, fact_at=at)
    elif ended and not await _another(account, referral, terms, after.id):
        friends.add(account, referral, ReferralStatus.LOST, fact_at=referral.fact_at)


async def _another(
    account: Account, referral: Referral, terms: ReferralTerms, besides: UUID
) -> bool:
    """Whether another booking of the friend's counts."""
    end = states.ends_at(terms, referral.joined_at, account.version.policy.zone)
    last = None if end is None else end - timedelta(microseconds=1)
    of: Literal["bookings", "completed_bookings"] = (
        "bookings" if terms.qualifies == "first_booking" else "completed_bookings"
    )
    window = CountWindow(referral.joined_at, last)
    found = await counts.in_window(account.member_id, BookingCount(of=of), window, besides=besides)
    return found > 0
