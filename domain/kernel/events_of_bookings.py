"""Types of events about bookings, and about claims for missing ones."""

from datetime import date
from typing import Annotated
from uuid import UUID

from domain.kernel.event_models import BookingId, Count, EventData, MaybeRedemptionId, Money, Of


class BookingRecorded(EventData):
    """A booking was reported and earned `points`; `redemptionId` is set when points paid part."""

    type = "booking.recorded"
    booking_id: BookingId
    reference: str
    points: Count
    redemption_id: MaybeRedemptionId = None


class BookingCompleted(EventData):
    """Lines of a booking were completed; `lines` has their numbers."""

    type = "booking.completed"
    booking_id: BookingId
    lines: list[int]


class BookingAmended(EventData):
    """A booking was amended; the reference is the amendment's."""

    type = "booking.amended"
    booking_id: BookingId
    reference: str


class BookingRefunded(EventData):
    """A booking was refunded, in part or in full: `cash` is returned, and `points` that had paid
    are reinstated. The reference is the refund's.
    """

    type = "booking.refunded"
    booking_id: BookingId
    reference: str
    gross: Money
    cash: Money
    points: Count


class BookingLineOverdue(EventData):
    """The completion of a line was not reported in time; `points` of the line are pending."""

    type = "booking.line_overdue"
    booking_id: BookingId
    line: int
    points: Count


class BookingDeparting(EventData):
    """A booking departs soon, on this local day; the line is the first that departs."""

    type = "booking.departing"
    booking_id: BookingId
    reference: str
    line: int
    on: date


class FactRefused(EventData):
    """A refund or completion that was reported before its booking does not fit it: `problem` is the
    code of the refusal; `booking` and `reference` are as they were reported.
    """

    type = "fact.refused"
    booking_id: BookingId
    kind: str
    booking: str
    reference: str
    problem: str


ClaimId = Annotated[UUID, Of("Claim")]


class ClaimOpened(EventData):
    """A member claims the points of a booking that is missing."""

    type = "claim.opened"
    claim_id: ClaimId


class ClaimDecided(EventData):
    """A claim was decided or has ended; `points` were earned by it."""

    type = "claim.decided"
    claim_id: ClaimId
    status: str
    points: Count
