"""Amendments: a booking changed after it was paid, and what that does to its points."""

from datetime import datetime

import strawberry

from api.balances import Balance, load_balance
from api.bookings import Booking, load_booking
from api.kit.context import Info
from api.kit.inputs import BookingLineInput, KeyedInput, Sent, request, to_lines
from api.kit.mutations import Payload, mutation
from api.kit.scalars import Money, Points, money
from api.wording.words import current_policy
from domain.bookings import amendments
from domain.bookings.amendment_rules import AmendmentSent


@strawberry.input(description="A booking as it is now.")
class AmendBookingInput(KeyedInput):
    booking: str = strawberry.field(description="The booking's reference.")
    reference: str = strawberry.field(
        description="The amendment's own reference: the same one is recorded once for ever."
    )
    lines: list[BookingLineInput] = strawberry.field(
        description="All lines as they are now, in their order, new ones last. A line that is "
        "no more has the amount 0."
    )
    amended_at: datetime | None = strawberry.field(
        default=None, description="When; without it now."
    )


@strawberry.type(description="What an amendment answers.")
class AmendBookingPayload(Payload):
    booking: Booking | None = strawberry.field(default=None, description="The booking as amended.")
    points_awarded: Points = strawberry.field(default=Points(0), description="What it earned more.")
    points_clawed_back: Points = strawberry.field(
        default=Points(0), description="What was taken back, what became owed included."
    )
    points_owed: Points = strawberry.field(
        default=Points(0), description="What of it became arrears."
    )
    points_forgiven: Points = strawberry.field(
        default=Points(0), description="What the member may keep."
    )
    points_reinstated: Points = strawberry.field(
        default=Points(0), description="What came back of the points that paid."
    )
    cash_change: Money | None = strawberry.field(
        default=None,
        description="What it costs more in cash; below zero what is to be given back.",
    )
    balance: Balance | None = strawberry.field(
        default=None, description="The member's balance now."
    )


@strawberry.type
class AmendmentsMutation:
    @mutation("Record new lines, amounts or dates of a booking, up or down, in one step.")
    async def amend_booking(
        self, info: Info, input: Sent[AmendBookingInput]
    ) -> AmendBookingPayload | None:
        sent = AmendmentSent(input.reference, to_lines(input.lines), input.amended_at)
        outcome = await amendments.amend(
            request(info, input), info.context.programme, input.booking, sent
        )
        figures = outcome.figures
        booking = await load_booking(info, outcome.owned("booking_id"))
        currency = booking.row.currency if booking else current_policy(info).currency
        return AmendBookingPayload(
            booking=booking,
            points_awarded=Points(figures["points_awarded"]),
            points_clawed_back=Points(figures["points_clawed_back"]),
            points_owed=Points(figures["points_owed"]),
            points_forgiven=Points(figures["points_forgiven"]),
            points_reinstated=Points(figures["points_reinstated"]),
            cash_change=money(figures["cash_change_minor"], currency),
            balance=await load_balance(info, outcome.member_id),
            replayed=outcome.replayed,
        )
