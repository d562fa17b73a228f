"""Figures of the settled days, as staff read them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Annotated

import strawberry

from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.kit.request_errors import RequestError, RequestErrorCode
from api.kit.scalars import Money, Points, money
from api.tiers import Tier, to_tier
from api.wording.catalogues import sentence
from api.wording.words import InLocale, current_policy, language
from domain.insight import cohorts, kpis, ratios, returning, standing
from domain.insight.figures import Measure
from domain.insight.kpis import (
    Asked,
    Grain,
    KpiDimension,
    NothingSettled,
    Period,
    PeriodInvalid,
    TooManyRows,
)
from domain.members.statuses import MemberStatus
from domain.partners.terms import month_text

describe(
    KpiDimension,
    "Dimension by which figures are split.",
    {
        KpiDimension.PRODUCT: "Code of the product; `mixed` for a booking with several products.",
        KpiDimension.CITY: "Attribute `city` of a line; `mixed` for a booking with several cities.",
        KpiDimension.TIER: "Code of the tier that the member had at that time.",
        KpiDimension.STATUS: "`ENROLLED` or, for bookings of guests, `GUEST`.",
    },
)
describe(
    Grain,
    "Parts into which a period is divided.",
    {
        Grain.DAY: "Local days.",
        Grain.MONTH: "Calendar months.",
        Grain.YEAR: "Calendar years.",
    },
)


@strawberry.input(
    description="Period of days in the programme's time zone, including both the first and the "
    "last."
)
class PeriodInput:
    from_: date = strawberry.field(name="from", description="First day.")
    through: date = strawberry.field(
        description=f"Last day; not before the first. The period has at most {kpis.DAYS_MAX} days."
    )


@strawberry.type(description="Ratio of two exact numbers.")
class Ratio:
    numerator: Decimal = strawberry.field(description="Number above the line.")
    denominator: Decimal = strawberry.field(description="Number below the line.")
    value: Decimal | None = strawberry.field(
        description="`numerator` divided by `denominator`, rounded half-even to 6 decimals; null "
        "when `denominator` is 0."
    )


def to_ratio(found: ratios.Ratio) -> Ratio:
    return Ratio(numerator=found.numerator, denominator=found.denominator, value=found.value)


@strawberry.type(description="Figures of a period, and the indicators computed from them.")
class Kpis:
    bookings: int = strawberry.field(
        description="Number of bookings made, less those of which refunds and amendments left "
        "nothing."
    )
    cash: Money = strawberry.field(
        description="Money paid for bookings in cash, after refunds and amendments."
    )
    granted: Points = strawberry.field(
        description="Points granted for bookings, less those lost again by refunds and amendments."
    )
    activity_granted: Points = strawberry.field(
        description="Points granted for activities and by the programme itself, less those that "
        "were taken back."
    )
    earned: Points = strawberry.field(
        description="Points credited to members, less those clawed back."
    )
    redeemed: Points = strawberry.field(
        description="Points redeemed and captured, less those reinstated."
    )
    expired: Points = strawberry.field(description="Points that expired.")
    reward_cost: Money = strawberry.field(
        description="Cost of the rewards redeemed, less the cost of those cancelled."
    )
    joined: int = strawberry.field(description="Number of members who enrolled.")
    upgraded: int = strawberry.field(
        description="Number of rises to a higher tier; split by tier, they count for the tier "
        "before the rise."
    )
    fell: int = strawberry.field(
        description="Number of falls to a lower tier; split by tier, they count for the tier "
        "before the fall."
    )
    points_per_booking: Ratio = strawberry.field(description="`granted` divided by `bookings`.")
    points_per_unit: Ratio = strawberry.field(
        description="`granted` divided by `cash` in units of the currency."
    )
    burn: Ratio = strawberry.field(description="`redeemed` divided by `earned`.")
    return_rate: Ratio = strawberry.field(
        description="Worth of `granted`, under the policy in force on each day, divided by `cash`."
    )
    return_with_activities: Ratio = strawberry.field(
        description="Worth of `granted` and `activityGranted`, divided by `cash`."
    )


def to_kpis(found: kpis.Kpis) -> Kpis:
    def points(measure: Measure) -> Points:
        return Points(found.of(measure))

    return Kpis(
        bookings=found.of(Measure.BOOKINGS),
        cash=money(found.of(Measure.CASH), found.currency),
        granted=points(Measure.GRANTED),
        activity_granted=points(Measure.ACTIVITY_GRANTED),
        earned=points(Measure.EARNED),
        redeemed=points(Measure.REDEEMED),
        expired=points(Measure.EXPIRED),
        reward_cost=money(found.of(Measure.REWARD_COST), found.currency),
        joined=found.of(Measure.JOINED),
        upgraded=found.of(Measure.UPGRADED),
        fell=found.of(Measure.FELL),
        points_per_booking=to_ratio(found.points_per_booking),
        points_per_unit=to_ratio(found.points_per_unit),
        burn=to_ratio(found.burn),
        return_rate=to_ratio(found.return_rate),
        return_with_activities=to_ratio(found.return_with_activities),
    )


@strawberry.type(description="Figures of one part of a period, for one value of the dimension.")
class KpiRow:
    key: str | None = strawberry.field(
        description="Value of the dimension, `-` when there is none; null without a dimension."
    )
    from_: date = strawberry.field(name="from", description="First day of the part.")
    figures: Kpis = strawberry.field(description="Figures of the part.")


@strawberry.type(
    description="Share of members who booked again; bookings of one day count as one trip."
)
class Repurchase:
    days: int = strawberry.field(description="Number of days within which they booked again.")
    members: Ratio = strawberry.field(
        description="Members with another trip 1 to `days` days after their first one in the "
        "period, divided by the members whose first one is followed by `days` settled days or "
        "more."
    )
    guests: Ratio = strawberry.field(description="The same for guests who never enrolled.")


@strawberry.type(description="Figures of a month, from all that is known now.")
class MonthFigures:
    month: str = strawberry.field(description="Month, such as `2026-12`.")
    redemption_rate: Ratio = strawberry.field(
        description="Points held and redeemed from lots earned in the month, less those "
        "reinstated, divided by the points credited to these lots, less those clawed back."
    )
    active: int = strawberry.field(
        description="Number of members and guests with a booking, redemption or activity in the "
        "month."
    )
    active_in_12_months: int = strawberry.field(
        name="activeIn12Months",
        description="The same for the twelve months that end with this month.",
    )


@strawberry.type(description="Figures of a tier over a period.")
class TierShare:
    tier: Tier = strawberry.field(description="Tier, as in the policy in force.")
    members: int = strawberry.field(description="Number of members at the end of the period.")
    cash: Money = strawberry.field(description="Cash of bookings made by members of the tier.")
    share: Ratio = strawberry.field(description="`cash` divided by the cash of all bookings.")
    risen: Ratio = strawberry.field(
        description="Number of rises from the tier to a higher one, divided by the tier's members "
        "before the first day."
    )


@strawberry.type(description="Figures of a period, as they were known at the end of a day.")
class KpiReport:
    settled_through: date = strawberry.field(
        description="Last settled day; no figure contains anything later."
    )
    total: Kpis = strawberry.field(description="Figures of the whole period.")
    rows: list[KpiRow] = strawberry.field(
        description="Figures by part of the period, then by value of the dimension; at most "
        f"{kpis.ROWS_MAX}."
    )
    found: strawberry.Private[kpis.KpiReport]

    @field("Share of members who booked again; null with `by` or `knownAt`.")
    async def repurchase(self, info: Info) -> list[Repurchase] | None:
        if self.is_partial:
            return None
        asked = self.found.asked.period, self.settled_through
        return [
            Repurchase(days=one.days, members=to_ratio(one.members), guests=to_ratio(one.guests))
            for one in await returning.repurchase(info.context.programme, *asked)
        ]

    @field("Months of the period that contain settled days; null with `by` or `knownAt`.")
    async def months(self, info: Info) -> list[MonthFigures] | None:
        if self.is_partial:
            return None
        asked = self.found.asked.period, self.settled_through
        return [
            MonthFigures(
                month=month_text(one.month),
                redemption_rate=to_ratio(one.redemption_rate),
                active=one.active,
                active_in_12_months=one.active_in_12_months,
            )
            for one in await returning.months(info.context.programme, *asked)
        ]

    @field("Tiers from the entry tier upwards; null with `by` or `knownAt`.")
    async def tiers(self, info: Info) -> list[TierShare] | None:
        if self.is_partial:
            return None
        programme, policy = info.context.programme, current_policy(info)
        asked = self.found.asked.period, self.settled_through
        return [
            TierShare(
                tier=to_tier(policy, one.code),
                members=one.members,
                cash=money(one.cash_minor, policy.currency),
                share=to_ratio(one.share),
                risen=to_ratio(one.risen),
            )
            for one in await standing.tiers(programme, policy, *asked)
        ]

    @property
    def is_partial(self) -> bool:
        """Whether it selects a part or an earlier state, which members' own rows do not have."""
        return self.found.asked.by is not None or self.found.asked.known_at is not None

    @field("Notes that a reader of the figures needs.")
    def notes(self, info: Info, locale: InLocale = None) -> list[str]:
        reader = language(info, locale)
        return [sentence(f"figures.note.{name}", reader) for name in kpis.notes_of(self.found)]


