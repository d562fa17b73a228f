"""Facts about a friend's bookings that matter to the referral by which it joined.

A booking that counts reaches the referral's goal; when the last such booking is fully refunded, the
referral is lost until another one counts. Bookings of guests, and those that cost nothing, do not
count.
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
from domain.programmes.counts import BookingCount, CountWindow
from domain.programmes.programmes import Programme
from domain.programmes.referral_terms import ReferralTerms
from domain.referrals import friends, states
from domain.referrals.states import Referral, ReferralStatus


@dataclass(frozen=True, slots=True)
class FriendBooking:
    """A booking as terms of referrals see it; `left` is whether any amount is not refunded."""

    id: UUID
    booked_at: datetime
    left: bool
    completed_at: datetime | None = None


def of(state: BookingState, lines: Sequence[LineState]) -> FriendBooking:
    """The booking with its lines as of then."""
    left = state.counts and any(line.left_minor for line in lines)
    completed_at = tier_counts.completed_at(lines, keeps_counting=False)
    return FriendBooking(state.id, state.booked_at, left, completed_at)


def fact_at(terms: ReferralTerms, booking: FriendBooking) -> datetime | None:
    """Instant at which the booking met the terms; None where it did not."""
    if not booking.left or terms.qualifies == "enrolled":
        return None
    return booking.booked_at if terms.qualifies == "first_booking" else booking.completed_at


def queries(programme: Programme, member_id: UUID) -> list[Query]:
    """The queries of `joined_by`; none where no version has referrals."""
    if all(version.policy.referrals is None for version in programme.versions):
        return []
    return [friends.query_of_latest(member_id)]


async def joined_by(account: Account) -> Referral | None:
    """The member's own referral, by which it joined, if there is one."""
    asked = queries(account.programme, account.member_id)
    return await friends.latest(account.member_id) if asked else None


async def follow(account: Account, before: FriendBooking, after: FriendBooking) -> None:
    """Record the effect on the member's own referral of a booking that changes to `after`."""
    referral = await joined_by(account)
    if referral is None or reach(account, referral, after):
        return
    terms = account.programme.version(referral.policy_version_id).policy.referrals
    counted = _counts(account, referral, before)
    ended = counted and not _counts(account, referral, after)
    if terms is None or not ended or referral.status not in states.REACHED:
        return
    if not await _another(account, referral, terms, after.id):
        friends.add(account, referral, ReferralStatus.LOST, fact_at=referral.fact_at)


def reach(account: Account, referral: Referral, booking: FriendBooking) -> bool:
    """Record that a booking meets the terms of the member's own referral; returns whether so."""
    terms = account.programme.version(referral.policy_version_id).policy.referrals
    reached = _counts(account, referral, booking) and referral.status in states.OPEN
    if terms is not None and reached:
        at = fact_at(terms, booking)
        friends.add(account, referral, ReferralStatus.REACHED, fact_at=at)
    return reached


def _counts(account: Account, referral: Referral, booking: FriendBooking) -> bool:
    """Whether the booking counts by the terms on which the member joined."""
    policy = account.programme.version(referral.policy_version_id).policy
    terms = policy.referrals
    if terms is None:
        return False
    return states.counts(terms, referral.joined_at, policy.zone, fact_at(terms, booking))


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
