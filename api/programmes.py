"""The programme as everybody may see it, and the publishing of its policy."""

from datetime import datetime

import strawberry

from api.balances import learn_language
from api.kit.context import Info
from api.kit.fields import field
from api.kit.inputs import KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.kit.scalars import CurrencyCode, Money, Points, money
from api.tiers import Tier, to_tier
from api.wording.words import (
    InLocale,
    expiry_text,
    language,
    product_name,
    rule_text,
    version_at,
)
from domain.kernel.callers import CallerKind
from domain.programmes import programmes
from domain.programmes.policy import Policy


@strawberry.type(description="Value of points when they are spent.")
class PointWorth:
    points: Points = strawberry.field(description="Number of points that are worth `money`.")
    money: Money = strawberry.field(description="Value of `points`.")


@strawberry.type(description="Published version of the policy.")
class PolicyVersion:
    number: int = strawberry.field(description="Number of the version, from 1 without gaps.")
    effective_from: datetime | None = strawberry.field(
        description="Instant from which the version is in force; null for the first, which always "
        "was."
    )
    published_at: datetime = strawberry.field(
        description="Instant at which the version was published."
    )
    published_by: str = strawberry.field(description="Person or system that published the version.")
    note: str | None = strawberry.field(
        description="Reason given for the change; null when none was given."
    )


@strawberry.type(description="A product that bookings can have in their lines.")
class Product:
    code: str = strawberry.field(description="Stable code of the product.")

    @field("Name of the product; its code where the policy has no name for it.")
    def name(self, info: Info, locale: InLocale = None) -> str:
        return product_name(info.context.programme, self.code, language(info, locale))


@strawberry.type(description="A loyalty programme under the policy version in force.")
class Programme:
    code: str = strawberry.field(description="Stable code of the programme.")
    currency: CurrencyCode = strawberry.field(description="Currency of all prices and amounts.")
    timezone: str = strawberry.field(
        description="IANA time zone in which the programme's days begin and end."
    )
    version: int = strawberry.field(description="Number of the policy version in force.")
    now: datetime = strawberry.field(description="Current time of the programme.")
    products: list[str] = strawberry.field(description="Codes of the products in the policy.")
    policy: strawberry.Private[Policy]

    @field("Name of the programme.")
    def name(self, info: Info, locale: InLocale = None) -> str:
        return self.policy.name.in_locale(language(info, locale))

    @field("Whether there are points; without them members have tiers, discounts and benefits.")
    def has_points(self) -> bool:
        return self.policy.has_points

    @field("Value of points when they are spent; zero where there are none.")
    def point_worth(self) -> PointWorth:
        terms, currency = self.policy.points, self.policy.currency
        if terms is None:
            return PointWorth(points=Points(1), money=money(0, currency))
        return PointWorth(
            points=Points(terms.worth.points),
            money=Money(amount=terms.worth.money, currency=CurrencyCode(currency)),
        )

    @field(
        f"Newest versions of the policy, at most {programmes.PUBLICATIONS_MAX}, the last one "
        "first; empty to anybody but staff."
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

    @field("Tiers of the programme, lowest first.")
    def tiers(self) -> list[Tier]:
        return [to_tier(self.policy, level.code) for level in self.policy.tiers.levels]

    @field("Products in the policy, with their names.")
    def named_products(self) -> list[Product]:
        return [Product(code=code) for code in self.policy.products]

    @field("Lifetime of points, in words.")
    def expiry(self, info: Info, locale: InLocale = None) -> str:
        return expiry_text(self.policy, language(info, locale))

    @field("Earning rules in words, one sentence each.")
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


@strawberry.input(description="Next version of the programme's policy.")
class PublishPolicyInput(KeyedInput):
    document: str = strawberry.field(description="Complete policy document, in YAML or JSON.")
    effective_from: datetime | None = strawberry.field(
        default=None,
        description="Instant from which the version is in force, inclusive; defaults to now.",
    )
    note: str | None = strawberry.field(
        default=None, description="Reason for the change, kept in the policy's history."
    )


@strawberry.type(description="Result of publishing a policy.")
class PublishPolicyPayload(Payload):
    version: int | None = strawberry.field(
        default=None, description="Number of the new version; null when refused."
    )


@strawberry.type
class ProgrammesMutation:
    @mutation("Publish the next version of the policy; a published version never changes.")
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
