"""Mutations by which staff settle with partners: terms, statements of months, payments."""

from decimal import Decimal
from uuid import UUID

import strawberry

from api.kit.context import Info
from api.kit.inputs import SHOWN_CHARACTERS_MAX, KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.kit.scalars import Points
from api.partners import Partner, load_partner
from api.settlement import PartnerStatement, load_statement, statement_id
from domain.partners import prepaid, terms
from domain.partners.prepaid import PurchaseSent
from domain.partners.terms import TermsBasis
from domain.settlement import agreeing, closing, payments
from domain.settlement.agreeing import TermsSent
from domain.settlement.payments import PaymentSent

_PARTNER = "Code of the partner."


@strawberry.input(description="Terms of a partner from a month on.")
class SavePartnerTermsInput(KeyedInput):
    partner: str = strawberry.field(description=_PARTNER)
    from_month: str = strawberry.field(
        description="First month of the terms, such as `2026-12`, in the programme's time zone."
    )
    basis: TermsBasis = strawberry.field(
        description="Points that the partner pays for; the same for all months when its points "
        "are not prepaid."
    )
    price_per_point: Decimal = strawberry.field(
        description="Price of a point, in the programme's currency, 0 to "
        f"{terms.PRICE_MAX:f} with up to {terms.PRICE_DECIMALS_MAX} decimals."
    )
    fee_percent: Decimal = strawberry.field(
        default=Decimal(0),
        description="Fee, in percent of the exact charge before rounding, 0 to "
        f"{terms.FEE_PERCENT_MAX:f} with up to {terms.FEE_DECIMALS_MAX} decimals.",
    )
    prepaid: bool = strawberry.field(
        default=False,
        description="Whether the partner buys points in advance; this can change only with a "
        "month that begins at least an hour from now.",
    )


@strawberry.type(description="Result of saving terms.")
class SavePartnerTermsPayload(Payload):
    partner: Partner | None = strawberry.field(
        default=None, description="Partner, with its terms as they stand; null when refused."
    )


@strawberry.input(description="Points that a partner buys in advance.")
class BuyPointsInput(KeyedInput):
    partner: str = strawberry.field(description=_PARTNER)
    points: Points = strawberry.field(
        description=f"Number of points, 1 to {prepaid.PURCHASE_POINTS_MAX}."
    )
    reference: str = strawberry.field(
        description="Reference of the purchase, 1 to 128 characters, unique for the partner."
    )


@strawberry.type(description="Result of buying points.")
class BuyPointsPayload(Payload):
    partner: Partner | None = strawberry.field(
        default=None,
        description="Partner, with the prepaid points that are left now; null when refused.",
    )


@strawberry.input(description="Month to close.")
class CloseStatementInput(KeyedInput):
    partner: str = strawberry.field(description=_PARTNER)
    month: str = strawberry.field(
        description="Month, such as `2026-12`; all of its days must be settled, and the partner "
        "must have terms in it."
    )


@strawberry.type(description="Result of closing a month.")
class CloseStatementPayload(Payload):
    statement: PartnerStatement | None = strawberry.field(
        default=None, description="Statement of the month; null when refused."
    )


@strawberry.input(description="Payment for a statement.")
class SettleStatementInput(KeyedInput):
    statement: strawberry.ID = strawberry.field(description="Global id of the statement.")
    amount: Decimal = strawberry.field(
        description="Amount paid, above zero whichever side paid it; at most what is left to pay."
    )
    reference: str = strawberry.field(
        description="Reference of the payment, 1 to 128 characters, unique within the statement."
    )


@strawberry.type(description="Result of recording a payment.")
class SettleStatementPayload(Payload):
    statement: PartnerStatement | None = strawberry.field(
        default=None, description="Statement as it stands; null when refused."
    )


@strawberry.type
class SettlingMutation:
    @mutation(
        "Set what a partner pays from the first day of a month. Terms saved for a month replace "
        "those saved for it before."
    )
    async def save_partner_terms(
        self, info: Info, input: Sent[SavePartnerTermsInput]
    ) -> SavePartnerTermsPayload | None:
        sent = TermsSent(
            partner=input.partner,
            from_month=input.from_month,
            basis=input.basis,
            price_per_point=input.price_per_point,
            fee_percent=input.fee_percent,
            prepaid=input.prepaid,
        )
        outcome = await agreeing.agree(request(info, input), info.context.programme, sent)
        return SavePartnerTermsPayload(
            partner=await load_partner(info, UUID(outcome.figures["partner"])),
            replayed=outcome.replayed,
        )

    @mutation(
        "Record points that a partner bought in advance. While its points are prepaid, its rules "
        "grant no more points than are left. The partner is notified once when "
        f"{prepaid.LOW_PERCENT} % of a purchase is left."
    )
    async def buy_points(self, info: Info, input: Sent[BuyPointsInput]) -> BuyPointsPayload | None:
        sent = PurchaseSent(input.partner, input.points, input.reference)
        outcome = await prepaid.buy(request(info, input), info.context.programme, sent)
        return BuyPointsPayload(
            partner=await load_partner(info, UUID(outcome.figures["partner"])),
            replayed=outcome.replayed,
        )

    @mutation(
        "Close a month of a partner: its amounts never change afterwards. The worker does this by "
        "itself within an hour after the month is settled."
    )
    async def close_statement(
        self, info: Info, input: Sent[CloseStatementInput]
    ) -> CloseStatementPayload | None:
        programme = info.context.programme
        outcome = await closing.close(request(info, input), programme, input.partner, input.month)
        return CloseStatementPayload(
            statement=await load_statement(info, UUID(outcome.figures["statement"])),
            replayed=outcome.replayed,
        )

    @mutation(
        "Record a payment for a statement, made by the partner or to it. Once all of the net has "
        "been paid, the statement is SETTLED."
    )
    async def settle_statement(
        self, info: Info, input: Sent[SettleStatementInput]
    ) -> SettleStatementPayload | None:
        named = str(input.statement)
        sent = PaymentSent(statement_id(named), input.amount, input.reference)
        outcome = await payments.pay(request(info, input), named[:SHOWN_CHARACTERS_MAX], sent)
        return SettleStatementPayload(
            statement=await load_statement(info, UUID(outcome.figures["statement"])),
            replayed=outcome.replayed,
        )
