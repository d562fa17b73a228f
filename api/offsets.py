"""Paying part of a booking in points: the quote at checkout, and the hold."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from api.balances import Balance, balance_now, load_balance, load_row
from api.earning import find_coupon, to_discount
from api.kit.context import Info
from api.kit.fields import field
from api.kit.inputs import (
    UNDER_REVIEW,
    BookingLineInput,
    MemberBy,
    Sent,
    SignalledInput,
    request,
    subject,
    to_lines,
    visible_member,
)
from api.kit.mutations import mutation
from api.kit.problems import Problem, problem_for
from api.kit.scalars import Money, Points, money
from api.payloads import MemberPayload, load_shown
from api.redemptions import Redemption, load_redemption
from api.wording.words import ExplanationLine, current_policy, explain
from domain.checkout import offsets
from domain.checkout.caps import Cap
from domain.checkout.offsets import HoldSent
from domain.earning.values import Reason
from domain.kernel.refusals import NotFound, Refusal
from domain.members.members import Member
from domain.programmes.policy import Policy
from domain.redemptions.redemptions import check_may_spend


@strawberry.type(description="Part of one line that points may pay.")
class OffsetLine:
    line: int = strawberry.field(description="Number of the line, from 1 in the order given.")
    share_percent: Decimal = strawberry.field(
        description="Largest share of the line's price that points may pay, in percent."
    )
    max_worth: Money = strawberry.field(
        description="Largest part of the line's price that points may pay."
    )


@strawberry.type(description="Part of a booking that points may pay.")
class OffsetQuote:
    max_points: Points = strawberry.field(
        description="Largest number of points that may pay for the booking, in whole steps, "
        "limited to the available balance when a member is known; 0 when below the minimum."
    )
    worth: Money = strawberry.field(description="Amount that `maxPoints` pays.")
    step: Points = strawberry.field(description="Step size: points are used in multiples of it.")
    minimum: Points = strawberry.field(description="Smallest number of points that may be used.")
    lines: list[OffsetLine] = strawberry.field(description="Limits by line.")
    coupon: Money | None = strawberry.field(
        description="Amount that the coupon deducts before points pay; null without a coupon."
    )
    explanation: list[ExplanationLine] = strawberry.field(description="Reasons for the limits.")
    errors: list[Problem] = strawberry.field(
        description="Problems because of which there is no quote; empty when there is one."
    )


@strawberry.input(description="A booking that might be paid in part with points.")
class QuoteOffsetInput:
    lines: list[BookingLineInput] = strawberry.field(description="Lines of the booking.")
    member: MemberBy | None = strawberry.field(
        default=None,
        description="Member who would book; defaults to the calling member, or to the entry tier "
        "for other callers.",
    )
    booked_at: datetime | None = strawberry.field(
        default=None, description="Instant of booking; defaults to now."
    )
    coupon_code: str | None = strawberry.field(
        default=None,
        description="Code of a coupon whose worth is deducted before points pay. The quote only "
        "checks it; earnForBooking uses it up.",
    )


@strawberry.input(description="Points to hold for a booking that is about to be paid.")
class RedeemOnBookingInput(SignalledInput):
    points: Points = strawberry.field(description="Number of points to hold.")
    lines: list[BookingLineInput] = strawberry.field(description="Lines of the booking.")
    member: MemberBy | None = strawberry.field(
        default=None,
        description="Member whose points are held; defaults to the calling member and is required "
        "from other callers.",
    )
    booked_at: datetime | None = strawberry.field(
        default=None, description="Instant of booking; defaults to now."
    )
    coupon_code: str | None = strawberry.field(
        default=None,
        description="Code of a coupon whose worth is deducted before points pay. The quote only "
        "checks it; earnForBooking uses it up.",
    )


@strawberry.type(description="Result of holding points for a booking.")
class RedeemOnBookingPayload(MemberPayload):
    redemption: Redemption | None = strawberry.field(
        default=None,
        description="Hold, whose id earnForBooking takes as redemptionId; null when refused.",
    )
    balance: Balance | None = strawberry.field(
        default=None, description="Balance of the member now; null when refused."
    )
    under_review: bool = strawberry.field(default=False, description=UNDER_REVIEW)


@strawberry.type
class OffsetsQuery:
    @field("Part of a booking that points may pay, with the reasons.")
    async def quote_offset(
        self,
        info: Info,
        input: Annotated[QuoteOffsetInput, strawberry.argument(description="Booking to quote.")],
    ) -> OffsetQuote | None:
        context, policy = info.context, current_policy(info)
        try:
            member_id = await visible_member(info, input.member)
            member = await load_row(info, member_id) if member_id else None
            if input.member is not None and member is None:
                raise NotFound("member", str(member_id), path=("member",))
            if member is not None:
                check_may_spend(member.status, (await balance_now(info, member)).owed)
            coupon = await find_coupon(info, member_id, input.coupon_code)
            _, cap = offsets.quote(
                context.programme,
                member.tier if member else None,
                to_lines(input.lines),
                context.now,
                booked_at=input.booked_at,
                coupon=coupon,
            )
        except Refusal as error:
            return OffsetQuote(
                max_points=Points(0),
                worth=money(0, policy.currency),
                step=Points(policy.offset.step if policy.offset else 0),
                minimum=Points(policy.offset.minimum if policy.offset else 0),
                lines=[],
                coupon=None,
                explanation=[],
                errors=[await problem_for(info, error, input)],
            )
        return await _to_quote(info, policy, cap, member)


async def _to_quote(info: Info, policy: Policy, cap: Cap, member: Member | None) -> OffsetQuote:
    points, reasons = cap.points_max, []
    for line in cap.lines:
        facts = {"line": line.line, "percent": str(line.percent), "cap_minor": line.cap_minor}
        reasons.append(Reason("share", {**facts, "currency": policy.currency}))
    if member is not None:
        available = (await balance_now(info, member)).available
        if available < points:
            points = cap.offered(available)
            reasons.append(Reason("available", {"points": available}))
    if points < cap.terms.minimum:
        reasons.append(Reason("below_minimum", {"minimum": cap.terms.minimum}))
        points = 0
    return OffsetQuote(
        max_points=Points(points),
        worth=money(cap.worth_minor(points), policy.currency),
        step=Points(cap.terms.step),
        minimum=Points(cap.terms.minimum),
        lines=[
            OffsetLine(
                line=line.line,
                share_percent=line.percent,
                max_worth=money(line.cap_minor, policy.currency),
            )
            for line in cap.lines
        ],
        coupon=to_discount(policy, cap.coupon_minor),
        explanation=explain(policy, reasons),
        errors=[],
    )


@strawberry.type
class OffsetsMutation:
    @mutation(
        "Hold points for a booking. earnForBooking spends them; when the hold expires, they are "
        "available again."
    )
    async def redeem_on_booking(
        self, info: Info, input: Sent[RedeemOnBookingInput]
    ) -> RedeemOnBookingPayload | None:
        member = await subject(info, input.member)
        outcome = await offsets.hold(
            request(info, input),
            info.context.programme,
            member,
            HoldSent(input.points, to_lines(input.lines), input.booked_at, input.coupon_code),
        )
        return RedeemOnBookingPayload(
            redemption=await load_redemption(info, outcome.owned("redemption_id")),
            member=await load_shown(info, outcome.member_id),
            balance=await load_balance(info, outcome.member_id),
            under_review=outcome.figures.get("under_review", False),
            replayed=outcome.replayed,
        )
