"""Levels: the tiers of a programme, what they ask for, and how long they last."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    Discriminator,
    Field,
    Tag,
)

from domain.programmes.benefits import BENEFITS_MAX, LevelBenefit, words_or_terms
from domain.programmes.nodes import (
    BY_NUMBER,
    BY_TERMS,
    BY_WORD,
    Amount,
    Code,
    Factor,
    Node,
    Rate,
    Words,
    number_or_terms,
    word_or_terms,
)
from domain.programmes.selectors import AttributeCondition


class Discount(Node):
    """A percentage off the price of the lines that it matches."""

    percent: Annotated[Rate, Field(le=100)]
    products: tuple[Code, ...] | None = Field(None, min_length=1)
    attributes: dict[Code, AttributeCondition] | None = Field(
        None, description="Line attributes that must all be equal, or within a range."
    )
    travel_seasons: tuple[Code, ...] | None = Field(
        None, min_length=1, description="Seasons; the first day of travel lies in one of them."
    )

    @property
    def specificity(self) -> int:
        """Number of selectors given: of several discounts, the one with the most applies."""
        selectors = (self.products, self.attributes, self.travel_seasons)
        return sum(selector is not None for selector in selectors)


TierBasis = Literal["spend", "bookings", "completed_bookings", "nights", "points"]


class Tier(Node):
    code: Code
    name: Words
    threshold: Annotated[
        Annotated[Amount, Tag(BY_NUMBER)] | Annotated[dict[TierBasis, Amount], Tag(BY_TERMS)],
        Discriminator(number_or_terms),
    ] = Field(description="Amount that qualifies; with several measures, the amount for each.")
    multiplier: Factor = Decimal(1)
    discount_percent: Annotated[Rate, Field(le=100)] = Field(
        Decimal(0), description="Discount on everything; `discounts` are for some products only."
    )
    discounts: tuple[Discount, ...] = ()
    benefits: tuple[
        Annotated[
            Annotated[LevelBenefit, Tag(BY_TERMS)] | Annotated[Words, Tag(BY_WORD)],
            Discriminator(words_or_terms),
        ],
        ...,
    ] = Field((), max_length=BENEFITS_MAX)

    def benefit(self, code: str) -> LevelBenefit | None:
        """The declared benefit of this code, where the level gives it."""
        named = (one for one in self.benefits if isinstance(one, LevelBenefit))
        return next((one for one in named if one.benefit == code), None)

    @property
    def all_discounts(self) -> tuple[Discount, ...]:
        """The discounts, the one on everything among them."""
        if not self.discount_percent:
            return self.discounts
        return (*self.discounts, Discount(percent=self.discount_percent))


class RollingWindow(Node):
    """The last months: each local day counts through the same day that many months later."""

    months: Annotated[int, Field(ge=1, le=1200, strict=True)]


class Downgrade(Node):
    """Treatment of a tier for which the member no longer qualifies at the end of its period."""

    to: Literal["one_step", "qualified"] = "one_step"
    grace_days: Annotated[int, Field(ge=0, le=3650, strict=True)] = Field(
        0, description="Time for which the member may still qualify before its tier falls."
    )
    floor: Code | None = Field(None, description="The level below which nobody falls.")


class AnyBasis(Node):
    """Several measures; any one of them is enough to qualify."""

    measures: tuple[TierBasis, ...] = Field(alias="any", min_length=2)


class Tiers(Node):
    """Levels from the entry tier upwards, and what counts towards them."""

    basis: Annotated[
        Annotated[TierBasis, Tag(BY_WORD)] | Annotated[AnyBasis, Tag(BY_TERMS)],
        Discriminator(word_or_terms),
    ]
    window: Annotated[
        Annotated[Literal["lifetime", "calendar_year"], Tag(BY_WORD)]
        | Annotated[RollingWindow, Tag(BY_TERMS)],
        Discriminator(word_or_terms),
    ] = Field(
        description="Time over which it counts; a tier lasts for the same time, and is then "
        "reviewed."
    )
    downgrade: (
        Annotated[
            Annotated[Literal["never"], Tag(BY_WORD)] | Annotated[Downgrade, Tag(BY_TERMS)],
            Discriminator(word_or_terms),
        ]
        | None
    ) = Field(
        None,
        description="Without it the tier falls by one level at once; `never` keeps it for life.",
    )
    night_products: tuple[Code, ...] = Field(
        (), description="Products whose travel dates count as nights."
    )
    levels: tuple[Tier, ...] = Field(min_length=1)
    renames: dict[Code, Code] = Field(
        default_factory=dict,
        description="Codes of levels in earlier versions, each with the level that now replaces "
        "it.",
    )

    @property
    def measures(self) -> tuple[TierBasis, ...]:
        """Measures, each of which qualifies by itself."""
        return self.basis.measures if isinstance(self.basis, AnyBasis) else (self.basis,)

    def thresholds(self, level: Tier) -> Mapping[TierBasis, Decimal]:
        """Amount that each measure must reach for this level: money in the currency, or a count."""
        if isinstance(level.threshold, dict):
            return level.threshold
        return {self.measures[0]: level.threshold}

    @property
    def terms(self) -> Downgrade | None:
        """Terms on which a tier ends by time; None where it is kept for good."""
        if self.window == "lifetime" or self.downgrade == "never":
            return None
        return self.downgrade if isinstance(self.downgrade, Downgrade) else Downgrade()
