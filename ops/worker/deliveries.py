"""Where events of the outbox go. Another place is one more function in `DELIVERIES`.

A delivery runs in the transaction that marks the event: what it writes to the database is
undone where it fails, and it may meet the same event again. It raises to have it kept. What
takes long, such as a call to somebody's server, it writes down for a job rather than doing it.
"""

from api.edge.logging import log
from domain.delivery.relay import Deliver, OutgoingEvent


async def to_log(event: OutgoingEvent) -> None:
    """One JSON line in the worker's log."""
    log.info(
        "outbox_event",
        id=str(event.id),
        programme=event.programme,
        member=str(event.member_id),
        topic=event.topic,
        recorded_at=event.recorded_at.isoformat(),
        payload=event.payload,
    )


DELIVERIES: tuple[Deliver, ...] = (to_log,)


async def deliver(event: OutgoingEvent) -> None:
    """Bring one event to all places, or fail."""
    for bring in DELIVERIES:
        await bring(event)
