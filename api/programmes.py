"""The programme as everybody may see it, and the publishing of its policy."""

from datetime import datetime

import strawberry

from api.balances import learn_language
from api.kit.context import Info
from api.kit.fields import field
from api.kit.inputs import KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.kit.scalars import CurrencyCode, Money, Points
from api.tiers import Tier, to_tier
from api.wording.words import InLocale, expiry_text, language, rule_text, version_at
from domain.kernel.callers import CallerKind
from domain.programmes import programmes
from domain.programmes.policy import Policy


@strawberry.type(description="What points are worth when they are spent.")
class PointWorth:
    points: Points = strawberry.field(description="This many points …")
    money: Money = strawberry.field(description="… are worth this.")


@strawberry.type(description="A version of the policy, as it was published.")
class PolicyVersion:
    number: int = strawberry.field(description="1 for the first one, without gaps.")
    effective_from: datetime | None = strawberry.field(
        description="From when it is in force; null for the first, which always was."
    )
    published_at: datetime = strawberry.field(description="When it was published.")
    published_by: str = strawberry.field(description="Who published it.")
    note: str | None = strawberry.field(description="Why, where that was said.")


@strawberry.type(description="A loyalty programme, by the policy in force now.")
class Programme:
    code: str = strawberry.field(description="Its code, stable for programs.")
    currency: CurrencyCode = strawberry.field(description="What it is priced in.")
    timezone: str = strawberry.field(description="Its IANA zone: days begin and end there.")
    version: int = strawberry.field(description="The number of the policy version in force.")
    now: datetime = strawberry.field(description="The programme's own time.")
    products: list[str] = strawberry.field(description="Products that it sells, by code.")
    policy: strawberry.Private[Policy]

    @field("Its name.")
    def name(self, info: Info, locale: InLocale = None) -> str:
        return self.policy.name.in_locale(language(info, locale))

    @field("What points are worth.")
    def point_worth(self) -> PointWorth:
        worth = self.policy.points.worth
        return PointWorth(
            points=Points(worth.points),
            money=Money(amount=worth.money, currency=CurrencyCode(self.policy.currency)),
        )

    @field(
        f"Its {programmes.PUBLICATIONS_MAX} newest versions, the last one first; "
        "empty to anybody but staff."
    )
    async def versions(self, info: Info) -> list[PolicyVersion]:
        if info.context.caller.kind is not CallerKind.STAFF:
            return []
        found = await programmes.publications(info.context.programme.id)
        return [
            PolicyVersion(
                number=one.number,
                effective_from=one.effective_from,
                published_at=one.published_at,
                published_by=one.published_by,
                note=one.note or None,
            )
            for one in found
        ]

    @field("Its tiers, the entry tier first.")
    def tiers(self) -> list[Tier]:
        return [to_tier(self.policy, level.code) for level in self.policy.tiers.levels]

    @field("How long points last, in words.")
    def expiry(self, info: Info, locale: InLocale = None) -> str:
        return expiry_text(self.policy, language(info, locale))

    @field("How points are earned, a sentence for each rule.")
    def rules(self, info: Info, locale: InLocale = None) -> list[str]:
        reader = language(info, locale)
        return [rule_text(self.policy, rule, reader) for rule in self.policy.rules.values()]


async def load_programme(info: Info) -> Programme:
    await learn_language(info)
    found = info.context.programme
    version = version_at(found, info.context.now)
    policy = version.policy
    return Programme(
        code=found.code,
        currency=CurrencyCode(policy.currency),
        timezone=policy.timezone,
        version=version.number,
        now=info.context.now,
        products=list(policy.products),
        policy=policy,
    )


@strawberry.type
class ProgrammesQuery:
    @field("The caller's programme.")
    async def programme(self, info: Info) -> Programme:
        return await load_programme(info)


@strawberry.input(description="The next version of the programme's policy.")
class PublishPolicyInput(KeyedInput):
    document: str = strawberry.field(description="The whole document, in YAML or JSON.")
    effective_from: datetime | None = strawberry.field(
        default=None, description="From when it is in force; without it from now."
    )
    note: str | None = strawberry.field(
        default=None, description="Why, for whoever reads the history."
    )


@strawberry.type(description="What publishing answers.")
class PublishPolicyPayload(Payload):
    version: int | None = strawberry.field(
        default=None, description="The number of the new version."
    )


@strawberry.type
class ProgrammesMutation:
    @mutation("Publish the next version of the policy; what is published never changes.")
    async def publish_policy(
        self, info: Info, input: Sent[PublishPolicyInput]
    ) -> PublishPolicyPayload | None:
        outcome = await programmes.publish(
            request(info, input),
            input.document,
            effective_from=input.effective_from,
            note=input.note or "",
        )
        return PublishPolicyPayload(version=outcome.figures["version"], replayed=outcome.replayed)
