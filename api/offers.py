"""Offers: what a member can gain now, in words."""

from datetime import date

import strawberry

from api.kit.context import Info
from api.kit.fields import field
from api.kit.scalars import Points
from api.wording.condition_words import mission_text, offer_text
from api.wording.words import ExplanationLine, InLocale, current_policy, explain, language
from domain.members import members
from domain.offers import offers
from domain.offers.values import Offered
from domain.programmes.grants import Mission
from domain.programmes.policy import Policy


@strawberry.type(description="Something that a member can gain now.")
class Offer:
    rule: str = strawberry.field(description="Code of the rule, activity or mission in the policy.")
    why: list[ExplanationLine] = strawberry.field(
        description="Conditions on the member, all of which are met; empty when there are none."
    )
    until: date | None = strawberry.field(
        description="Last day of the offer, in the programme's time zone; null when it has no end."
    )
    most_points: Points | None = strawberry.field(
        description="Largest number of points that it gives, within what limits and budgets "
        "leave; null when this depends on what is bought, or when it gives something else."
    )
    offered: strawberry.Private[Offered]
    policy: strawberry.Private[Policy]

    @field("Name of the rule.")
    def name(self, info: Info, locale: InLocale = None) -> str:
        return self.offered.name.in_locale(language(info, locale))

    @field("The offer in one sentence, including what must be booked or done.")
    def text(self, info: Info, locale: InLocale = None) -> str:
        reader = language(info, locale)
        if isinstance(self.offered, Mission):
            return mission_text(info.context.programme, self.offered, reader)
        return offer_text(self.policy, self.offered, reader)


async def load_offers(info: Info, member: members.Member) -> list[Offer]:
    policy, now = current_policy(info), info.context.now
    terms = (info.context.programme, member.tier, now, member.has_merged)
    found = await info.context.loaders.of_member(offers.of_members, member.member_id, *terms)
    return [
        Offer(
            rule=one.rule.code,
            offered=one.rule,
            why=explain(policy, one.why),
            until=one.until,
            most_points=None if one.most_points is None else Points(one.most_points),
            policy=policy,
        )
        for one in found
    ]
