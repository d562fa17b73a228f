"""Events of changes by the passage of time: points that matured, and points that expired."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from domain.kernel import dates
from domain.kernel.callers import partner_of
from domain.kernel.database import rows
from domain.kernel.outbox import Event, Topic
from domain.ledger.journal import Journal
from domain.ledger.values import SYSTEM, EntryKind
from domain.programmes.policy import Policy


async def of(journal: Journal, policy: Policy) -> list[Event]:
    """Events of the due entries that this transaction posts, one per booking or day."""
    return [*await _matured(journal), *_expired(journal, policy)]


async def _matured(journal: Journal) -> list[Event]:
    points: Counter[UUID | None] = Counter()
    for entry in journal.entries:
        if entry.kind is EntryKind.MATURE and entry.cause.actor == SYSTEM.actor:
            points[entry.cause.booking_id] += entry.points
    reporters = await _reporters(journal.member_id, [one for one in points if one is not None])
    return [
        Event(
            Topic.POINTS_MATURED,
            journal.member_id,
            {"points": of_booking, "booking_id": booking_id},
            partner_of(reporters.get(booking_id, "")),
        )
        for booking_id, of_booking in points.items()
    ]


async def _reporters(member_id: UUID, booking_ids: Sequence[UUID]) -> dict[UUID | None, str]:
    if not booking_ids:
        return {}
    found = await rows(
        "SELECT id, reporter FROM booking WHERE member_id = $1 AND id = ANY($2::uuid[])",
        member_id,
        list(booking_ids),
    )
    return {booking["id"]: booking["reporter"] for booking in found}


def _expired(journal: Journal, policy: Policy) -> list[Event]:
    """Expired points by the last day on which they could be spent."""
    points: Counter[str] = Counter()
    for entry in journal.entries:
        if entry.kind is EntryKind.EXPIRE:
            points[dates.last_valid_date(entry.effective_at, policy.zone).isoformat()] += (
                entry.points
            )
    return [
        Event(Topic.POINTS_EXPIRED, journal.member_id, {"points": of_day, "on": on})
        for on, of_day in points.items()
    ]
