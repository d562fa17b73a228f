"""Refunds and completions: what a refund would do, does, and when points become spendable."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from api.balances import Balance, load_balance, load_row
from api.bookings import Booking, load_booking
from api.kit.context import Info
from api.kit.fields import field
from api.kit.inputs import KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.kit.problems import Problem, problem_for
from api.kit.scalars import Money, Points, money
from api.tiers import Standing, to_standing
from api.wording.words import current_policy
from domain.bookings import completions, refunds
from domain.bookings.booking_keys import BookingKey
from domain.bookings.completions import CompletionSent
from domain.bookings.refund_rules import RefundLineSent, RefundSent
from domain.bookings.refunds import RefundDecision
from domain.kernel.refusals import Refusal


@strawberry.input(description="What is refunded of one line.")
class RefundLineInput:
    line: int = strawberry.field(description="The line's number, from 1.")
    amount: Decimal = strawberry.field(description="Gross: what of its price is refunded.")


@strawberry.input(description="Lines of a booking that were completed.")
class CompleteBookingInput(KeyedInput):
    booking: str = strawberry.field(description="The booking's reference.")
    lines: list[int] | None = strawberry.field(
        default=None, description="Their numbers, from 1; without them all."
    )
    completed_at: datetime | None = strawberry.field(
        default=None, description="When; without it now."
    )
    reason: str | None = strawberry.field(
        default=None,
        description="Why; with it staff complete lines whose travel has not begun.",
    )


@strawberry.type(description="What completing answers.")
class CompleteBookingPayload(Payload):
    booking: Booking | None = strawberry.field(
        default=None, description="The booking; null while it has not come yet."
    )
    points_matured: Points = strawberry.field(
        default=Points(0), description="How many points became spendable."
    )
    balance: Balance | None = strawberry.field(
        default=None, description="The member's balance now."
    )
    parked: bool = strawberry.field(
        default=False, description="Whether this waits for its booking to come."
    )


@strawberry.input(description="Money that was given back for a booking.")
class RefundBookingInput(KeyedInput):
    booking: str = strawberry.field(description="The booking's reference.")
    reference: str = strawberry.field(
        description="The refund's own reference: the same one is recorded once for ever."
    )
    lines: list[RefundLineInput] | None = strawberry.field(
        default=None, description="What of which lines; without them all that is left."
    )
    refunded_at: datetime | None = strawberry.field(
        default=None, description="When; without it now."
    )
    supplier_cancelled: bool = strawberry.field(
        default=False,
        description="The supplier could not deliver: points that paid last longer then.",
    )


@strawberry.type(description="What a refund answers.")
class RefundBookingPayload(Payload):
    booking: Booking | None = strawberry.field(
        default=None, description="The booking; null while it has not come yet."
    )
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
    cash_refund: Money | None = strawberry.field(
        default=None, description="What is due in cash; null while the booking has not come yet."
    )
    balance: Balance | None = strawberry.field(
        default=None, description="The member's balance now."
    )
    parked: bool = strawberry.field(
        default=False, description="Whether this waits for its booking to come."
    )


@strawberry.input(description="A refund that could be made.")
class PreviewRefundInput:
    booking: str = strawberry.field(description="The booking's reference.")
    lines: list[RefundLineInput] | None = strawberry.field(
        default=None, description="What of which lines; without them all that is left."
    )
    supplier_cancelled: bool = strawberry.field(
        default=False, description="Whether the supplier could not deliver."
    )


@strawberry.type(description="What a refund would do now.")
class RefundPreview:
    points_clawed_back: Points = strawberry.field(description="What would be taken back.")
    points_forgiven: Points = strawberry.field(description="What the member might keep.")
    points_owed: Points = strawberry.field(description="What of it would become arrears.")
    points_reinstated: Points = strawberry.field(
        description="What would come back of the points that paid."
    )
    points_expired_on_return: Points = strawberry.field(
        description="What of that would expire at once."
    )
    cash_refund: Money = strawberry.field(description="What would be due in cash.")
    standing_after: Standing | None = strawberry.field(
        description="Where the member would stand; null where there is no preview."
    )
    errors: list[Problem] = strawberry.field(
        description="Why there is no preview; empty if there is."
    )


@strawberry.type
class RefundsQuery:
    @field("What would this refund do? Decided as the refund itself; nothing happens.")
    async def preview_refund(
        self,
        info: Info,
        input: Annotated[PreviewRefundInput, strawberry.argument(description="The refund.")],
    ) -> RefundPreview | None:
        sent = RefundSent("preview", _to_lines(input.lines), None, input.supplier_cancelled)
        try:
            key, decision = await refunds.preview(
                info.context.caller,
                info.context.programme,
                input.booking,
                sent,
                info.context.now,
            )
        except Refusal as error:
            currency = current_policy(info).currency
            return RefundPreview(
                points_clawed_back=Points(0),
                points_forgiven=Points(0),
                points_owed=Points(0),
                points_reinstated=Points(0),
                points_expired_on_return=Points(0),
                cash_refund=money(0, currency),
                standing_after=None,
                errors=[await problem_for(info, error)],
            )
        return await _to_preview(info, key, decision)


async def _to_preview(info: Info, key: BookingKey, decision: RefundDecision) -> RefundPreview:
    policy, taken = current_policy(info), decision.taken
    member = await load_row(info, key.member_id)
    return RefundPreview(
        points_clawed_back=Points(taken.clawed_back),
        points_forgiven=Points(taken.forgiven),
        points_owed=Points(taken.owed),
        points_reinstated=Points(decision.reinstated),
        points_expired_on_return=Points(decision.expired_on_return),
        cash_refund=money(decision.cash_minor, policy.currency),
        standing_after=to_standing(policy, refunds.standing_after(member, decision))
        if member
        else None,
        errors=[],
    )


def _to_lines(lines: list[RefundLineInput] | None) -> tuple[RefundLineSent, ...] | None:
    return None if lines is None else tuple(RefundLineSent(ln.line, ln.amount) for ln in lines)


@strawberry.type
class RefundsMutation:
    @mutation("Record that lines were completed; their pending points become spendable.")
    async def complete_booking(
        self, info: Info, input: Sent[CompleteBookingInput]
    ) -> CompleteBookingPayload | None:
        lines = None if input.lines is None else tuple(input.lines)
        outcome = await completions.complete(
            request(info, input),
            info.context.programme,
            input.booking,
            CompletionSent(lines, input.completed_at, input.reason),
        )
        figures = outcome.figures
        if figures["parked"]:
            return CompleteBookingPayload(parked=True, replayed=outcome.replayed)
        return CompleteBookingPayload(
            booking=await load_booking(info, outcome.owned("booking_id")),
            points_matured=Points(figures["points_matured"]),
            balance=await load_balance(info, outcome.member_id),
            replayed=outcome.replayed,
        )

    @mutation("Record a refund: what was not earned after all is taken back.")
    async def refund_booking(
        self, info: Info, input: Sent[RefundBookingInput]
    ) -> RefundBookingPayload | None:
        sent = RefundSent(
            input.reference,
            _to_lines(input.lines),
            input.refunded_at,
            input.supplier_cancelled,
        )
        outcome = await refunds.refund(
            request(info, input), info.context.programme, input.booking, sent
        )
        figures = outcome.figures
        if figures["parked"]:
            return RefundBookingPayload(parked=True, replayed=outcome.replayed)
        booking = await load_booking(info, outcome.owned("booking_id"))
        currency = booking.row.currency if booking else current_policy(info).currency
        return RefundBookingPayload(
            booking=booking,
            points_clawed_back=Points(figures["points_clawed_back"]),
            points_owed=Points(figures["points_owed"]),
            points_forgiven=Points(figures["points_forgiven"]),
            points_reinstated=Points(figures["points_reinstated"]),
            cash_refund=money(figures["cash_minor"], currency),
            balance=await load_balance(info, outcome.member_id),
            replayed=outcome.replayed,
        )
