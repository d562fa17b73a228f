"""What a booking would earn: the quote that an application shows before it is bought."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from api.balances import load_row
from api.kit.context import Info
from api.kit.fields import field
from api.kit.inputs import BookingLineInput, MemberBy, to_lines, visible_member
from api.kit.problems import Problem, problem_for
from api.kit.scalars import Money, Points, money
from api.wording import words
from api.wording.catalogues import sentence
from domain.bookings import quotes
from domain.bookings.quotes import Quote, QuoteSent
from domain.earning.values import Evaluation
from domain.kernel.refusals import Refusal
from domain.members.members import Member


@strawberry.type(description="What one line would earn.")
class QuotedLine:
    line: int = strawberry.field(description="From 1, in the order given.")
    product: str = strawberry.field(description="The product's code.")
    points: Points = strawberry.field(description="Its part of the points.")


@strawberry.type(description="What a booking would earn if it were paid now.")
class EarningQuote:
    points: Points = strawberry.field(description="All of it.")
    lines: list[QuotedLine] = strawberry.field(description="By line; adds up to it.")
    explanation: list[words.ExplanationLine] = strawberry.field(
        description="Why, and what was just missed."
    )
    discount: Money | None = strawberry.field(
        description="What the tier takes off the price; null where it takes nothing off."
    )
    available_on: str = strawberry.field(description="When the points can be spent, in words.")
    expires_on: date | None = strawberry.field(
        description="The last date on which what is available at payment can be spent; null if "
        "that never expires. Pending points last from their completion."
    )
    errors: list[Problem] = strawberry.field(
        description="Why there is no quote; empty if there is."
    )


@strawberry.input(description="A booking that could be made.")
class QuoteEarningInput:
    lines: list[BookingLineInput] = strawberry.field(description="What would be booked.")
    member: MemberBy | None = strawberry.field(
        default=None,
        description="For whom; a member means itself, and without one it is the entry tier.",
    )
    booked_at: datetime | None = strawberry.field(
        default=None, description="When it would be booked; without it now."
    )
    payment_method: str | None = strawberry.field(
        default=None, description="The code of how it would be paid."
    )
    offset_points: Points | None = strawberry.field(
        default=None,
        description="How many points would pay for a part of it, which then earns nothing.",
    )


@strawberry.type
class EarningQuery:
    @field("What would this booking earn, and why?")
    async def quote_earning(
        self,
        info: Info,
        input: Annotated[QuoteEarningInput, strawberry.argument(description="The booking.")],
    ) -> EarningQuote | None:
        try:
            member = await _member(info, input.member)
            sent = QuoteSent(
                to_lines(input.lines), input.booked_at, input.payment_method, input.offset_points
            )
            quote = await quotes.earning(info.context.programme, member, sent, info.context.now)
        except Refusal as error:
            return EarningQuote(
                points=Points(0),
                lines=[],
                explanation=[],
                discount=None,
                available_on="",
                expires_on=None,
                errors=[await problem_for(info, error)],
            )
        return _to_quote(info, quote, member)


async def _member(info: Info, by: MemberBy | None) -> Member | None:
    member_id = await visible_member(info, by)
    return await load_row(info, member_id) if member_id else None


def _available_on(evaluation: Evaluation, reader: str) -> str:
    pending = sum(evaluation.line_pending.values())
    if not pending:
        return sentence("available.at_payment", reader)
    whole = pending == evaluation.points
    return sentence("available.on_completion" if whole else "available.in_parts", reader)


def _to_quote(info: Info, quote: Quote, member: Member | None) -> EarningQuote:
    policy, evaluation = quote.version.policy, quote.evaluation
    level = policy.level(member.tier if member else policy.tiers.levels[0].code)
    total = sum(line.amount_minor for line in quote.lines)
    discount = int(total * level.discount_percent / 100)
    at_payment = evaluation.points - sum(evaluation.line_pending.values())
    return EarningQuote(
        points=Points(evaluation.points),
        lines=[
            QuotedLine(
                line=line.number,
                product=line.product,
                points=Points(evaluation.line_points[line.number]),
            )
            for line in quote.lines
        ],
        explanation=words.explain(policy, evaluation.explanation),
        discount=money(discount, policy.currency) if discount else None,
        available_on=_available_on(evaluation, info.context.language),
        expires_on=quote.expires_on if at_payment else None,
        errors=[],
    )
