"""The policy document: everything that one programme decides, in one validated text.

A document is written by the people who run the programme, in YAML or JSON. All its faults
are reported at once, each with its path; what is accepted can be evaluated. Rates and
factors are exact decimals, money is in the programme's currency, points are whole.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

import yaml
from babel.numbers import get_currency_precision, list_currencies
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationError,
    model_validator,
)
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError

from domain.kernel.errors import PolicyFault, PolicyInvalid

DOCUMENT_BYTES_MAX = 256 * 1024
POINTS_MAX = 10**12
"""The largest number of points that any one rule may name."""

REMINDERS_MAX = 10
REMINDER_DAYS_MAX = 365

TIER_AWARD = "tier"
"""What the share of the tier multiplier is recorded under; no rule may have this code."""

LOCALES = ("zh-CN", "en")
"""Languages that every text of a programme is written in."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Points = Annotated[int, Field(ge=0, le=POINTS_MAX, strict=True)]
ReporterKind = Literal["member", "partner", "staff"]
Period = Literal["day", "month", "year", "member"]


def _exact_decimal(value: object) -> object:
    """YAML reads 1.2 as a float: its shortest text is what the author wrote."""
    return str(value) if isinstance(value, float) else value


Rate = Annotated[
    Decimal,
    BeforeValidator(_exact_decimal),
    Field(ge=0, le=Decimal(1_000_000), decimal_places=6, allow_inf_nan=False),
]
Factor = Annotated[
    Decimal,
    BeforeValidator(_exact_decimal),
    Field(ge=1, le=Decimal(1_000), decimal_places=6, allow_inf_nan=False),
]
Amount = Annotated[
    Decimal,
    BeforeValidator(_exact_decimal),
    Field(ge=0, le=Decimal(10**11), decimal_places=4, allow_inf_nan=False),
]


