"""Tiers as members see them: the levels, where one stands, and how far it is to the next."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import strawberry

from api.balances import learn_language
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.wording.catalogues import sentence
from api.wording.messages import money_text, number_text
from api.wording.words import InLocale, current_policy, discount_text, language
from domain.kernel import money
from domain.members.members import Member
from domain.programmes import levels, nodes
from domain.programmes.policy import Policy
from domain.tiers import qualification, tier_windows


class TierBasis(StrEnum):
    SPEND = "spend"
    BOOKINGS = "bookings"
    COMPLETED_BOOKINGS = "completed_bookings"
    NIGHTS = "nights"
    POINTS = "points"


describe(
    TierBasis,
    "Measure by which members qualify for tiers.",
    {
        TierBasis.SPEND: "Money paid in cash, in the programme's currency.",
        TierBasis.BOOKINGS: "Number of bookings made.",
        TierBasis.COMPLETED_BOOKINGS: "Number of bookings completed.",
        TierBasis.NIGHTS: "Number of nights booked.",
        TierBasis.POINTS: "Number of points earned.",
    },
)


@strawberry.type(description="A benefit of a tier.")
class Benefit:
    words: strawberry.Private[nodes.Words]

    @field("The benefit in words.")
    def text(self, info: Info, locale: InLocale = None) -> str:
        return self.words.in_locale(language(info, locale))


@strawberry.type(description="One level of the programme.")
class Tier:
    code: str = strawberry.field(description="Stable code of the tier.")
    rank: int = strawberry.field(
        description="Rank of the tier: 0 for the entry tier, then upwards."
    )
    threshold: Decimal = strawberry.field(
        description="Amount needed to qualify, in the unit of the programme's basis."
    )
    multiplier: Decimal = strawberry.field(description="Factor applied to base points.")
    discount_percent: Decimal = strawberry.field(
        description="Discount on every booking, in percent; `discounts` names all."
    )
    level: strawberry.Private[levels.Tier]
    policy: strawberry.Private[Policy]

    @field("Name of the tier.")
    def name(self, info: Info, locale: InLocale = None) -> str:
        return self.level.name.in_locale(language(info, locale))

    @field("Discounts of the tier in words, one sentence each.")
    def discounts(self, info: Info, locale: InLocale = None) -> list[str]:
        reader = language(info, locale)
        return [discount_text(self.policy, one, reader) for one in self.level.all_discounts]

    @field("Benefits of the tier.")
    def benefits(self) -> list[Benefit]:
        return [Benefit(words=words) for words in self.level.benefits]


def to_tier(policy: Policy, code: str) -> Tier:
    level = policy.level(code)
    return Tier(
        code=level.code,
        rank=policy.rank(level.code),
        threshold=level.threshold,
        multiplier=level.multiplier,
        discount_percent=level.discount_percent,
        level=level,
        policy=policy,
    )


@strawberry.type(description="Progress towards the next tier.")
class TierProgress:
    basis: TierBasis = strawberry.field(description="Measure by which members qualify.")
    current: Decimal = strawberry.field(
        description="Amount that counts so far, within the qualification window."
    )
    required: Decimal | None = strawberry.field(
        description="Amount needed for the next tier; null at the highest tier."
    )
    next: Tier | None = strawberry.field(description="The next tier; null at the highest tier.")
    policy: strawberry.Private[Policy]

    @field("The progress in words.")
    def text(self, info: Info, locale: InLocale = None) -> str:
        reader = language(info, locale)
        if self.next is None or self.required is None:
            return sentence("tier.highest", reader)
        missing = self._amount(max(self.required - self.current, Decimal(0)), reader)
        name = self.next.level.name.in_locale(reader)
        window = window_text(self.policy, reader)
        return sentence("tier.next", reader, missing=missing, tier=name, window=window)

    def _amount(self, amount: Decimal, reader: str) -> str:
        if self.basis is not TierBasis.SPEND:
            return number_text(amount, reader)
        currency = self.policy.currency
        return money_text(money.to_minor_units(amount, currency), currency, reader)


def window_text(policy: Policy, reader: str) -> str:
    """Over what time it counts, behind a sentence; nothing where it counts for ever."""
    match policy.tiers.window:
        case levels.RollingWindow(months=months):
            several = "window.months" if months > 1 else "window.month"
            return sentence(several, reader, months=months)
        case "calendar_year":
            return sentence("window.calendar_year", reader)
        case _:
            return ""


@strawberry.type(description="Tier of a member, with the progress to the next.")
class Standing:
    tier: Tier = strawberry.field(description="Current tier.")
    since: datetime = strawberry.field(description="Instant since which the member has this tier.")
    until: datetime | None = strawberry.field(
        description="Last second of the period for which the tier is kept, or of the grace period "
        "after it once that has begun; the tier is then lost unless the member qualifies again. "
        "Null when the tier is kept without end."
    )
    progress: TierProgress = strawberry.field(description="Progress towards the next tier.")


def to_standing(policy: Policy, member: Member) -> Standing:
    return Standing(
        tier=to_tier(policy, member.tier),
        since=member.holding.since,
        until=tier_windows.last_second(member.holding.as_named(policy).kept_until),
        progress=to_progress(policy, member),
    )


def to_progress(policy: Policy, member: Member) -> TierProgress:
    found = qualification.progress(policy, member.tier, member.qualifying)
    return TierProgress(
        basis=TierBasis(policy.tiers.basis),
        current=found.current,
        required=found.required,
        next=to_tier(policy, found.next.code) if found.next else None,
        policy=policy,
    )


@strawberry.type
class TiersQuery:
    @field("Tiers of the programme, lowest first.")
    async def tiers(self, info: Info) -> list[Tier]:
        await learn_language(info)
        policy = current_policy(info)
        return [to_tier(policy, level.code) for level in policy.tiers.levels]
