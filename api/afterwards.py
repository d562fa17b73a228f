"""Payloads from memory: what a write that was just done knows is not read again.

Where a payload shows nothing else; all of it is of one instant either way.
"""

from collections.abc import Sequence

from api.balances import know_member
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
    "Balance": frozenset({"available", "pending", "held", "owed", "worth"}),
}
"""What is known of a booking whose member's lots were not read, since it only credited some."""


def know_after(info: Info, outcome: Outcome) -> None:
    """Answer the payload that is being made from memory, where that has all that it shows."""
    after, loaders = outcome.after, info.context.loaders
    if outcome.figures.get("grants"):
        return
    if isinstance(after, BookingAfter):
        key = outcome.owned("booking_id")
        if shows_only(info, _known_of(after)):
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
    if len(made) < len(outcomes) or not shows_only(info, _known_of(*made)):
        return
    for after in made:
        # a member stands as the last of its bookings has left it
        know_member(info, after.member)
        key = (after.booking.member_id, after.booking.id)
        info.context.loaders.know(booking_reads.many, key, after.booking)
        info.context.loaders.know(awards.of_bookings, key, after.awards)


def _known_of(*afters: BookingAfter) -> Shown:
    """What is known of each of these bookings and its member."""
    known = BOOKING if any(after.awards is None for after in afters) else NEW_BOOKING
    without = any(after.member.live is None for after in afters)
    return _WITHOUT_LOTS if without else known
