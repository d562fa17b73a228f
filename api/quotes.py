"""Guaranteed quotes: what a booking will earn that cites one in time, and the mutation for it."""

from datetime import datetime

import strawberry

from api.balances import learn_language
from api.bookings import QUOTE_TYPE
from api.earning import QuotedLine
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.inputs import BookingLineInput, KeyedInput, MemberBy, Sent, request, subject, to_lines
from api.kit.loaders import Owned
from api.kit.mutations import Payload, mutation
from api.kit.relay import Node, to_global_id
from api.kit.scalars import Points
from api.wording.words import ExplanationLine, explain, version_policy
from domain.bookings import quotes
from domain.bookings.quotes import QuoteSent
from domain.checkout import guarantees
from domain.checkout.promises import QuoteStatus

describe(
    QuoteStatus,
    "Where a guaranteed quote is in its life.",
    {
        QuoteStatus.OPEN: "A booking can cite it.",
        QuoteStatus.USED: "A booking cited it.",
        QuoteStatus.EXPIRED: "Its time ran out, and what it reserved is free again.",
    },
)


@strawberry.type(description="What a booking of these lines earns if it cites this in time.")
class GuaranteedQuote(Node):
    id: strawberry.ID = strawberry.field(description="Give it to earnForBooking as quoteId.")
    status: QuoteStatus = strawberry.field(description="Where it is in its life.")
    points: Points = strawberry.field(description="All of it.")
    lines: list[QuotedLine] = strawberry.field(description="By line; adds up to it.")
    explanation: list[ExplanationLine] = strawberry.field(
        description="Why, and what was just missed."
    )
    expires_at: datetime = strawberry.field(
        description="From then on it is void, and what it reserves is free again."
    )


@strawberry.input(description="A booking that is about to be made.")
class GuaranteeQuoteInput(KeyedInput):
    member: MemberBy = strawberry.field(description="Whose booking it will be.")
    lines: list[BookingLineInput] = strawberry.field(description="What will be booked.")
    booked_at: datetime | None = strawberry.field(
        default=None, description="When it is booked; without it now."
    )
    payment_method: str | None = strawberry.field(
        default=None, description="The code of how it will be paid."
    )
    offset_points: Points | None = strawberry.field(
        default=None,
        description="How many points will pay for a part of it; redeemOnBooking holds them.",
    )


@strawberry.type(description="What guaranteeing a quote answers.")
class GuaranteeQuotePayload(Payload):
    quote: GuaranteedQuote | None = strawberry.field(
        default=None, description="The quote; its budgets and limits are reserved until it expires."
    )


async def load_quote(info: Info, key: Owned) -> GuaranteedQuote | None:
    """The quote, if it is there for the caller."""
    promise = await info.context.loaders.find(guarantees.many, key)
    if promise is None or not info.context.caller.owns(promise.actor):
        return None
    policy = version_policy(info.context.programme, promise.policy_version_id)
    return GuaranteedQuote(
        id=to_global_id(QUOTE_TYPE, promise.id, member_id=promise.member_id),
        status=promise.as_of(info.context.now).status,
        points=Points(promise.points),
        lines=[
            QuotedLine(line=line.number, product=line.product, points=Points(line.points))
            for line in promise.lines
        ],
        explanation=explain(policy, promise.explanation),
        expires_at=promise.expires_at,
    )


@strawberry.type
class QuotesMutation:
    @mutation("Quote a booking and reserve what it takes; earnForBooking that cites it earns that.")
    async def guarantee_quote(
        self, info: Info, input: Sent[GuaranteeQuoteInput]
    ) -> GuaranteeQuotePayload | None:
        sent = QuoteSent(
            to_lines(input.lines), input.booked_at, input.payment_method, input.offset_points
        )
        member = await subject(info, input.member)
        outcome = await quotes.guarantee(request(info, input), info.context.programme, member, sent)
        await learn_language(info)
        return GuaranteeQuotePayload(
            quote=await load_quote(info, outcome.owned("quote_id")), replayed=outcome.replayed
        )
