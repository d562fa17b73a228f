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
from api.wording.words import InLocale, current_policy, language
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
    "What members qualify for tiers by.",
    {
        TierBasis.SPEND: "Money paid in cash, in the programme's currency.",
        TierBasis.BOOKINGS: "How many bookings were made.",
        TierBasis.COMPLETED_BOOKINGS: "How many bookings were travelled, used, stayed to the end.",
        TierBasis.NIGHTS: "How many nights were booked.",
        TierBasis.POINTS: "How many points were earned.",
    },
)


@strawberry.type(description="Something that comes with a tier.")
class Benefit:
    words: strawberry.Private[nodes.Words]

    @field("The benefit in words.")
    def text(self, info: Info, locale: InLocale = None) -> str:
        return self.words.in_locale(language(info, locale))


@strawberry.type(description="One level of the programme.")
class Tier:
    code: str = strawberry.field(description="Its code, stable for programs.")
    rank: int = strawberry.field(description="0 for the entry tier, then upwards.")
    threshold: Decimal = strawberry.field(description="What it takes, on the programme's basis.")
    multiplier: Decimal = strawberry.field(description="What base points are multiplied by.")
    discount_percent: Decimal = strawberry.field(description="The discount on bookings.")
    level: strawberry.Private[levels.Tier]

    @field("Its name.")
    def name(self, info: Info, locale: InLocale = None) -> str:
        return self.level.name.in_locale(language(info, locale))

    @field("What comes with it.")
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
    )


@strawberry.type(description="How far it is to the next tier.")
class TierProgress:
    basis: TierBasis = strawberry.field(description="What counts.")
    current: Decimal = strawberry.field(description="What counts so far, in the window.")
    required: Decimal | None = strawberry.field(
        description="What the next tier takes; null at the top."
    )
    next: Tier | None = strawberry.field(description="The next tier; null at the top.")
    policy: strawberry.Private[Policy]

    @field("The same in words.")
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


@strawberry.type(description="Where a member stands.")
class Standing:
    tier: Tier = strawberry.field(description="The member's tier now.")
    since: datetime = strawberry.field(description="Since when.")
    until: datetime | None = strawberry.field(
        description="The last second of the period that it is had for, or of the grace behind it "
        "once that has begun; it is lost then unless it is qualified for again. Null for good."
    )
    progress: TierProgress = strawberry.field(description="How far it is to the next one.")


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
    @field("The programme's tiers, the entry tier first.")
    async def tiers(self, info: Info) -> list[Tier]:
        await learn_language(info)
        policy = current_policy(info)
        return [to_tier(policy, level.code) for level in policy.tiers.levels]
