"""What a partner pays for points: its terms, the rules that it funds, and the mutation of staff."""

from decimal import Decimal
from uuid import UUID

import strawberry

from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.wording.condition_words import funded_text
from api.wording.words import InLocale, current_policy, language
from domain.partners import terms
from domain.partners.terms import TermsBasis
from domain.programmes import funders
from domain.programmes.policy import Policy

describe(
    TermsBasis,
    "Points that a partner pays for.",
    {
        TermsBasis.ISSUED: "Points that its rules grant, less those taken back.",
        TermsBasis.REDEEMED: "Points that members redeem out of those that its rules granted.",
    },
)


@strawberry.type(description="Terms by which a partner pays, from a month on.")
class PartnerTerms:
    from_month: str = strawberry.field(description="First month of the terms, as `2026-12`.")
    basis: TermsBasis = strawberry.field(description="Points that the partner pays for.")
    price_per_point: Decimal = strawberry.field(
        description="Price of a point, in the programme's currency, with up to "
        f"{terms.PRICE_DECIMALS_MAX} decimals."
    )
    fee_percent: Decimal = strawberry.field(description="Fee, in percent of the exact charge.")
    prepaid: bool = strawberry.field(
        description="Whether the partner buys points beforehand, and is charged nothing afterwards."
    )


@strawberry.type(description="A rule, activity or grant whose points a partner pays for.")
class FundedRule:
    rule: str = strawberry.field(description="Code of it in the policy in force.")
    policy: strawberry.Private[Policy]

    @field("Points or gift, and the conditions, in a sentence.")
    def text(self, info: Info, locale: InLocale = None) -> str:
        return funded_text(info.context.programme, self.policy, self.rule, language(info, locale))


async def load_terms(partner_id: UUID) -> list[PartnerTerms]:
    return [
        PartnerTerms(
            from_month=terms.month_text(one.from_month),
            basis=one.basis,
            price_per_point=one.price_per_point,
            fee_percent=one.fee_percent,
            prepaid=one.prepaid,
        )
        for one in await terms.of_partner(partner_id)
    ]


def funded_rules(info: Info, code: str) -> list[FundedRule]:
    policy = current_policy(info)
    return [FundedRule(rule=rule, policy=policy) for rule in funders.paid_for(policy, code)]
