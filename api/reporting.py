"""Reporting: a paid booking is recorded and earns points; so are many at once."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from api.afterwards import know_after, know_after_all
from api.balances import Balance, load_balance
from api.bookings import Award, Booking, load_booking
from api.grants import load_grants
from api.kit.context import Info
from api.kit.inputs import (
    UNDER_REVIEW,
    BookingLineInput,
    MemberBy,
    Sent,
    SignalledInput,
    request,
    subject,
    to_lines,
    to_owned,
)
from api.kit.mutations import Payload, mutation
from api.kit.problems import problem_for
from api.kit.scalars import CurrencyCode, Points
from api.payloads import load_shown
from api.proposals import GivingPayload, proposal_of
from api.quotes import QUOTE_TYPE
from domain.bookings import batches, bookings
from domain.bookings.batches import Answer
from domain.bookings.reports import BookingRequest, BookingSent
from domain.kernel.idempotency import Outcome
from domain.kernel.refusals import Refusal


@strawberry.input(description="A paid booking.")
class EarnForBookingInput(SignalledInput):
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
        description="Code of a coupon, which this booking uses up: its worth is deducted before "
        "points pay, and earns no points.",
    )


@strawberry.type(description="Result of reporting a booking.")
class EarnForBookingPayload(GivingPayload):
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
    under_review: bool = strawberry.field(default=False, description=UNDER_REVIEW)


@strawberry.input(description="Paid bookings, each a request of its own.")
class EarnForBookingsInput:
    bookings: list[EarnForBookingInput] = strawberry.field(
        description="Bookings, 1 to 500, each with an idempotency key of its own; those of one "
        "member are recorded in this order."
    )


@strawberry.type(description="Results of reporting bookings together.")
class EarnForBookingsPayload(Payload):
    results: list[EarnForBookingPayload | None] = strawberry.field(
        default_factory=list,
        description="Result of each booking, in the order of the input, as earnForBooking would "
        "have given it, except that the balance and the member are as they are after all "
        "bookings. A result is null when the booking failed without being refused: an error of "
        "the answer says so, and the same request may be sent again.",
    )
    replayed: bool = strawberry.field(
        default=False,
        description="Whether every one of the bookings had already been recorded, under the same "
        "key and with the same input.",
    )


Batch = Annotated[
    EarnForBookingsInput,
    strawberry.argument(description="Bookings, each with an idempotency key of its own."),
]


@strawberry.type
class ReportingMutation:
    @mutation("Report a paid booking, which earns points by the policy.")
    async def earn_for_booking(
        self, info: Info, input: Sent[EarnForBookingInput]
    ) -> EarnForBookingPayload | None:
        item = await _to_request(info, input)
        outcome = await bookings.earn(item.request, info.context.programme, item.member, item.sent)
        know_after(info, outcome)
        return await _payload(info, outcome)

    @mutation(
        "Report up to 500 paid bookings at once. Each is treated as by earnForBooking, and is "
        "recorded or refused separately; the rate limit counts each of them."
    )
    async def earn_for_bookings(self, info: Info, input: Batch) -> EarnForBookingsPayload | None:
        batches.check_size(len(input.bookings))
        items = [await _request_or_refusal(info, one) for one in input.bookings]
        answers = await batches.earn(info.context.programme, items)
        outcomes = [answer for answer in answers if isinstance(answer, Outcome)]
        know_after_all(info, outcomes)
        return EarnForBookingsPayload(
            results=await _payloads(info, input.bookings, answers),
            replayed=len(outcomes) == len(answers) and all(one.replayed for one in outcomes),
        )


async def _payloads(
    info: Info, sent: Sequence[EarnForBookingInput], answers: Sequence[Answer]
) -> list[EarnForBookingPayload | None]:
    """Payloads, read together; a failure is returned in its place, so that the executor reports its
    path.
    """

    async def shown(one: EarnForBookingInput, answer: Answer) -> EarnForBookingPayload | Exception:
        if isinstance(answer, Outcome):
            return await _payload(info, answer)
        if isinstance(answer, Refusal):
            return EarnForBookingPayload(errors=[await problem_for(info, answer, one)])
        return answer

    # graphql-core takes an exception as the failure of its item, which its types do not say
    return await asyncio.gather(*map(shown, sent, answers))  # type: ignore[return-value]


async def _payload(info: Info, outcome: Outcome) -> EarnForBookingPayload:
    if proposal := await proposal_of(info, outcome):
        return EarnForBookingPayload(proposal=proposal, replayed=outcome.replayed)
    booking = await load_booking(info, outcome.owned("booking_id"))
    return EarnForBookingPayload(
        booking=booking,
        awards=await booking.awards(info) if booking else [],
        points_awarded=Points(outcome.figures["points_awarded"]),
        member=await load_shown(info, outcome.member_id),
        balance=await load_balance(info, outcome.member_id),
        grants=await load_grants(info, outcome),
        under_review=outcome.figures.get("under_review", False),
        replayed=outcome.replayed,
    )


async def _request_or_refusal(info: Info, input: EarnForBookingInput) -> BookingRequest | Refusal:
    try:
        return await _to_request(info, input)
    except Refusal as error:
        return error


async def _to_request(info: Info, input: EarnForBookingInput) -> BookingRequest:
    """Raises: as `to_lines`, `to_owned` and `subject`."""
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
    return BookingRequest(request(info, input), await subject(info, input.member), sent)