class Node(BaseModel):
    """A part of the document: immutable, and a misspelt key is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Node):
    """One text in every language of the programme."""

    zh_cn: Text = Field(alias="zh-CN")
    en: Text

    def in_locale(self, locale: str) -> str:
        return self.zh_cn if locale.lower().startswith("zh") else self.en


class MemberSelector(Node):
    """What must be true of the member."""

    birthday_month: Literal[True] | None = Field(
        None, description="Booked in the month of the member's birthday, in the programme's zone."
    )
    profile: dict[str, str | bool | int] | None = Field(
        None, description="Profile values that must all be equal."
    )


class Selector(Node):
    """When a rule applies: everything given must match; what is not given does not matter."""

    products: tuple[Code, ...] | None = Field(None, min_length=1)
    tiers: tuple[Code, ...] | None = Field(None, min_length=1)
    payment_methods: tuple[Code, ...] | None = Field(None, min_length=1)
    attributes: dict[Code, bool | str] | None = Field(
        None, description="Line attributes that must all be equal."
    )
    seasons: tuple[Code, ...] | None = Field(
        None, min_length=1, description="Seasons, one of which the booking day falls in."
    )
    member: MemberSelector | None = None
    min_amount: Amount | None = Field(
        None, description="The least total of the matching lines, in the programme's currency."
    )

    @property
    def specificity(self) -> int:
        """How many selectors are given: of several base rules the most specific one applies."""
        return sum(getattr(self, name) is not None for name in self.model_fields_set)


class Limit(Node):
    """How often, or for how many points, one member may profit in a period."""

    times: Annotated[int, Field(ge=1, strict=True)] | None = None
    points: Annotated[int, Field(ge=1, le=POINTS_MAX, strict=True)] | None = None
    per: Period

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if (self.times is None) == (self.points is None):
            raise ValueError("give either `times` or `points`")
        return self


class Budget(Node):
    """How many points one rule may grant to all members together, in each period or ever."""

    points: Annotated[int, Field(ge=1, le=POINTS_MAX, strict=True)]
    per: Literal["day", "month", "year"] | None = Field(
        None, description="Local days, months or years; without it one budget for all time."
    )


Availability = Literal["at_payment", "on_completion"]


class Rule(Node):
    """What all earning rules share."""

    code: Code
    name: Words
    when: Selector = Selector()
    limit: Limit | None = None
    budget: Budget | None = None
    available: Availability | None = Field(
        None, description="When its points can be spent; without it as the programme says."
    )


class RateRule(Rule):
    """A base rate: `points` for each `per` of the amount, exact, without steps."""

    kind: Literal["rate"]
    points: Rate
    per: Annotated[Amount, Field(gt=0)] = Decimal(1)


class StepRule(Rule):
    """A base rate in whole steps: `points` for each whole `per` of the matching total."""

    kind: Literal["step"]
    points: Rate
    per: Annotated[Amount, Field(gt=0)]


class RateAddRule(Rule):
    """Added to the tier multiplier of the matching lines."""

    kind: Literal["rate_add"]
    add: Rate


class MultiplierRule(Rule):
    """Multiplies matching lines; of each class the largest factor counts."""

    kind: Literal["multiplier"]
    multiplier_class: Code = Field(alias="class")
    factor: Factor


class BonusRule(Rule):
    """A fixed number of points, once per booking, never multiplied."""

    kind: Literal["bonus"]
    points: Annotated[int, Field(gt=0, le=POINTS_MAX, strict=True)]


EarningRule = Annotated[
    RateRule | StepRule | RateAddRule | MultiplierRule | BonusRule, Field(discriminator="kind")
]


class FromAttribute(Node):
    """Points read from the reported fact: `attribute` × `rate`, rounded down, clamped."""

    attribute: Code
    unit: Literal["number", "money"] = "number"
    rate: Rate = Decimal(1)
    minimum: Points = 0
    maximum: Points = POINTS_MAX

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.minimum > self.maximum:
            raise ValueError("`minimum` is above `maximum`")
        return self


class Expiry(Node):
    """How long points last after posting; through the last local day, or that month's last."""

    months: Annotated[int, Field(ge=1, le=1200, strict=True)]
    through: Literal["day", "month"] = "day"


class OwnExpiry(Expiry):
    """An activity's points may last for the rest of the day or month only: nought months."""

    months: Annotated[int, Field(ge=0, le=1200, strict=True)]


class ActivityRule(Node):
    """What an activity pays; its type is its code.

    One with `on` nobody reports: it is paid by itself, once a calendar year.
    """

    code: Code
    name: Words
    points: Points | FromAttribute
    limit: Limit | None = None
    budget: Budget | None = None
    reporters: tuple[ReporterKind, ...] = ()
    on: Literal["birthday"] | None = Field(
        None, description="The day of the member's year on which it is paid."
    )
    expiry: OwnExpiry | None = Field(None, description="Without it that of all points.")
    funder: Code = "programme"

    @model_validator(mode="after")
    def _counted(self) -> Self:
        if self.limit is not None and self.limit.times is None:
            raise ValueError("an activity is limited by `times`")
        return self


class Span(Node):
    """Local days from the first through the last."""

    from_: date = Field(alias="from")
    through: date

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.through < self.from_:
            raise ValueError("`through` is before `from`")
        return self


class Season(Node):
    code: Code
    name: Words
    spans: tuple[Span, ...] = Field(min_length=1)

    def covers(self, day: date) -> bool:
        return any(span.from_ <= day <= span.through for span in self.spans)


class Tier(Node):
    code: Code
    name: Words
    threshold: Amount
    multiplier: Factor = Decimal(1)
    discount_percent: Annotated[Rate, Field(le=100)] = Decimal(0)
    benefits: tuple[Words, ...] = ()


class RollingWindow(Node):
    """What happened in the last months, each local day through the same day so much later."""

    months: Annotated[int, Field(ge=1, le=1200, strict=True)]


