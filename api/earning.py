"""Points that a booking would earn: the quote that an application shows before the purchase."""

from datetime import date, datetime
from functools import partial
from typing import Annotated
from uuid import UUID

import strawberry

from api.balances import read_together
from api.kit.context import Info
from api.kit.fields import field
from api.kit.inputs import BookingLineInput, MemberBy, to_lines, visible_member
from api.kit.problems import Problem, problem_for
from api.kit.scalars import Money, Points, money
from api.wording import words
from api.wording.catalogues import sentence
from domain.bookings import quotes
from domain.bookings.quotes import Quote, QuoteSent
from domain.checkout import coupon_payments
from domain.checkout.coupon_payments import FoundCoupon
from domain.earning.values import Evaluation
from domain.kernel import database
from domain.kernel.refusals import Refusal
from domain.members.members import Member
from domain.programmes.policy import Policy


@strawberry.type(description="Points that one line of a booking would earn.")
class QuotedLine:
    line: int = strawberry.field(description="Number of the line, from 1 in the order given.")
    product: str = strawberry.field(description="Code of the product.")
    points: Points = strawberry.field(description="Points that the line would earn.")
    discount: Money | None = strawberry.field(
        description="Discount on the line that the tier gives; null when there is none."
    )

    @field("Name of the product; its code where the policy has no name for it.")
    def product_name(self, info: Info, locale: words.InLocale = None) -> str:
        reader = words.language(info, locale)
        return words.product_name(info.context.programme, self.product, reader)


@strawberry.type(description="Points that a booking would earn if it were paid now.")
class EarningQuote:
    points: Points = strawberry.field(description="Points earned in all.")
    lines: list[QuotedLine] = strawberry.field(
        description="Points by line; they add up to `points`."
    )
    explanation: list[words.ExplanationLine] = strawberry.field(
        description="Reasons for the points, including conditions that were narrowly missed."
    )
    discount: Money | None = strawberry.field(
        description="Discount on the price that the tier gives; null when there is none."
    )
    coupon: Money | None = strawberry.field(
        description="Amount that the coupon deducts; null without a coupon."
    )
    available_on: str = strawberry.field(
        description="Latest date from which all of the points can be spent, as YYYY-MM-DD in the "
        "programme's time zone; in words when the date is not known yet, and empty when there is "
        "no quote."
    )
    available_text: str | None = strawberry.field(
        description="Time from which the points can be spent, in words; null when there is no "
        "quote."
    )
    expires_on: date | None = strawberry.field(
        description="Last date on which the points available at payment can be spent, in the "
        "programme's time zone; null when there are none or they never expire. The lifetime of "
        "pending points starts at completion."
    )
    errors: list[Problem] = strawberry.field(
        description="Problems because of which there is no quote; empty when there is one."
    )


@strawberry.input(description="A booking that might be made.")
class QuoteEarningInput:
    lines: list[BookingLineInput] = strawberry.field(description="Lines of the booking.")
    member: MemberBy | None = strawberry.field(
        default=None,
        description="Member who would book; defaults to the calling member, or to the entry tier "
        "for other callers.",
    )
    booked_at: datetime | None = strawberry.field(
        default=None, description="Instant of booking; defaults to now."
    )
    payment_method: str | None = strawberry.field(
        default=None, description="Code of the payment method."
    )
    offset_points: Points | None = strawberry.field(
        default=None,
        description="Points that would pay for part of the booking; that part earns no points.",
    )
    coupon_code: str | None = strawberry.field(
        default=None,
        description="Code of a coupon whose worth is deducted before points pay. The quote only "
        "checks it; earnForBooking uses it up.",
    )


@strawberry.type
class EarningQuery:
    @field("Points that a booking would earn, with the reasons.")
    async def quote_earning(
        self,
        info: Info,
        input: Annotated[QuoteEarningInput, strawberry.argument(description="Booking to quote.")],
    ) -> EarningQuote | None:
        try:
            quote = await _quote(info, input)
        except Refusal as error:
            return EarningQuote(
                points=Points(0),
                lines=[],
                explanation=[],
                discount=None,
                coupon=None,
                available_on="",
                available_text=None,
                expires_on=None,
                errors=[await problem_for(info, error, input)],
            )
        return _to_quote(info, quote)


async def _quote(info: Info, input: QuoteEarningInput) -> Quote:
    """One statement, where nothing but the calling member's own rows decides.

    Raises: Refusal
    """
    programme, now = info.context.programme, info.context.now
    if input.member is not None or input.coupon_code is not None:
        database.return_to_snapshot()
    member_id = await visible_member(info, input.member)
    sent = QuoteSent(
        to_lines(input.lines), input.booked_at, input.payment_method, input.offset_points
    )
    coupon = await find_coupon(info, member_id, input.coupon_code)
    member = await _member(info, member_id, sent) if member_id else None
    return await quotes.earning(programme, member, sent, now, coupon)


async def _member(info: Info, member_id: UUID, sent: QuoteSent) -> Member | None:
    """The member, with the data by which its booking is judged."""
    programme, now = info.context.programme, info.context.now
    asked = quotes.queries(programme, member_id, sent, now)
    if not quotes.takes_one_statement(programme, sent, now):
        database.return_to_snapshot()
    due = partial(quotes.is_due, programme, now=now)
    return await read_together(info, member_id, asked, due)


async def find_coupon(info: Info, member_id: UUID | None, code: str | None) -> FoundCoupon | None:
    """The coupon of this code, for a booking of the member that is quoted."""
    context = info.context
    return await coupon_payments.find(context.caller, member_id, code, context.now)


def _available_text(evaluation: Evaluation, reader: str) -> str:
    pending = sum(evaluation.line_pending.values())
    if not pending:
        return sentence("available.at_payment", reader)
    whole = pending == evaluation.points
    return sentence("available.on_completion" if whole else "available.in_parts", reader)


def _to_quote(info: Info, quote: Quote) -> EarningQuote:
    policy, evaluation = quote.version.policy, quote.evaluation
    available = _available_text(evaluation, info.context.language)
    at_payment = evaluation.points - sum(evaluation.line_pending.values())
    return EarningQuote(
        points=Points(evaluation.points),
        lines=[
            QuotedLine(
                line=line.number,
                product=line.product,
                points=Points(evaluation.line_points[line.number]),
                discount=to_discount(policy, quote.discounts.get(line.number, 0)),
            )
            for line in quote.lines
        ],
        explanation=words.explain(policy, evaluation.explanation),
        discount=to_discount(policy, sum(quote.discounts.values())),
        coupon=to_discount(policy, sum(line.coupon_minor for line in quote.lines)),
        available_on=str(quote.available_on or available),
        available_text=available,
        expires_on=quote.expires_on if at_payment else None,
        errors=[],
    )


def to_discount(policy: Policy, minor: int) -> Money | None:
    """A discount in minor units; none where there is nothing off."""
    return money(minor, policy.currency) if minor else None
