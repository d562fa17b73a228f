"""Reading of entries that the passage of time has caused and nobody has recorded yet.

They have the ids and sequences under which they will be recorded, so that neither a list nor a
cursor changes when that happens.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from domain.ledger import opening, subjects
from domain.ledger.entries import EntryRow
from domain.ledger.journal import Journal
from domain.ledger.subjects import NamedBooking, RedeemedReward
from domain.ledger.values import Entry


async def of_members(member_ids: Sequence[UUID], now: datetime) -> dict[UUID, list[EntryRow]]:
    """Each member's due entries, newest first; a few statements for all members.

    Only members whose `next_due_at` has passed can have any.
    """
    opened = await opening.foresee(member_ids, now)
    causes = [(one.member_id, entry.cause) for one in opened for entry in one.entries]
    bookings = await subjects.bookings(
        {(member_id, cause.booking_id) for member_id, cause in causes if cause.booking_id}
    )
    redemptions = await subjects.redeemed(
        {(member_id, cause.redemption_id) for member_id, cause in causes if cause.redemption_id}
    )
    found: dict[UUID, list[EntryRow]] = {member_id: [] for member_id in member_ids}
    for journal in opened:
        found[journal.member_id] = [
            _row(journal, entry, bookings, redemptions) for entry in reversed(journal.entries)
        ]
    return found


def _row(
    journal: Journal,
    entry: Entry,
    bookings: Mapping[UUID, NamedBooking],
    redemptions: Mapping[UUID, RedeemedReward],
) -> EntryRow:
    booking_id, redemption_id = entry.cause.booking_id, entry.cause.redemption_id
    booking = bookings.get(booking_id) if booking_id else None
    redeemed = redemptions.get(redemption_id) if redemption_id else None
    credited = [journal.lots[touch.lot_id] for touch in entry.touches if touch.points > 0]
    return EntryRow(
        member_id=journal.member_id,
        id=entry.id,
        sequence=entry.sequence,
        kind=entry.kind,
        from_bucket=entry.source,
        to_bucket=entry.target,
        points=entry.points,
        available_after=entry.after.available,
        effective_at=entry.effective_at,
        recorded_at=entry.recorded_at,
        expires_at=min((lot.expires_at for lot in credited if lot.expires_at), default=None),
        booking_id=booking_id,
        booking_reference=booking.reference if booking else None,
        booking_reporter=booking.reporter if booking else None,
        amendment_id=None,
        refunded=False,
        activity_id=None,
        activity_type=None,
        activity_version_id=None,
        redemption_id=redemption_id,
        redeemed_at=redeemed.at if redeemed else None,
        transfer_id=None,
        reward_names=dict(redeemed.reward_names) if redeemed and redeemed.reward_names else None,
        gift=redeemed is not None and redeemed.gift,
        reason=None,
        recorded=False,
    )
