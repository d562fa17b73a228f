"""Refunds and completions: previews and effects of refunds, and reports that make points
spendable.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from api.afterwards import know_after
from api.balances import Balance, load_balance, load_row
from api.bookings import Booking, load_booking
from api.grants import load_grants
from api.kit.context import Info
from api.kit.fields import field
from api.kit.inputs import KeyedInput, Sent, request
from api.kit.mutations import mutation
from api.kit.problems import Problem, problem_for
from api.kit.scalars import Money, Points, money
from api.payloads import FactPayload, load_shown
from api.tiers import Standing, standing_of_nobody, to_standing
from api.wording.words import current_policy
from domain.bookings import booking_keys, completions, refunds
from domain.bookings.booking_keys import BookingKey
from domain.bookings.completions import CompletionSent
from domain.bookings.refund_rules import RefundLineSent, RefundSent
from domain.bookings.refunds import RefundDecision
from domain.kernel.refusals import Refusal
from domain.members.members import Member


@strawberry.input(description="Refund of one line.")
class RefundLineInput:
    line: int = strawberry.field(description="Number of the line, from 1.")
    amount: Decimal = strawberry.field(
        description="Gross amount to refund: part of the line's price, whether it was paid in "
        "cash or in points."
    )


@strawberry.input(description="Completed lines of a booking.")
class CompleteBookingInput(KeyedInput):
    booking: str = strawberry.field(description="Reference of the booking.")
    lines: list[int] | None = strawberry.field(
        default=None, description="Numbers of the completed lines, from 1; null means all."
    )
    completed_at: datetime | None = strawberry.field(
        default=None, description="Instant of completion; defaults to now."
    )
    reason: str | None = strawberry.field(
        default=None,
        description="Reason of staff for completing lines whose travel has not begun.",
    )


@strawberry.type(description="Result of reporting a completion.")
class CompleteBookingPayload(FactPayload):
    booking: Booking | None = strawberry.field(
        default=None,
        description="Booking after the completion; null when refused, or while the booking has "
        "not been reported.",
    )
    points_matured: Points = strawberry.field(
        default=Points(0), description="Pending points that became spendable."
    )
    balance: Balance | None = strawberry.field(
        default=None,
        description="Balance of the member now; null when refused, or while the booking has not "
        "been reported.",
    )
    parked: bool = strawberry.field(
        default=False, description="Whether the completion is kept until its booking is reported."
    )


@strawberry.input(description="Refund of a booking.")
class RefundBookingInput(KeyedInput):
    booking: str = strawberry.field(description="Reference of the booking.")
    reference: str = strawberry.field(
        description="Refund's own reference; a refund is recorded at most once under it."
    )
    lines: list[RefundLineInput] | None = strawberry.field(
        default=None,
        description="Amounts to refund by line; null means all that is not refunded yet.",
    )
    refunded_at: datetime | None = strawberry.field(
        default=None, description="Instant of the refund; defaults to now."
    )
    supplier_cancelled: bool | None = strawberry.field(
        default=False,
        description="Whether the supplier failed to deliver; reinstated points then stay valid "
        "for at least the policy's grace period. Null means false.",
    )


@strawberry.type(description="Result of a refund.")
class RefundBookingPayload(FactPayload):
    booking: Booking | None = strawberry.field(
        default=None,
        description="Booking after the refund; null when refused, or while the booking has not "
        "been reported.",
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
    cash_refund: Money | None = strawberry.field(
        default=None,
        description="Amount to be refunded in cash; null when refused, or while the booking has "
        "not been reported.",
    )
    balance: Balance | None = strawberry.field(
        default=None,
        description="Balance of the member now; null when refused, or while the booking has not "
        "been reported.",
    )
    parked: bool = strawberry.field(
        default=False, description="Whether the refund is kept until its booking is reported."
    )


@strawberry.input(description="A refund that might be made.")
class PreviewRefundInput:
    booking: str = strawberry.field(description="Reference of the booking.")
    lines: list[RefundLineInput] | None = strawberry.field(
        default=None,
        description="Amounts to refund by line; null means all that is not refunded yet.",
    )
    supplier_cancelled: bool | None = strawberry.field(
        default=False,
        description="Whether the supplier failed to deliver; reinstated points would then stay "
        "valid for at least the policy's grace period. Null means false.",
    )


@strawberry.type(description="Effects that a refund would have now.")
class RefundPreview:
    points_clawed_back: Points = strawberry.field(
        description="Earned points that would be clawed back, including those that would become "
        "arrears."
    )
    points_forgiven: Points = strawberry.field(
        description="Points no longer earned that the policy would let the member keep."
    )
    points_owed: Points = strawberry.field(
        description="Part of the clawback that would become arrears."
    )
    points_reinstated: Points = strawberry.field(
        description="Points paid for the booking that would be reinstated."
    )
    points_expired_on_return: Points = strawberry.field(
        description="Part of the reinstated points that would expire at once."
    )
    cash_refund: Money = strawberry.field(description="Amount that would be refunded in cash.")
    standing_after: Standing = strawberry.field(
        description="Standing of the member after the refund; when there is no preview, its "
        "standing now, or without a member, the standing of a new member."
    )
    errors: list[Problem] = strawberry.field(
        description="Problems because of which there is no preview; empty when there is one."
    )


@strawberry.type
class RefundsQuery:
    @field(
        "Effects that a refund would have now, by the same decision as for a real refund; nothing "
        "is recorded."
    )
    async def preview_refund(
        self,
        info: Info,
        input: Annotated[PreviewRefundInput, strawberry.argument(description="Refund to preview.")],
    ) -> RefundPreview | None:
        cancelled = bool(input.supplier_cancelled)
        sent = RefundSent("preview", _to_lines(input.lines), None, cancelled)
        try:
            key, decision = await refunds.preview(
                info.context.caller,
                info.context.programme,
                input.booking,
                sent,
                info.context.now,
            )
        except Refusal as error:
            return await _refused(info, input, error)
        return await _to_preview(info, key, decision)


async def _refused(info: Info, sent: PreviewRefundInput, refusal: Refusal) -> RefundPreview:
    policy = current_policy(info)
    key = await booking_keys.find(info.context.caller, sent.booking)
    member = await load_row(info, key.member_id) if key else None
    return RefundPreview(
        points_clawed_back=Points(0),
        points_forgiven=Points(0),
        points_owed=Points(0),
        points_reinstated=Points(0),
        points_expired_on_return=Points(0),
        cash_refund=money(0, policy.currency),
        standing_after=_standing(info, member),
        errors=[await problem_for(info, refusal, sent)],
    )


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
        standing_after=_standing(info, member and refunds.standing_after(member, decision)),
        errors=[],
    )


def _standing(info: Info, member: Member | None) -> Standing:
    policy = current_policy(info)
    if member is None:
        return standing_of_nobody(policy, info.context.now)
    return to_standing(policy, member)


def _to_lines(lines: list[RefundLineInput] | None) -> tuple[RefundLineSent, ...] | None:
    return None if lines is None else tuple(RefundLineSent(ln.line, ln.amount) for ln in lines)


@strawberry.type
class RefundsMutation:
    @mutation(
        "Record that lines of a booking were completed; their pending points become spendable."
    )
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
            member=await load_shown(info, outcome.member_id),
            balance=await load_balance(info, outcome.member_id),
            grants=await load_grants(info, outcome),
            replayed=outcome.replayed,
        )

    @mutation(
        "Record a refund: points that are no longer earned are clawed back, points paid are "
        "reinstated."
    )
    async def refund_booking(
        self, info: Info, input: Sent[RefundBookingInput]
    ) -> RefundBookingPayload | None:
        sent = RefundSent(
            input.reference,
            _to_lines(input.lines),
            input.refunded_at,
            bool(input.supplier_cancelled),
        )
        outcome = await refunds.refund(
            request(info, input), info.context.programme, input.booking, sent
        )
        figures = outcome.figures
        if figures["parked"]:
            return RefundBookingPayload(parked=True, replayed=outcome.replayed)
        know_after(info, outcome)
        booking = await load_booking(info, outcome.owned("booking_id"))
        currency = booking.row.currency if booking else current_policy(info).currency
        return RefundBookingPayload(
            booking=booking,
            points_clawed_back=Points(figures["points_clawed_back"]),
            points_owed=Points(figures["points_owed"]),
            points_forgiven=Points(figures["points_forgiven"]),
            points_reinstated=Points(figures["points_reinstated"]),
            cash_refund=money(figures["cash_minor"], currency),
            member=await load_shown(info, outcome.member_id),
            balance=await load_balance(info, outcome.member_id),
            grants=await load_grants(info, outcome),
            replayed=outcome.replayed,
        )