class Downgrade(Node):
    """What becomes of a tier that is not qualified for at the end of its period."""

    to: Literal["one_step", "qualified"] = "one_step"
    grace_days: Annotated[int, Field(ge=0, le=3650, strict=True)] = Field(
        0, description="How long the member may still qualify before it falls."
    )
    floor: Code | None = Field(None, description="The level that nobody falls below.")


def _sort_of(value: object) -> str:
    """Which of the two ways of saying it: in a word, or by its terms."""
    return "by word" if isinstance(value, str) else "by terms"


TierBasis = Literal["spend", "bookings", "completed_bookings", "nights", "points"]


class Tiers(Node):
    """Levels from the entry tier upwards, and what counts toward them."""

    basis: TierBasis
    window: Annotated[
        Annotated[Literal["lifetime", "calendar_year"], Tag("by word")]
        | Annotated[RollingWindow, Tag("by terms")],
        Discriminator(_sort_of),
    ] = Field(description="Over what time it counts; a tier lasts for as long, and is reviewed.")
    downgrade: (
        Annotated[
            Annotated[Literal["never"], Tag("by word")] | Annotated[Downgrade, Tag("by terms")],
            Discriminator(_sort_of),
        ]
        | None
    ) = Field(None, description="Without it one step down, at once; `never` holds it for life.")
    night_products: tuple[Code, ...] = Field(
        (), description="Products whose travel dates count as nights."
    )
    levels: tuple[Tier, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        thresholds = [level.threshold for level in self.levels]
        if thresholds[0] != 0:
            raise ValueError("the first level is the entry tier: its threshold is 0")
        if thresholds != sorted(set(thresholds)):
            raise ValueError("each level's threshold is above the one before")
        return self

    @property
    def terms(self) -> Downgrade | None:
        """How a tier is lost by time; None where it is held for good."""
        if self.window == "lifetime" or self.downgrade == "never":
            return None
        return self.downgrade if isinstance(self.downgrade, Downgrade) else Downgrade()


class PointWorth(Node):
    """`points` are worth `money` when they are spent."""

    points: Annotated[int, Field(gt=0, le=POINTS_MAX, strict=True)]
    money: Annotated[Amount, Field(gt=0)]


class PointsTerms(Node):
    worth: PointWorth
    available: Availability
    expiry: Expiry | None = Field(None, description="Without it points never expire.")


class RedemptionRate(Node):
    """A dynamic rate: while it applies a point buys `factor` times as much."""

    code: Code
    name: Words
    factor: Factor
    tiers: tuple[Code, ...] | None = Field(None, min_length=1)
    seasons: tuple[Code, ...] | None = Field(None, min_length=1)


class CompletionTerms(Node):
    """What becomes of pending points when nobody reports that a line was completed."""

    overdue_days: Annotated[int, Field(ge=1, le=3650, strict=True)] = Field(
        30, description="Counted from the last day of travel, or from the booking without one."
    )
    then: Literal["mature", "review"] = "review"


class RefundTerms(Node):
    """What a refund takes back, and what it does to the tier."""

    claw_back: Literal["only_pending", "within_balance", "unlimited"] = "within_balance"
    tier: Literal["now", "at_period_end", "never"] = "now"
    grace_days: Annotated[int, Field(ge=0, le=3650, strict=True)] = Field(
        30, description="How long points at least last that come back as the supplier cancelled."
    )


class Share(Node):
    """How much of a line points may pay, for the lines that it matches."""

    percent: Annotated[Rate, Field(le=100)]
    products: tuple[Code, ...] | None = Field(None, min_length=1)
    attributes: dict[Code, bool | str] | None = None
    seasons: tuple[Code, ...] | None = Field(
        None, min_length=1, description="Seasons, one of which the first day of travel falls in."
    )

    @property
    def specificity(self) -> int:
        """How many selectors are given: of several shares the most specific one applies."""
        selectors = (self.products, self.attributes, self.seasons)
        return sum(selector is not None for selector in selectors)


class OffsetTerms(Node):
    """Paying part of a booking in points."""

    step: Annotated[int, Field(ge=1, le=POINTS_MAX, strict=True)] = 1
    minimum: Annotated[int, Field(ge=1, le=POINTS_MAX, strict=True)] = 1
    shares: tuple[Share, ...] = Field(min_length=1)


class HoldTerms(Node):
    """How long points stay reserved for a redemption that is not confirmed."""

    minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60, strict=True)] = 30


