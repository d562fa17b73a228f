"""Offers: what a member can gain now, in words."""

from datetime import date

import strawberry

from api.kit.context import Info
from api.kit.fields import field
from api.kit.scalars import Points
from api.wording.condition_words import offer_text
from api.wording.words import ExplanationLine, InLocale, current_policy, explain, language
from domain.members import members
from domain.offers import offers
from domain.programmes.policy import Policy


@strawberry.type(description="Something that a member can gain now.")
class Offer:
    rule: str = strawberry.field(description="Code of the rule or activity in the policy.")
    why: list[ExplanationLine] = strawberry.field(
        description="Conditions on the member, all of which hold; empty where there are none."
    )
    until: date | None = strawberry.field(
        description="Last day of the offer, in the programme's time zone; null when no day ends it."
    )
    most_points: Points | None = strawberry.field(
        description="Points that it gives at most, by what limits and budgets leave; null when it "
        "depends on what is bought, or gives something else."
    )
    policy: strawberry.Private[Policy]

    @field("Name of the rule.")
    def name(self, info: Info, locale: InLocale = None) -> str:
        return self.policy.rules[self.rule].name.in_locale(language(info, locale))

    @field("The offer in one sentence, with what a booking has to be like.")
    def text(self, info: Info, locale: InLocale = None) -> str:
        return offer_text(self.policy, self.policy.rules[self.rule], language(info, locale))


async def load_offers(info: Info, member: members.Member) -> list[Offer]:
    policy, now = current_policy(info), info.context.now
    found = await offers.of(info.context.programme, member.member_id, member.tier, now)
    return [
        Offer(
            rule=one.rule,
            why=explain(policy, one.why),
            until=one.until,
            most_points=None if one.most_points is None else Points(one.most_points),
            policy=policy,
        )
        for one in found
    ]
