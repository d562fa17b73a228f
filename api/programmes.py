"""The programme as everybody may see it, under the policy in force."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.balances import learn_language
from api.kit.connections import PAGE_DEFAULT, After, First
from api.kit.context import Info
from api.kit.fields import field
from api.kit.scalars import CurrencyCode, Money, Points, money
from api.policy_changes import PolicyChange, changes_of_versions, shown_to
from api.policy_drafts import PolicyDraft, all_drafts
from api.policy_versions import PolicyVersionConnection, page_of_versions
from api.tiers import Tier, to_tier
from api.wording.guide import guide_of
from api.wording.words import (
    InLocale,
    expiry_text,
    language,
    product_name,
    rule_text,
    version_at,
)
from domain.programmes.drafts import DRAFTS_MAX
from domain.programmes.policy import Policy


@strawberry.type(description="Value of points when they are spent.")
class PointWorth:
    points: Points = strawberry.field(description="Number of points that are worth `money`.")
    money: Money = strawberry.field(description="Value of `points`.")


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

    @field(
        "Whether the programme has points; without points, members have tiers, discounts and "
        "benefits only."
    )
    def has_points(self) -> bool:
        return self.policy.has_points

    @field("Value of points when they are spent; zero when the programme has no points.")
    def point_worth(self) -> PointWorth:
        terms, currency = self.policy.points, self.policy.currency
        if terms is None:
            return PointWorth(points=Points(1), money=money(0, currency))
        return PointWorth(
            points=Points(terms.worth.points),
            money=Money(amount=terms.worth.money, currency=CurrencyCode(currency)),
        )

    @field("Versions of the policy, newest first; empty for callers other than staff.")
    async def versions(
        self, info: Info, first: First = PAGE_DEFAULT, after: After = None
    ) -> PolicyVersionConnection:
        return await page_of_versions(info, first, after)

    @field(
        f"Drafts of the policy, at most {DRAFTS_MAX}, most recently saved first; empty for "
        "callers other than staff."
    )
    async def drafts(self, info: Info) -> list[PolicyDraft]:
        return await all_drafts(info)

    @field(
        "Changes from one published version to another, in the order of the newer one; changes to "
        "rules against fraud are shown to staff only."
    )
    def changes(
        self,
        info: Info,
        from_: Annotated[
            int, strawberry.argument(name="from", description="Number of the earlier version.")
        ],
        to: Annotated[int, strawberry.argument(description="Number of the later version.")],
    ) -> list[PolicyChange]:
        found = changes_of_versions(info.context.programme, from_, to)
        return shown_to(info.context.caller, found)

    @field("Description of everything in the policy in force, as Markdown.")
    def guide(self, info: Info, locale: InLocale = None) -> str:
        version = version_at(info.context.programme, info.context.now)
        return guide_of(version, language(info, locale))

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