class QuoteTerms(Node):
    """How long a guaranteed quote stands, with what is reserved for it."""

    minutes: Annotated[int, Field(ge=1, le=24 * 60, strict=True)] = 30


class ReminderTerms(Node):
    """When members are told, once each, of points that are about to expire."""

    expiry_days: tuple[Annotated[int, Field(ge=1, le=REMINDER_DAYS_MAX, strict=True)], ...] = Field(
        min_length=1,
        max_length=REMINDERS_MAX,
        description="How many days before the last day on which the points can be spent.",
    )


class TransferTerms(Node):
    """Members may give points to each other."""

    account_age_days: Annotated[int, Field(ge=0, le=3650, strict=True)] = Field(
        0, description="How long ago the giver must have joined."
    )


class FactTerms(Node):
    oldest_days: Annotated[int, Field(ge=1, le=36_500, strict=True)]


class Policy(Node):
    """One programme's whole policy document."""

    programme: Code
    name: Words
    timezone: str
    currency: str
    products: tuple[Code, ...] = Field(min_length=1)
    payment_methods: tuple[Code, ...] = ()
    attributes: dict[Code, Literal["boolean", "text"]] = Field(default_factory=dict)
    facts: FactTerms
    points: PointsTerms
    tiers: Tiers
    seasons: tuple[Season, ...] = ()
    multiplier_classes: tuple[Code, ...] = ()
    earning: tuple[EarningRule, ...] = ()
    activities: tuple[ActivityRule, ...] = ()
    redemption_rates: tuple[RedemptionRate, ...] = ()
    completion: CompletionTerms = CompletionTerms()
    refunds: RefundTerms = RefundTerms()
    offset: OffsetTerms | None = Field(
        None, description="Without it bookings cannot be paid in points."
    )
    holds: HoldTerms = HoldTerms()
    quotes: QuoteTerms = QuoteTerms()
    reminders: ReminderTerms | None = Field(
        None, description="Without it nobody is told of points that are about to expire."
    )
    transfers: TransferTerms | None = Field(
        None, description="Without it members cannot give points to each other."
    )

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def minor_per_point(self) -> Fraction:
        """What one point is worth, in minor units of the currency."""
        digits = get_currency_precision(self.currency)
        return Fraction(self.points.worth.money) * int(10**digits) / self.points.worth.points

    @cached_property
    def rules(self) -> dict[str, "EarningRule | ActivityRule"]:
        return {rule.code: rule for rule in (*self.earning, *self.activities)}

    @cached_property
    def activity_types(self) -> dict[str, ActivityRule]:
        return {rule.code: rule for rule in self.activities}

    @cached_property
    def profile_keys(self) -> frozenset[str]:
        """The profile values that any rule asks for."""
        selectors = (rule.when.member for rule in self.earning)
        return frozenset(key for wanted in selectors for key in (wanted and wanted.profile) or ())

    def level(self, code: str) -> Tier:
        """The level of this code; the entry tier for one that a newer version no longer has."""
        return self.tiers.levels[self.rank(code)]

    def rank(self, code: str) -> int:
        """0 for the entry tier, and for a code that a newer version no longer has."""
        return next((i for i, level in enumerate(self.tiers.levels) if level.code == code), 0)

    def in_season(self, codes: Iterable[str], day: date) -> bool:
        wanted = set(codes)
        return any(season.covers(day) for season in self.seasons if season.code in wanted)


