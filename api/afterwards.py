"""Payloads from memory: data that a write just used are not read again, if the payload shows
nothing else.

All of it is of one instant either way.
"""

from collections.abc import Sequence

from api.balances import is_due, know_member
from api.kit.context import Info
from api.kit.selections import Shown, shows_only
from domain.bookings import booking_reads
from domain.bookings.afterwards import BookingAfter
from domain.earning import awards
from domain.kernel.idempotency import Outcome
from domain.redemptions import redemption_reads
from domain.redemptions.redemption_reads import RedemptionAfter

_OF_MEMBER = {
    "Member": frozenset(
        {
            "id",
            "reference",
            "name",
            "birthday",
            "locale",
            "profile",
            "joinedAt",
            "status",
            "referralCode",
            "standing",
            "balance",
            "expirySchedule",
        }
    ),
}
_OF_BOOKING = frozenset(
    {
        "id",
        "reference",
        "status",
        "bookedAt",
        "total",
        "paidInPoints",
        "refunded",
        "pointsAwarded",
        "netPoints",
        "pointsPending",
    }
)
_OF_REDEMPTION = frozenset(
    {
        "id",
        "status",
        "points",
        "quantity",
        "worth",
        "worthEach",
        "createdAt",
        "holdExpiresAt",
        "fulfilledAt",
        "releasedAt",
        "cancelledAt",
        "cancelReason",
        "tracking",
        "reference",
        "partnerUnits",
        "partnerAccount",
        "codes",
    }
)

NEW_BOOKING: Shown = {**_OF_MEMBER, "Booking": _OF_BOOKING | {"awards"}}
BOOKING: Shown = {**_OF_MEMBER, "Booking": _OF_BOOKING}
NEW_REDEMPTION: Shown = {**_OF_MEMBER, "Redemption": _OF_REDEMPTION}


_SUMS = frozenset({"available", "pending", "held", "owed", "worth"})


_WITHOUT_LOTS: Shown = {
    **NEW_BOOKING,
    "Member": NEW_BOOKING["Member"] - {"expirySchedule"},
    "Balance": _SUMS,
}
"""Known fields of a booking whose member's lots were not read, since it only credited points."""


def know_after(info: Info, outcome: Outcome) -> None:
    """Answer the payload that is being made from memory, where that has all that it shows."""
    after, loaders = outcome.after, info.context.loaders
    if outcome.figures.get("grants"):
        return
    if isinstance(after, BookingAfter):
        key = outcome.owned("booking_id")
        if _is_known(info, after):
            know_member(info, after.member)
            loaders.know(booking_reads.many, key, after.booking)
            loaders.know(awards.of_bookings, key, after.awards)
    elif isinstance(after, RedemptionAfter):
        key = outcome.owned("redemption_id")
        if after.seen:
            info.context.redeemed.add(key)
        if shows_only(info, NEW_REDEMPTION):
            know_member(info, after.member)
            loaders.know(redemption_reads.many, key, after.redemption)


def know_after_all(info: Info, outcomes: Sequence[Outcome]) -> None:
    """The same of several bookings, in their order; where memory has not all of them, of none."""
    afters = [one.after for one in outcomes if not one.figures.get("grants")]
    made = [after for after in afters if isinstance(after, BookingAfter)]
    if len(made) < len(outcomes) or not _is_known(info, *made):
        return
    for after in made:
        # a member's state is that after the last of its bookings
        know_member(info, after.member)
        key = (after.booking.member_id, after.booking.id)
        info.context.loaders.know(booking_reads.many, key, after.booking)
        info.context.loaders.know(awards.of_bookings, key, after.awards)


def _is_known(info: Info, *afters: BookingAfter) -> bool:
    """Whether everything shown of these bookings and their members is known. It is not for a member
    whose lots were not read and for whom something is due by now.
    """
    unread = [after for after in afters if after.member.live is None]
    if any(is_due(after.member.member, info.context.now) for after in unread):
        return False
    known = BOOKING if any(after.awards is None for after in afters) else NEW_BOOKING
    return shows_only(info, _WITHOUT_LOTS if unread else known)
