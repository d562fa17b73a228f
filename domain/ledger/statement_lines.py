"""The lines of a statement: its movements one by one, recorded or only due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.kernel.refusals import InvalidInput
from domain.ledger import entries as ledger_entries
from domain.ledger import statements, subjects
from domain.ledger.entries import EntryRow, Stretch
from domain.ledger.statements import AccountStatement
from domain.ledger.subjects import NamedBooking, RedeemedReward
from domain.ledger.values import Bucket, Entry, EntryKind

LINES_MAX = 1000
"""Most movements that are listed one by one; a statement's figures have no such limit."""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement, equal before and after it is recorded; points are positive.

    It is about a booking or an amendment of it, an activity, a redemption (made at `redeemed_at`;
    without `reward_names` it pays for a booking, or is a `gift` that is held), or the reason of a
    correction.
    """

    sequence: int
    kind: EntryKind
    effective_at: datetime
    source: Bucket
    target: Bucket
    points: int
    available_after: int
    booking_reference: str | None = None
    amendment_id: UUID | None = None
    refunded: bool = False
    activity_type: str | None = None
    activity_version_id: UUID | None = None
    redemption_id: UUID | None = None
    redeemed_at: datetime | None = None
    reward_names: Mapping[str, str] | None = None
    gift: bool = False
    reason: str | None = None

    def change(self, bucket: Bucket) -> int:
        """The signed change of one of the member's buckets, as shown."""
        return statements.change(self.points, self.source, self.target, bucket)


def check(statement: AccountStatement) -> None:
    """Check that the movements are few enough to be listed one by one.

    Raises: InvalidInput.
    """
    found = sum(entries for _, entries in statement.entries)
    if found > LINES_MAX:
        raise InvalidInput("too_many_movements", str(found), (str(LINES_MAX),), path=("period",))


async def of_statements(asked: Sequence[AccountStatement]) -> list[tuple[StatementLine, ...]]:
    """Each statement's movements in their order, by a few queries for all.

    Only for statements that pass `check`.
    """
    stretches = [
        Stretch(one.member_id, one.interval.start, one.interval.as_of, one.reached) for one in asked
    ]
    recorded = await ledger_entries.stretches(stretches, LINES_MAX)
    due = [(one.member_id, entry) for one in asked for entry in one.due]
    causes = [(member_id, entry.cause) for member_id, entry in due]
    bookings = await subjects.bookings(
        {(member_id, cause.booking_id) for member_id, cause in causes if cause.booking_id}
    )
    redemptions = await subjects.redeemed(
        {(member_id, cause.redemption_id) for member_id, cause in causes if cause.redemption_id}
    )
    return [
        (
            *(_recorded_line(entry) for entry in entries),
            *(_due_line(entry, bookings, redemptions) for entry in one.due),
        )
        for one, entries in zip(asked, recorded, strict=True)
    ]


def _recorded_line(entry: EntryRow) -> StatementLine:
    return StatementLine(
        sequence=entry.sequence,
        kind=entry.kind,
        effective_at=entry.effective_at,
        source=Bucket(entry.from_bucket),
        target=Bucket(entry.to_bucket),
        points=entry.points,
        available_after=entry.available_after,
        booking_reference=entry.booking_reference,
        amendment_id=entry.amendment_id,
        refunded=entry.refunded,
        activity_type=entry.activity_type,
        activity_version_id=entry.activity_version_id,
        redemption_id=entry.redemption_id,
        redeemed_at=entry.redeemed_at,
        reward_names=entry.reward_names,
        gift=entry.gift,
        reason=entry.reason,
    )


def _due_line(
    entry: Entry,
    bookings: Mapping[UUID, NamedBooking],
    redemptions: Mapping[UUID, RedeemedReward],
) -> StatementLine:
    booking_id, redemption_id = entry.cause.booking_id, entry.cause.redemption_id
    booking = bookings.get(booking_id) if booking_id else None
    redeemed = redemptions.get(redemption_id) if redemption_id else None
    return StatementLine(
        sequence=entry.sequence,
        kind=entry.kind,
        effective_at=entry.effective_at,
        source=entry.source,
        target=entry.target,
        points=entry.points,
        available_after=entry.after.available,
        booking_reference=booking.reference if booking else None,
        redemption_id=redemption_id,
        redeemed_at=redeemed.at if redeemed else None,
        reward_names=redeemed.reward_names if redeemed else None,
        gift=redeemed is not None and redeemed.gift,
        reason=entry.cause.reason,
    )