class _Reader(yaml.SafeLoader):
    """Refuses aliases, by which a small text becomes a huge document, and repeated keys."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise ComposerError(None, None, "an alias: write the value where it stands", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    problem = f"{key.value!r} is given twice"
                    raise ConstructorError(None, None, problem, key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def parse(text: str) -> Policy:
    """Read a document in YAML or JSON.

    Raises: PolicyInvalid with every fault and its path.
    """
    return validate(read(text))


def read(text: str) -> Any:
    """What YAML or JSON of a bounded size says, without aliases and repeated keys.

    Raises: PolicyInvalid.
    """
    if len(text.encode()) > DOCUMENT_BYTES_MAX:
        raise PolicyInvalid((PolicyFault("$", f"larger than {DOCUMENT_BYTES_MAX} bytes"),))
    try:
        return yaml.load(text, _Reader)  # noqa: S506  # a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise PolicyInvalid((PolicyFault("$", f"not YAML or JSON: {reason}"),)) from None


def validate(tree: Any) -> Policy:
    """Check a document's structure, then everything that its parts say about one another.

    Raises: PolicyInvalid with every fault and its path.
    """
    try:
        policy = Policy.model_validate(tree)
    except ValidationError as error:
        raise PolicyInvalid(tuple(_structural_faults(tree, error))) from None
    faults = tuple(_cross_faults(policy))
    if faults:
        raise PolicyInvalid(faults)
    return policy


def to_document(policy: Policy) -> dict[str, Any]:
    """The document as JSON values, decimals as text: what a version stores for ever."""
    return policy.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _structural_faults(tree: Any, error: ValidationError) -> Iterable[PolicyFault]:
    for fault in error.errors(include_url=False):
        found = fault["input"]
        if fault["type"] == "too_short" and isinstance(found, list) and found:
            continue  # its items were refused one by one
        yield PolicyFault(_path(tree, fault["loc"], fault["type"]), fault["msg"])


def _path(tree: Any, loc: tuple[int | str, ...], kind: str) -> str:
    """The place in the document: without the branches of the schema that led to it."""
    path, node = [], tree
    for part in loc:
        known = (
            node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        )
        if part in known:
            node = node[part]
        elif not (kind == "missing" and part == loc[-1]):
            continue
        path.append(str(part))
    return ".".join(path) or "$"


def _cross_faults(policy: Policy) -> Iterable[PolicyFault]:
    if policy.timezone not in _timezones():
        yield PolicyFault("timezone", f"no such IANA zone: {policy.timezone!r}")
    if policy.currency not in list_currencies():
        yield PolicyFault("currency", f"no such ISO 4217 currency: {policy.currency!r}")
    yield from _repeated("products", policy.products)
    nights = policy.tiers.night_products
    yield from _unknown("tiers.night_products", nights, policy.products)
    yield from _repeated("payment_methods", policy.payment_methods)
    yield from _repeated("multiplier_classes", policy.multiplier_classes)
    yield from _repeated("tiers.levels", (level.code for level in policy.tiers.levels))
    yield from _repeated("seasons", (season.code for season in policy.seasons))
    yield from _repeated("redemption_rates", (rate.code for rate in policy.redemption_rates))
    yield from _repeated(
        "earning and activities", (rule.code for rule in (*policy.earning, *policy.activities))
    )
    if TIER_AWARD in policy.rules:
        yield PolicyFault("earning", f"{TIER_AWARD!r} is kept for the tier multiplier")
    for index, rule in enumerate(policy.earning):
        yield from _rule_faults(policy, rule, f"earning.{index}")
    for index, activity in enumerate(policy.activities):
        yield from _activity_faults(activity, f"activities.{index}")
    if policy.reminders:
        yield from _repeated("reminders.expiry_days", policy.reminders.expiry_days)
    yield from _tier_faults(policy)
    yield from _share_faults(policy)
    tiers = [level.code for level in policy.tiers.levels]
    seasons = [season.code for season in policy.seasons]
    for index, rate in enumerate(policy.redemption_rates):
        where = f"redemption_rates.{index}"
        yield from _unknown(f"{where}.tiers", rate.tiers, tiers)
        yield from _unknown(f"{where}.seasons", rate.seasons, seasons)


@cache
def _timezones() -> frozenset[str]:
    """Every zone that is known; finding them reads hundreds of files."""
    return frozenset(available_timezones())


def _activity_faults(rule: ActivityRule, where: str) -> Iterable[PolicyFault]:
    if rule.on is None and not rule.reporters:
        yield PolicyFault(f"{where}.reporters", "say who reports it, or `on` which day it is paid")
    if rule.on is not None and rule.reporters:
        yield PolicyFault(f"{where}.reporters", f"it is paid by itself on the {rule.on}")
    if rule.on is not None and isinstance(rule.points, FromAttribute):
        yield PolicyFault(f"{where}.points", f"on the {rule.on} nobody gives an attribute")


def _tier_faults(policy: Policy) -> Iterable[PolicyFault]:
    tiers = policy.tiers
    if isinstance(tiers.downgrade, Downgrade):
        if tiers.window == "lifetime":
            yield PolicyFault("tiers.downgrade", "a lifetime window has no end to fall at")
        floor = () if tiers.downgrade.floor is None else (tiers.downgrade.floor,)
        known = [level.code for level in tiers.levels]
        yield from _unknown("tiers.downgrade.floor", floor, known)
    if policy.refunds.tier == "at_period_end" and tiers.terms is None:
        held = "a lifetime window" if tiers.window == "lifetime" else "a tier that is never lost"
        yield PolicyFault("refunds.tier", f"{held} has no period end: say `now` or `never`")


def _share_faults(policy: Policy) -> Iterable[PolicyFault]:
    seasons = [season.code for season in policy.seasons]
    for index, share in enumerate(policy.offset.shares if policy.offset else ()):
        where = f"offset.shares.{index}"
        yield from _unknown(f"{where}.products", share.products, policy.products)
        yield from _unknown(f"{where}.attributes", share.attributes, policy.attributes)
        yield from _unknown(f"{where}.seasons", share.seasons, seasons)


def _rule_faults(policy: Policy, rule: EarningRule, where: str) -> Iterable[PolicyFault]:
    if isinstance(rule, MultiplierRule):
        classes = (rule.multiplier_class,)
        yield from _unknown(f"{where}.class", classes, policy.multiplier_classes)
    when, where = rule.when, f"{where}.when"
    yield from _unknown(f"{where}.products", when.products, policy.products)
    yield from _unknown(f"{where}.tiers", when.tiers, [t.code for t in policy.tiers.levels])
    yield from _unknown(f"{where}.payment_methods", when.payment_methods, policy.payment_methods)
    yield from _unknown(f"{where}.seasons", when.seasons, [s.code for s in policy.seasons])
    yield from _unknown(f"{where}.attributes", when.attributes, policy.attributes)
    for name, wanted in (when.attributes or {}).items():
        kind = policy.attributes.get(name)
        if kind is not None and isinstance(wanted, bool) != (kind == "boolean"):
            yield PolicyFault(f"{where}.attributes.{name}", f"must be a {kind} value")


def _unknown(
    where: str, codes: Iterable[str] | None, known: Iterable[str]
) -> Iterable[PolicyFault]:
    allowed = list(known)
    for code in codes or ():
        if code not in allowed:
            listed = ", ".join(allowed) or "nothing"
            yield PolicyFault(where, f"unknown {code!r}; the document defines {listed}")


def _repeated(where: str, codes: Iterable[str | int]) -> Iterable[PolicyFault]:
    seen: set[str | int] = set()
    for code in codes:
        if code in seen:
            yield PolicyFault(where, f"{code!r} is defined twice")
        seen.add(code)