def to_report(found: kpis.KpiReport) -> KpiReport:
    return KpiReport(
        settled_through=found.settled_through,
        total=to_kpis(found.total),
        rows=[
            KpiRow(key=row.key, from_=row.first, figures=to_kpis(row.figures)) for row in found.rows
        ],
        found=found,
    )


@strawberry.type(
    description="Members whose first booking was in one month. The lists have one place for each "
    "month, from that month (offset 0) to the last one whose days are all settled."
)
class Cohort:
    month: str = strawberry.field(description="Month of the first booking, such as `2026-12`.")
    members: int = strawberry.field(description="Number of members.")
    active: list[int] = strawberry.field(
        description="Number of members with a booking, redemption or activity, by month."
    )
    ltv: list[Ratio] = strawberry.field(
        description="Cash of all bookings up to the end of each month, in units of the currency, "
        "divided by the number of members in the cohort."
    )
    ltv_net: list[Ratio] = strawberry.field(description="The same, less the cost of their rewards.")


def to_cohort(found: cohorts.Cohort) -> Cohort:
    return Cohort(
        month=month_text(found.month),
        members=found.members,
        active=list(found.active),
        ltv=[to_ratio(one) for one in found.ltv],
        ltv_net=[to_ratio(one) for one in found.ltv_net],
    )


