"""Tiers as members see them: the levels, a member's standing, and the progress to the next
level.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import strawberry

from api.balances import learn_language
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.wording.catalogues import sentence
from api.wording.messages import list_text, money_text, number_text
from api.wording.words import InLocale, benefit_text, current_policy, discount_text, language
from domain.kernel import money
from domain.members.members import Member
from domain.programmes import levels, nodes
from domain.programmes.benefits import LevelBenefit
from domain.programmes.policy import Policy
from domain.tiers import qualification, tier_windows
from domain.tiers.values import Qualifying


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


@strawberry.type(description="Measure by which members qualify for a tier.")
class TierMeasure:
    basis: TierBasis = strawberry.field(description="Measure by which members qualify.")
    current: Decimal | None = strawberry.field(
        description="Amount that counts so far, within the qualification window; null when it is "
        "not about a member."
    )
    required: Decimal | None = strawberry.field(
        description="Amount needed for the tier; null at the highest tier."
    )


class BenefitPeriod(StrEnum):
    YEAR = "year"
    MONTH = "month"


describe(
    BenefitPeriod,
    "Period after which the uses of a benefit start again, in the programme's local days.",
    {
        BenefitPeriod.YEAR: "Calendar year.",
        BenefitPeriod.MONTH: "Calendar month.",
    },
)


@strawberry.type(description="A benefit of a tier.")
class Benefit:
    code: str | None = strawberry.field(
        description="Stable code of the benefit; null when its uses are not recorded."
    )
    uses: int | None = strawberry.field(
        description="Number of uses in each period; null when there is no limit."
    )
    per: BenefitPeriod | None = strawberry.field(
        description="Period of the uses; null when there is no limit."
    )
    given: strawberry.Private[nodes.Words | LevelBenefit]
    policy: strawberry.Private[Policy]

    @field("The benefit in words.")
    def text(self, info: Info, locale: InLocale = None) -> str:
        return benefit_text(self.policy, self.given, language(info, locale))


def to_benefit(policy: Policy, given: nodes.Words | LevelBenefit) -> Benefit:
    if isinstance(given, nodes.Words):
        return Benefit(code=None, uses=None, per=None, given=given, policy=policy)
    per = given.per and BenefitPeriod(given.per)
    return Benefit(code=given.benefit, uses=given.uses, per=per, given=given, policy=policy)


@strawberry.type(description="One level of the programme.")
class Tier:
    code: str = strawberry.field(description="Stable code of the tier.")
    rank: int = strawberry.field(
        description="Rank of the tier: 0 for the entry tier, then upwards."
    )
    threshold: Decimal = strawberry.field(
        description="Amount needed to qualify, in the unit of the programme's basis; the first of "
        "`thresholds`."
    )
    multiplier: Decimal = strawberry.field(description="Factor applied to base points.")
    discount_percent: Decimal = strawberry.field(
        description="Discount on every booking, in percent; `discounts` lists all discounts."
    )
    level: strawberry.Private[levels.Tier]
    policy: strawberry.Private[Policy]

    @field("Name of the tier.")
    def name(self, info: Info, locale: InLocale = None) -> str:
        return self.level.name.in_locale(language(info, locale))

    @field("Amounts needed to qualify, by measure; reaching any one of them is enough.")
    def thresholds(self) -> list["TierMeasure"]:
        return [
            TierMeasure(basis=TierBasis(basis), current=None, required=least)
            for basis, least in self.policy.tiers.thresholds(self.level).items()
        ]

    @field("Discounts of the tier in words, one sentence each.")
    def discounts(self, info: Info, locale: InLocale = None) -> list[str]:
        reader = language(info, locale)
        return [discount_text(self.policy, one, reader) for one in self.level.all_discounts]

    @field("Benefits of the tier.")
    def benefits(self) -> list[Benefit]:
        return [to_benefit(self.policy, given) for given in self.level.benefits]


def to_tier(policy: Policy, code: str) -> Tier:
    level = policy.level(code)
    return Tier(
        code=level.code,
        rank=policy.rank(level.code),
        threshold=next(iter(policy.tiers.thresholds(level).values())),
        multiplier=level.multiplier,
        discount_percent=level.discount_percent,
        level=level,
        policy=policy,
    )


@strawberry.type(description="Progress towards the next tier.")
class TierProgress:
    basis: TierBasis = strawberry.field(
        description="Measure by which members qualify; when there are several, the one nearest to "
        "the next tier."
    )
    current: Decimal = strawberry.field(
        description="Amount that counts so far, within the qualification window."
    )
    required: Decimal | None = strawberry.field(
        description="Amount needed for the next tier; null at the highest tier."
    )
    next: Tier | None = strawberry.field(description="The next tier; null at the highest tier.")
    measures: list[TierMeasure] = strawberry.field(
        description="Measures by which members qualify, each with its progress."
    )
    policy: strawberry.Private[Policy]

    @field("The progress in words.")
    def text(self, info: Info, locale: InLocale = None) -> str:
        reader = language(info, locale)
        if self.next is None or self.required is None:
            return sentence("tier.highest", reader)
        missing = _missing(self.policy, self.measures, reader)
        name = self.next.level.name.in_locale(reader)
        window = window_text(self.policy, reader)
        return sentence("tier.next", reader, missing=missing, tier=name, window=window)


def _missing(policy: Policy, measures: Sequence[TierMeasure], reader: str) -> str:
    """The missing amount by each measure; with only one measure, its name is omitted."""
    said = []
    for measure in measures:
        required, current = measure.required or Decimal(0), measure.current or Decimal(0)
        missing = max(required - current, Decimal(0))
        if measure.basis is TierBasis.SPEND:
            minor = money.to_minor_units(missing, policy.currency)
            said.append(money_text(minor, policy.currency, reader))
        elif len(measures) == 1:
            said.append(number_text(missing, reader))
        else:
            number = number_text(missing, reader)
            said.append(sentence(f"measure.{measure.basis}", reader, number=number))
    return list_text(said, reader, style="or")


def window_text(policy: Policy, reader: str) -> str:
    """The time over which it counts, to be added after a sentence; empty where it always counts."""
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
        "that follows, once it has begun; the tier is then lost unless the member qualifies "
        "again. Null when the tier is kept without end."
    )
    progress: TierProgress = strawberry.field(description="Progress towards the next tier.")


def to_standing(policy: Policy, member: Member) -> Standing:
    return Standing(
        tier=to_tier(policy, member.tier),
        since=member.holding.since,
        until=tier_windows.last_second(member.holding.as_named(policy).kept_until),
        progress=_to_progress(policy, member.tier, member.qualifying),
    )


def standing_of_nobody(policy: Policy, now: datetime) -> Standing:
    """The standing of a member who would join now."""
    entry = policy.tiers.levels[0].code
    progress = _to_progress(policy, entry, Qualifying())
    return Standing(tier=to_tier(policy, entry), since=now, until=None, progress=progress)


def _to_progress(policy: Policy, tier: str, qualifying: Qualifying) -> TierProgress:
    found = qualification.progress(policy, tier, qualifying)
    return TierProgress(
        basis=TierBasis(found.nearest.basis),
        current=found.nearest.current,
        required=found.nearest.required,
        measures=[
            TierMeasure(basis=TierBasis(one.basis), current=one.current, required=one.required)
            for one in found.measures
        ],
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
