"""Reporting: a paid booking is recorded and earns points."""

from datetime import datetime

import strawberry

from api.afterwards import know_after
from api.balances import Balance, load_balance
from api.bookings import Award, Booking, load_booking
from api.grants import load_grants
from api.kit.context import Info
from api.kit.inputs import (
    BookingLineInput,
    KeyedInput,
    MemberBy,
    Sent,
    request,
    subject,
    to_lines,
    to_owned,
)
from api.kit.mutations import mutation
from api.kit.scalars import CurrencyCode, Points
from api.payloads import FactPayload, load_shown
from api.quotes import QUOTE_TYPE
from domain.bookings import bookings
from domain.bookings.reports import BookingSent


@strawberry.input(description="A paid booking.")
class EarnForBookingInput(KeyedInput):
    member: MemberBy = strawberry.field(description="Member who booked.")
    reference: str = strawberry.field(
        description="Booking system's own reference; a booking is recorded at most once under it."
    )
    lines: list[BookingLineInput] = strawberry.field(description="Lines of the booking.")
    booked_at: datetime | None = strawberry.field(
        default=None, description="Instant of booking; defaults to now."
    )
    currency: CurrencyCode | None = strawberry.field(
        default=None, description="Currency of all amounts; defaults to the programme's."
    )
    payment_method: str | None = strawberry.field(
        default=None, description="Code of the payment method."
    )
    redemption_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Global id of the redemption whose points, held by redeemOnBooking, pay for "
        "part of the booking.",
    )
    quote_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Global id of the quote that guaranteeQuote gave for these lines and this "
        "payment.",
    )
    coupon_code: str | None = strawberry.field(
        default=None,
        description="Code of a coupon, which this booking uses up: its worth is taken off before "
        "points pay, and earns nothing.",
    )


@strawberry.type(description="Result of reporting a booking.")
class EarnForBookingPayload(FactPayload):
    booking: Booking | None = strawberry.field(
        default=None, description="Booking as recorded; null when refused."
    )
    awards: list[Award] = strawberry.field(
        default_factory=list, description="Points granted, by rule."
    )
    points_awarded: Points = strawberry.field(
        default=Points(0), description="Points earned in all."
    )
    balance: Balance | None = strawberry.field(
        default=None, description="Balance of the member now; null when refused."
    )


@strawberry.type
class ReportingMutation:
    @mutation("Report a paid booking, which earns points by the policy.")
    async def earn_for_booking(
        self, info: Info, input: Sent[EarnForBookingInput]
    ) -> EarnForBookingPayload | None:
        held, cited = input.redemption_id, input.quote_id
        sent = BookingSent(
            reference=input.reference,
            lines=to_lines(input.lines),
            booked_at=input.booked_at,
            currency=input.currency,
            payment_method=input.payment_method,
            redemption=None
            if held is None
            else to_owned(held, "Redemption", what="redemption", path=("redemptionId",)),
            quote=None
            if cited is None
            else to_owned(cited, QUOTE_TYPE, what="quote", path=("quoteId",)),
            coupon=input.coupon_code,
        )
        member = await subject(info, input.member)
        outcome = await bookings.earn(request(info, input), info.context.programme, member, sent)
        know_after(info, outcome)
        booking = await load_booking(info, outcome.owned("booking_id"))
        return EarnForBookingPayload(
            booking=booking,
            awards=await booking.awards(info) if booking else [],
            points_awarded=Points(outcome.figures["points_awarded"]),
            member=await load_shown(info, outcome.member_id),
            balance=await load_balance(info, outcome.member_id),
            grants=await load_grants(info, outcome),
            replayed=outcome.replayed,
        )
