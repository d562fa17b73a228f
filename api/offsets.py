"""Paying part of a booking in points: the quote at checkout, and the hold."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from api.balances import Balance, balance_now, load_balance, load_row
from api.kit.context import Info
from api.kit.fields import field
from api.kit.inputs import (
    BookingLineInput,
    KeyedInput,
    MemberBy,
    Sent,
    request,
    subject,
    to_lines,
    visible_member,
)
from api.kit.mutations import Payload, mutation
from api.kit.problems import Problem, problem_for
from api.kit.scalars import Money, Points, money
from api.redemptions import Redemption, load_redemption
from api.wording.words import ExplanationLine, current_policy, explain
from domain.checkout import offsets
from domain.checkout.caps import Cap
from domain.checkout.offsets import HoldSent
from domain.earning.values import Reason
from domain.kernel.refusals import NotFound, Refusal
from domain.members.members import Member
from domain.programmes.policy import Policy


@strawberry.type(description="How much of one line points may pay.")
class OffsetLine:
    line: int = strawberry.field(description="From 1, in the order given.")
    share_percent: Decimal = strawberry.field(description="What part of it points may pay.")
    max_worth: Money = strawberry.field(description="That part in money.")


@strawberry.type(description="How much of a booking points may pay.")
class OffsetQuote:
    max_points: Points = strawberry.field(
        description="The most points that may pay, and that the member has, in whole steps."
    )
    worth: Money = strawberry.field(description="What they buy.")
    step: Points = strawberry.field(description="Points are taken in steps of this.")
    minimum: Points = strawberry.field(description="The fewest that may be used.")
    lines: list[OffsetLine] = strawberry.field(description="By line.")
    explanation: list[ExplanationLine] = strawberry.field(description="Why.")
    errors: list[Problem] = strawberry.field(
        description="Why there is no quote; empty if there is."
    )


@strawberry.input(description="A booking that could be paid in part with points.")
class QuoteOffsetInput:
    lines: list[BookingLineInput] = strawberry.field(description="What would be booked.")
    member: MemberBy | None = strawberry.field(
        default=None, description="For whom; a member means itself."
    )
    booked_at: datetime | None = strawberry.field(
        default=None, description="When it would be booked; without it now."
    )


@strawberry.input(description="Points to hold for a booking that is about to be paid.")
class RedeemOnBookingInput(KeyedInput):
    points: Points = strawberry.field(description="How many.")
    lines: list[BookingLineInput] = strawberry.field(description="What is being booked.")
    member: MemberBy | None = strawberry.field(
        default=None, description="Whose points; a member means itself."
    )
    booked_at: datetime | None = strawberry.field(
        default=None, description="When it is booked; without it now."
    )


@strawberry.type(description="What holding points for a booking answers.")
class RedeemOnBookingPayload(Payload):
    redemption: Redemption | None = strawberry.field(
        default=None, description="The hold; give its id to earnForBooking."
    )
    balance: Balance | None = strawberry.field(
        default=None, description="The member's balance now."
    )


@strawberry.type
class OffsetsQuery:
    @field("How much of this booking may points pay, and why?")
    async def quote_offset(
        self,
        info: Info,
        input: Annotated[QuoteOffsetInput, strawberry.argument(description="The booking.")],
    ) -> OffsetQuote | None:
        context, policy = info.context, current_policy(info)
        try:
            member_id = await visible_member(info, input.member)
            member = await load_row(info, member_id) if member_id else None
            if input.member is not None and member is None:
                raise NotFound("member", "", path=("member",))
            _, cap = offsets.quote(
                context.programme,
                member.tier if member else None,
                to_lines(input.lines),
                context.now,
                booked_at=input.booked_at,
            )
        except Refusal as error:
            return OffsetQuote(
                max_points=Points(0),
                worth=money(0, policy.currency),
                step=Points(policy.offset.step if policy.offset else 0),
                minimum=Points(policy.offset.minimum if policy.offset else 0),
                lines=[],
                explanation=[],
                errors=[await problem_for(info, error)],
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
        explanation=explain(policy, reasons),
        errors=[],
    )


@strawberry.type
class OffsetsMutation:
    @mutation("Hold points for a booking; earnForBooking spends them, time gives them back.")
    async def redeem_on_booking(
        self, info: Info, input: Sent[RedeemOnBookingInput]
    ) -> RedeemOnBookingPayload | None:
        member = await subject(info, input.member)
        outcome = await offsets.hold(
            request(info, input),
            info.context.programme,
            member,
            HoldSent(input.points, to_lines(input.lines), input.booked_at),
        )
        return RedeemOnBookingPayload(
            redemption=await load_redemption(info, outcome.owned("redemption_id")),
            balance=await load_balance(info, outcome.member_id),
            replayed=outcome.replayed,
        )
