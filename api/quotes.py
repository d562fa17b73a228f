"""Guaranteed quotes: the points of a booking that cites one in time, and the mutation that makes
one.
"""

from datetime import datetime

import strawberry

from api.balances import learn_language
from api.earning import QuotedLine, to_discount
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
    "Status of a guaranteed quote.",
    {
        QuoteStatus.OPEN: "A booking can still use it.",
        QuoteStatus.USED: "A booking has used it.",
        QuoteStatus.EXPIRED: "Its time has run out; the budgets and limits that it reserved are "
        "free again.",
    },
)


QUOTE_TYPE = "GuaranteedQuote"


@strawberry.type(
    description="Guarantee of the points that a booking of these lines earns when it is reported "
    "with this quote before it expires."
)
class GuaranteedQuote(Node):
    id: strawberry.ID = strawberry.field(
        description="Global id, to pass to earnForBooking as quoteId."
    )
    status: QuoteStatus = strawberry.field(description="Status of the quote.")
    points: Points = strawberry.field(description="Points earned in all.")
    lines: list[QuotedLine] = strawberry.field(
        description="Points by line; they add up to `points`."
    )
    explanation: list[ExplanationLine] = strawberry.field(
        description="Reasons for the points, including conditions that were narrowly missed."
    )
    expires_at: datetime = strawberry.field(
        description="Instant from which the quote is void and the budgets and limits that it "
        "reserved are free again."
    )


@strawberry.input(description="A booking that is about to be made.")
class GuaranteeQuoteInput(KeyedInput):
    member: MemberBy = strawberry.field(description="Member who will book.")
    lines: list[BookingLineInput] = strawberry.field(description="Lines of the booking.")
    booked_at: datetime | None = strawberry.field(
        default=None, description="Instant of booking; defaults to now."
    )
    payment_method: str | None = strawberry.field(
        default=None, description="Code of the payment method."
    )
    offset_points: Points | None = strawberry.field(
        default=None,
        description="Points that will pay for part of the booking. The quote does not hold them: "
        "redeemOnBooking does.",
    )
    coupon_code: str | None = strawberry.field(
        default=None,
        description="Code of a coupon whose worth is deducted before points pay. The quote only "
        "checks it; earnForBooking uses it up.",
    )


@strawberry.type(description="Result of guaranteeing a quote.")
class GuaranteeQuotePayload(Payload):
    quote: GuaranteedQuote | None = strawberry.field(
        default=None,
        description="Quote, whose budgets and limits are reserved until it expires; null when "
        "refused.",
    )


async def load_quote(info: Info, key: Owned) -> GuaranteedQuote | None:
    """The quote, if the caller may see it."""
    promise = await info.context.loaders.find(guarantees.many, key)
    if promise is None or not info.context.caller.owns(promise.actor):
        return None
    policy = version_policy(info.context.programme, promise.policy_version_id)
    discounts = promise.discounts(policy)
    return GuaranteedQuote(
        id=to_global_id(QUOTE_TYPE, promise.id, member_id=promise.member_id),
        status=promise.as_of(info.context.now).status,
        points=Points(promise.points),
        lines=[
            QuotedLine(
                line=line.number,
                product=line.product,
                points=Points(line.points),
                discount=to_discount(policy, discounts.get(line.number, 0)),
            )
            for line in promise.lines
        ],
        explanation=explain(policy, promise.explanation),
        expires_at=promise.expires_at,
    )


@strawberry.type
class QuotesMutation:
    @mutation(
        "Quote a booking and reserve its budgets and limits. The booking earns exactly these "
        "points when earnForBooking names the quote."
    )
    async def guarantee_quote(
        self, info: Info, input: Sent[GuaranteeQuoteInput]
    ) -> GuaranteeQuotePayload | None:
        sent = QuoteSent(
            to_lines(input.lines),
            input.booked_at,
            input.payment_method,
            input.offset_points,
            input.coupon_code,
        )
        member = await subject(info, input.member)
        outcome = await quotes.guarantee(request(info, input), info.context.programme, member, sent)
        await learn_language(info)
        return GuaranteeQuotePayload(
            quote=await load_quote(info, outcome.owned("quote_id")), replayed=outcome.replayed
        )
