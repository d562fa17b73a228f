"""The policy document: everything that one programme decides, in one validated text.

A document is written by the people who run the programme, in YAML or JSON. All its faults
are reported at once, each with its path; what is accepted can be evaluated. Rates and
factors are exact decimals, money is in the programme's currency, points are whole.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision
from pydantic import Field

from domain.kernel.money import to_minor_units
from domain.programmes.benefits import BENEFITS_MAX, Benefit
from domain.programmes.conditions import Asked, Condition, Conditions, Vocabulary
from domain.programmes.counts import COUNTS_MAX, Count
from domain.programmes.experiment_terms import EXPERIMENTS_MAX, Experiment
from domain.programmes.grants import AnyGrant, CalendarGrant, on_day
from domain.programmes.levels import Tier, Tiers
from domain.programmes.nodes import Code, Kind, Node, Price, Words
from domain.programmes.referral_terms import ReferralTerms
from domain.programmes.risk_terms import RiskTerms
from domain.programmes.rules import (
    PROGRAMME_FUNDER,
    ActivityRule,
    Availability,
    Budget,
    EarningRule,
    Expiry,
    Limit,
)
from domain.programmes.seasons import Season
from domain.programmes.segments import SEGMENTS_MAX, Segment
from domain.programmes.selectors import FactSelector, Range, SegmentSelector, Selector
from domain.programmes.terms import (
    Cap,
    ClaimTerms,
    CompletionTerms,
    ConsentTerms,
    CouponTerms,
    FactTerms,
    FinanceTerms,
    HoldTerms,
    NoticeTerms,
    OffsetTerms,
    PointsTerms,
    ProfileKey,
    PublishingTerms,
    QuoteTerms,
    RedemptionRate,
    RefundTerms,
    ReminderTerms,
    StaffTerms,
    TargetReturn,
    TransferTerms,
)

_minor_units = lru_cache(maxsize=4096)(to_minor_units)


def _terms(expiry: Expiry | None) -> tuple[int, str] | None:
    return None if expiry is None else (expiry.months, expiry.through)


class Policy(Node):
    """One programme's whole policy document."""

    programme: Code
    name: Words
    timezone: str
    currency: str
    products: tuple[Code, ...] = Field(min_length=1)
    product_names: dict[Code, Words] = Field(
        default_factory=dict,
        description="Names of products, including those no longer sold; a product without a name "
        "is shown by its code.",
    )
    payment_methods: tuple[Code, ...] = ()
    attributes: dict[Code, Kind] = Field(default_factory=dict, description="Numbers are whole.")
    profile: dict[Code, ProfileKey] = Field(
        default_factory=dict, description="Values of members' profiles that rules use."
    )
    counts: dict[Code, Count] = Field(
        default_factory=dict,
        max_length=COUNTS_MAX,
        description="Numbers computed from what a member did, which rules name by their codes.",
    )
    segments: tuple[Segment, ...] = Field(
        (),
        max_length=SEGMENTS_MAX,
        description="Groups of members, which rules name by their codes.",
    )
    facts: FactTerms
    points: PointsTerms | None = Field(
        None, description="Without it there are no points: members only have tiers and discounts."
    )
    tiers: Tiers
    benefits: tuple[Benefit, ...] = Field(
        (), max_length=BENEFITS_MAX, description="Benefits whose uses are recorded."
    )
    seasons: tuple[Season, ...] = ()
    multiplier_classes: tuple[Code, ...] = ()
    earning: tuple[EarningRule, ...] = ()
    activities: tuple[ActivityRule, ...] = ()
    grants: tuple[AnyGrant, ...] = ()
    caps: tuple[Cap, ...] = Field(
        (),
        description="Largest number of points that one member may gain by all rules, "
        "activities and grants.",
    )
    redemption_rates: tuple[RedemptionRate, ...] = ()
    prices: dict[Code, Price] = Field(
        default_factory=dict,
        description="List prices in points by reward, where they differ from the catalogue.",
    )
    completion: CompletionTerms = CompletionTerms()
    refunds: RefundTerms = RefundTerms()
    offset: OffsetTerms | None = Field(
        None, description="Without it bookings cannot be paid in points."
    )
    holds: HoldTerms = HoldTerms()
    quotes: QuoteTerms = QuoteTerms()
    reminders: ReminderTerms | None = Field(
        None, description="Without it nobody is reminded of points that expire soon."
    )
    transfers: TransferTerms | None = Field(
        None, description="Without it members cannot give points to each other."
    )
    referrals: ReferralTerms | None = Field(
        None, description="Without it nobody is paid for referring friends."
    )
    claims: ClaimTerms | None = Field(
        None, description="Without it members cannot claim points of missing bookings."
    )
    consent: ConsentTerms = ConsentTerms()
    coupons: CouponTerms = CouponTerms()
    notices: NoticeTerms = NoticeTerms()
    target_return: TargetReturn | None = Field(
        None, description="Without it the largest return of a booking is not proved."
    )
    publishing: PublishingTerms = PublishingTerms()
    staff: StaffTerms = StaffTerms()
    finance: FinanceTerms = FinanceTerms()
    risk: RiskTerms = RiskTerms()
    experiments: tuple[Experiment, ...] = Field(
        (),
        max_length=EXPERIMENTS_MAX,
        description="Different values of some fields, which apply to some members for a time.",
    )

    @cached_property
    def kept(self) -> dict[Any, Any]:
        """What was made of it once, by the function that made it: see `made.once`."""
        return {}

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def minor_per_point(self) -> Fraction:
        """Worth of one point, in minor units of the currency; 0 without points."""
        if self.points is None:
            return Fraction(0)
        digits = get_currency_precision(self.currency)
        return Fraction(self.points.worth.money) * int(10**digits) / self.points.worth.points

    def minor_units(self, amount: Decimal) -> int:
        """An amount of the document in minor units of its currency."""
        return _minor_units(amount, self.currency)

    @property
    def has_points(self) -> bool:
        return self.points is not None

    @property
    def expiry(self) -> Expiry | None:
        """Validity of points; None where they never expire, or without points."""
        return self.points.expiry if self.points else None

    @property
    def availability(self) -> Availability:
        """When points can be spent, if their rule does not say so."""
        return self.points.available if self.points else "at_payment"

    @cached_property
    def rules(self) -> dict[str, "EarningRule | ActivityRule"]:
        return {rule.code: rule for rule in (*self.earning, *self.activities)}

    @cached_property
    def grant_codes(self) -> dict[str, AnyGrant]:
        return {grant.code: grant for grant in self.grants}

    @cached_property
    def calendar_grants(self) -> dict[str, CalendarGrant]:
        """Grants on a day of the year, in either way of writing them."""
        grants = [grant for grant in self.grants if isinstance(grant, CalendarGrant)]
        older = [on_day(rule) for rule in self.activities if rule.on]
        return {grant.code: grant for grant in (*older, *grants)}

    @cached_property
    def budgets(self) -> dict[str, Budget]:
        """By rule, activity or grant that has one."""
        every = (*self.rules.values(), *self.grants)
        return {one.code: one.budget for one in every if one.budget is not None}

    @cached_property
    def _own_terms(self) -> dict[str, str]:
        terms = {
            rule.code: (_terms(rule.expiry or self.expiry), rule.funder) for rule in self.earning
        }
        first = {own: code for code, own in reversed(terms.items())}
        usual = (_terms(self.expiry), PROGRAMME_FUNDER)
        found = {code: first[own] for code, own in terms.items() if own != usual}
        for rule in (*self.activities, *self.grants):
            if (_terms(rule.expiry or self.expiry), rule.funder) != usual:
                found[rule.code] = rule.code
        return found

    def own_terms(self, code: str) -> str | None:
        """The first rule that has the terms of this one's points; None for those of all points."""
        return self._own_terms.get(code)

    def terms(self, rule: str | None) -> tuple[Expiry | None, str]:
        """Validity and funder of points whose lot names this rule."""
        own = (self.rules.get(rule) or self.grant_codes.get(rule)) if rule else None
        if own is None:
            return self.expiry, PROGRAMME_FUNDER
        return own.expiry or self.expiry, own.funder

    @cached_property
    def activity_types(self) -> dict[str, ActivityRule]:
        return {rule.code: rule for rule in self.activities}

    @cached_property
    def selectors(self) -> tuple[FactSelector, ...]:
        """Everything that is asked of a fact or member, by any rule."""
        asked: list[FactSelector] = [rule.when for rule in (*self.rules.values(), *self.grants)]
        asked += [step.when for grant in self.grants for step in getattr(grant, "steps", ())]
        if self.referrals is not None:
            asked.append(self.referrals.when)
        return tuple(asked)

    @cached_property
    def member_selectors(self) -> tuple[SegmentSelector, ...]:
        """Everything that is asked of a member, by any rule or segment."""
        of_segments = (segment.when for segment in self.segments if segment.when is not None)
        return (*self.selectors, *of_segments)

    @cached_property
    def profile_keys(self) -> frozenset[str]:
        """The profile values that any rule asks for."""
        asked = (when.member for when in self.member_selectors)
        keys = {key for member in asked for key in (member and member.profile) or ()}
        return frozenset(keys.union(*(one.codes("member.profile") for one in self.conditions)))

    @cached_property
    def asks_for_joining(self) -> bool:
        """Whether any rule asks how long ago the member joined."""
        selectors = (when.member for when in self.member_selectors)
        return any(
            wanted is not None and wanted.joined_days is not None for wanted in selectors
        ) or any("member.joined_days" in one.names for one in self.conditions)

    def asks_for_particulars(self, when: FactSelector) -> bool:
        """Whether a selector asks for the birthday or profile, itself or by a segment."""
        for asked in (when, *(segment.when for segment in self.segments_asked(when))):
            if asked is None:
                continue
            member, condition = asked.member, self.condition(asked)
            if member is not None and (member.birthday_month or member.profile):
                return True
            if condition is not None and (
                "member.birthday_month" in condition.names or condition.codes("member.profile")
            ):
                return True
        return False

    @cached_property
    def _read(self) -> Conditions:
        profile = {key: declared.type for key, declared in self.profile.items()}
        segments = tuple(segment.code for segment in self.segments)
        return Conditions(Vocabulary(self.attributes, profile, tuple(self.counts), segments))

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Every expression that is asked by any rule or segment."""
        found = (self.condition(when) for when in self.member_selectors)
        return tuple(one for one in found if one is not None)

    def condition(self, when: SegmentSelector) -> Condition | None:
        """The expression of a selector of this policy; None where it has none."""
        if when.cel is None:
            return None
        if isinstance(when, Selector):
            return self._read.of(Asked.LINE, when.cel)
        if not isinstance(when, FactSelector):
            return self._read.of(Asked.SEGMENT, when.cel)
        activity = next((rule for rule in self.activities if rule.when is when), None)
        if activity is None:
            return self._read.of(Asked.FACT, when.cel)
        return self._read.of(Asked.ACTIVITY, when.cel, activity.attributes)

    @cached_property
    def limits(self) -> dict[str, Limit]:
        """By earning rule that has one."""
        return {rule.code: rule.limit for rule in self.earning if rule.limit is not None}

    @cached_property
    def asked_of_bookings(self) -> tuple[FactSelector, ...]:
        """What earning rules ask."""
        return tuple(rule.when for rule in self.earning)

    def segments_asked(self, *selectors: FactSelector) -> tuple[Segment, ...]:
        """The segments that these ask for, in the order of the document."""
        asked = {code for when in selectors for code in when.segments or ()}
        for when in selectors:
            if condition := self.condition(when):
                asked |= condition.codes("segment")
        return tuple(segment for segment in self.segments if segment.code in asked)

    @cached_property
    def tallied_for_bookings(self) -> tuple[tuple[Segment, ...], tuple[str, ...]]:
        """Segments and counts that earning rules ask for."""
        return self.tallied(*self.asked_of_bookings)

    def tallied(self, *selectors: FactSelector) -> tuple[tuple[Segment, ...], tuple[str, ...]]:
        """The segments and counts that these ask for, the counts of segments too."""
        segments = self.segments_asked(*selectors)
        of_segments = (segment.when for segment in segments if segment.when is not None)
        return segments, self.counts_asked(*selectors, *of_segments)

    def counts_asked(self, *selectors: SegmentSelector) -> tuple[str, ...]:
        """The counts that these name, in the order of the document."""
        asked = {code for when in selectors for code in when.counts or ()}
        for when in selectors:
            if condition := self.condition(when):
                asked |= condition.codes("count")
        return tuple(code for code in self.counts if code in asked)

    def in_minor_units(self, code: str, asked: Range) -> Range:
        """What is asked of a count, of spend in minor units."""
        if self.counts[code].of != "spend":
            return asked
        unit = self.minor_units(Decimal(1))
        least, most = (None if end is None else end * unit for end in (asked.min, asked.max))
        return Range.model_construct(min=least, max=most)

    @cached_property
    def declared_benefits(self) -> dict[str, Benefit]:
        return {benefit.code: benefit for benefit in self.benefits}

    def level(self, code: str) -> Tier:
        """The level that a stored code means; the entry tier where no version says what it is."""
        return self.tiers.levels[self.rank(code)]

    def rank(self, code: str) -> int:
        """0 for the entry tier, and for a code of which no version says what it is."""
        return self._ranks.get(code, 0)

    @cached_property
    def _ranks(self) -> dict[str, int]:
        """By the codes of levels, and those that they had before."""
        ranks = {level.code: rank for rank, level in enumerate(self.tiers.levels)}
        renamed = {old: ranks.get(new, 0) for old, new in self.tiers.renames.items()}
        return ranks | renamed

    def tier_code(self, code: str) -> str:
        """The code that a stored one was renamed to, or the same."""
        return self.tiers.renames.get(code, code)

    def tier_codes(self, codes: Iterable[str]) -> list[str]:
        """These codes, and each that rows may have in place of one of them."""
        wanted = [self.tier_code(code) for code in codes]
        return wanted + [old for old, new in self.tiers.renames.items() if new in wanted]

    def in_season(self, codes: Iterable[str], day: date) -> bool:
        wanted = set(codes)
        return any(season.covers(day) for season in self.seasons if season.code in wanted)