@contextmanager
def refusing() -> Iterator[None]:
    """Turns an impossible question into an error of the request."""
    try:
        yield
    except NothingSettled:
        raise _refused("No day of the programme is settled yet.") from None
    except PeriodInvalid:
        said = f"`period` ends before it begins, or has more than {kpis.DAYS_MAX} days."
        raise _refused(said) from None
    except TooManyRows:
        said = f"The answer has more than {kpis.ROWS_MAX} rows: ask for less, or by a longer grain."
        raise _refused(said) from None


def _refused(said: str) -> RequestError:
    return RequestError(RequestErrorCode.BAD_USER_INPUT, said)


InPeriod = Annotated[PeriodInput, strawberry.argument(description="Days that the figures cover.")]


@strawberry.type
class KpisQuery:
    @field(
        "Figures of the settled days of a period. A booking counts on its own day, and so do its "
        "refunds and amendments; a ledger entry counts on the day on which it took effect."
    )
    async def kpis(
        self,
        info: Info,
        period: InPeriod,
        by: Annotated[
            KpiDimension | None,
            strawberry.argument(description="Dimension by which rows are split; none by default."),
        ] = None,
        grain: Annotated[
            Grain, strawberry.argument(description="Parts of the period that rows are given for.")
        ] = Grain.MONTH,
        known_at: Annotated[
            date | None,
            strawberry.argument(
                description="Day at whose end the facts used were known; defaults to the last "
                "settled day."
            ),
        ] = None,
    ) -> KpiReport:
        asked = Asked(Period(period.from_, period.through), by, grain, known_at)
        with refusing():
            return to_report(await kpis.report(info.context.programme, asked))

    @field(
        "Members by the month of their first booking, with what they have bought since. Customers "
        "who would buy more anyway are more likely to join, so the difference between cohorts of "
        "members and of guests does not show the effect of the programme."
    )
    async def cohorts(
        self,
        info: Info,
        period: InPeriod,
        status: Annotated[
            MemberStatus,
            strawberry.argument(
                description="`ENROLLED` selects members who ever enrolled, `GUEST` those who "
                "never did; any other value selects by the status now."
            ),
        ] = MemberStatus.ENROLLED,
    ) -> list[Cohort]:
        asked = Period(period.from_, period.through)
        with refusing():
            found = await cohorts.cohorts(info.context.programme, asked, status)
        return [to_cohort(one) for one in found]
