"""Amendments: changes of a paid booking, and their effect on its points."""

from datetime import datetime

import strawberry

from api.balances import Balance, load_balance
from api.bookings import Booking, load_booking
from api.grants import load_grants
from api.kit.context import Info
from api.kit.inputs import (
    UNDER_REVIEW,
    BookingLineInput,
    KeyedInput,
    Sent,
    request,
    signalled,
    to_lines,
)
from api.kit.mutations import mutation
from api.kit.scalars import Money, Points, money
from api.payloads import load_shown
from api.proposals import GivingPayload, proposal_of
from api.wording.words import current_policy
from domain.bookings import amendments
from domain.bookings.amendment_rules import AmendmentSent


@strawberry.input(description="New state of a booking.")
class AmendBookingInput(KeyedInput):
    booking: str = strawberry.field(description="Reference of the booking.")
    reference: str = strawberry.field(
        description="Amendment's own reference; an amendment is recorded at most once under it."
    )
    lines: list[BookingLineInput] = strawberry.field(
        description="All lines as they are now, in their original order with new lines last. A "
        "removed line stays, with the amount 0."
    )
    amended_at: datetime | None = strawberry.field(
        default=None, description="Instant of the amendment; defaults to now."
    )


@strawberry.type(description="Result of an amendment.")
class AmendBookingPayload(GivingPayload):
    booking: Booking | None = strawberry.field(
        default=None, description="Booking after the amendment; null when refused."
    )
    points_awarded: Points = strawberry.field(
        default=Points(0), description="Additional points earned."
    )
    points_clawed_back: Points = strawberry.field(
        default=Points(0),
        description="Earned points clawed back, including those that became arrears.",
    )
    points_owed: Points = strawberry.field(
        default=Points(0), description="Part of the clawback that became arrears."
    )
    points_forgiven: Points = strawberry.field(
        default=Points(0),
        description="Points no longer earned that the policy lets the member keep.",
    )
    points_reinstated: Points = strawberry.field(
        default=Points(0), description="Points paid for the booking that were reinstated."
    )
    cash_change: Money | None = strawberry.field(
        default=None,
        description="Change of the cash price: positive when more is due, negative when money is "
        "to be returned; null when refused.",
    )
    balance: Balance | None = strawberry.field(
        default=None, description="Balance of the member now; null when refused."
    )
    under_review: bool = strawberry.field(default=False, description=UNDER_REVIEW)


@strawberry.type
class AmendmentsMutation:
    @mutation("Record new lines, amounts or dates of a booking, up or down, in one step.")
    async def amend_booking(
        self, info: Info, input: Sent[AmendBookingInput]
    ) -> AmendBookingPayload | None:
        sent = AmendmentSent(input.reference, to_lines(input.lines), input.amended_at)
        by = signalled(info, request(info, input))
        outcome = await amendments.amend(by, info.context.programme, input.booking, sent)
        if proposal := await proposal_of(info, outcome):
            return AmendBookingPayload(proposal=proposal, replayed=outcome.replayed)
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
            member=await load_shown(info, outcome.member_id),
            balance=await load_balance(info, outcome.member_id),
            grants=await load_grants(info, outcome),
            under_review=figures.get("under_review", False),
            replayed=outcome.replayed,
        )
