"""Bookings as a write has left them, without reading them again.

Each function returns what `booking_reads` would return after the commit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

import models
from domain.accounts.accounts import Account
from domain.bookings.booking_reads import Booking
from domain.earning import awards
from domain.earning.awards import AwardRead, AwardRow
from domain.ledger.journal import Journal
from domain.ledger.lots import Lot
from domain.members import members
from domain.members.members import Member, MemberAfter


@dataclass(frozen=True, slots=True)
class BookingAfter:
    """A booking and its member as a write has left them; `awards` where there were none before."""

    member: MemberAfter
    booking: Booking
    awards: Sequence[AwardRead] | None = None


def of_new(
    account: Account,
    found: Member,
    made: models.Booking,
    lines: Sequence[models.BookingLine],
    awarded: Sequence[AwardRow],
) -> BookingAfter:
    """A booking that was just recorded; `found` is its member as it was before."""
    granted = awards.of_new(awarded)
    booking = Booking(
        member_id=made.member_id,
        id=made.id,
        reference=made.reference,
        booked_at=made.booked_at.astimezone(UTC),
        currency=made.currency,
        total_minor=made.total_minor,
        cash_minor=made.cash_minor,
        coupon_minor=made.coupon_minor,
        points=made.points,
        net_points=sum(award.points for award in granted),
        policy_version_id=made.policy_version_id,
        refunded_minor=0,
        waiting=_waiting(_new_lots(account.journal), made.id),
        open_lines=len(lines),
        reporter=made.reporter,
    )
    return BookingAfter(members.after(found, account), booking, granted)


def of_refunded(
    account: Account, found: Member, booking: Booking, gross_minor: int, lost: int
) -> BookingAfter:
    """A booking and its member after a refund, from their state before, the amount refunded and the
    points lost.
    """
    left = replace(
        booking,
        net_points=booking.net_points - lost,
        refunded_minor=booking.refunded_minor + gross_minor,
        waiting=_waiting(account.journal.lots.values(), booking.id),
    )
    return BookingAfter(members.after(found, account), left)


def _new_lots(journal: Journal) -> list[Lot]:
    return [journal.lots[lot_id] for lot_id in sorted(journal.new_lot_ids)]


def _waiting(lots: Iterable[Lot], booking_id: UUID) -> list[tuple[datetime | None, int]]:
    """The booking's pending points."""
    return [
        (lot.matures_at, lot.remaining)
        for lot in lots
        if lot.booking_id == booking_id and lot.available_at is None and lot.remaining
    ]
