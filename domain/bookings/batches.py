"""Batches: many bookings reported at once, each judged, recorded or refused as if it came alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.bookings import bookings
from domain.bookings.reports import BookingSent
from domain.kernel.database import is_outage
from domain.kernel.idempotency import Outcome, Request
from domain.kernel.refusals import InvalidInput, Refusal
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme

BATCH_MAX = 500
"""Bookings in one batch."""


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One booking of a batch, under its own key."""

    request: Request
    member: MemberKey
    sent: BookingSent


Answer = Outcome | Exception
"""What became of a booking: a refusal, as a rule, where it is an exception."""


def check_size(count: int) -> None:
    """Raises: InvalidInput."""
    if not 1 <= count <= BATCH_MAX:
        raise InvalidInput("bookings_at_once", str(count), (str(BATCH_MAX),), path=("bookings",))


async def earn(programme: Programme, items: Sequence[BatchItem | Refusal]) -> list[Answer]:
    """Record each of these bookings as `bookings.earn` does; what became of each, in their order.

    One that was refused before stays so. Each is written whole, or not at all.

    Raises: what says that the database is away; what was written then is answered as it was
        when it is sent again.
    """
    return [await _earn_alone(programme, item) for item in items]


async def _earn_alone(programme: Programme, item: BatchItem | Refusal) -> Answer:
    if isinstance(item, Refusal):
        return item
    try:
        return await bookings.earn(item.request, programme, item.member, item.sent)
    except Exception as error:
        if is_outage(error):
            raise
        return error
