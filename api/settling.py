"""Mutations by which staff settle with partners: terms of months."""

from decimal import Decimal
from uuid import UUID

import strawberry

from api.kit.context import Info
from api.kit.inputs import KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.partners import Partner, load_partner
from domain.partners import terms
from domain.partners.terms import TermsBasis, TermsSent

_PARTNER = "Code of the partner."


@strawberry.input(description="Terms of a partner from a month on.")
class SavePartnerTermsInput(KeyedInput):
    partner: str = strawberry.field(description=_PARTNER)
    from_month: str = strawberry.field(
        description="First month of the terms, as `2026-12`, in the programme's time zone."
    )
    basis: TermsBasis = strawberry.field(description="Points that the partner pays for.")
    price_per_point: Decimal = strawberry.field(
        description="Price of a point, in the programme's currency, 0 to "
        f"{terms.PRICE_MAX:f} with up to {terms.PRICE_DECIMALS_MAX} decimals."
    )
    fee_percent: Decimal = strawberry.field(
        default=Decimal(0),
        description="Fee, in percent of the exact charge, 0 to "
        f"{terms.FEE_PERCENT_MAX:f} with up to {terms.FEE_DECIMALS_MAX} decimals.",
    )
    prepaid: bool = strawberry.field(
        default=False,
        description="Whether the partner buys points beforehand; this changes with a month that "
        "begins in an hour or later.",
    )


@strawberry.type(description="Result of saving terms.")
class SavePartnerTermsPayload(Payload):
    partner: Partner | None = strawberry.field(
        default=None, description="Partner, with its terms as they stand; null when refused."
    )


@strawberry.type
class SettlingMutation:
    @mutation(
        "Say what a partner pays from the first day of a month on. Terms saved for a month replace "
        "those that were saved for it before."
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
        outcome = await terms.save(request(info, input), info.context.programme, sent)
        return SavePartnerTermsPayload(
            partner=await load_partner(info, UUID(outcome.figures["partner"])),
            replayed=outcome.replayed,
        )
