"""Rules: what bookings and activities earn."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag

from domain.programmes.nodes import (
    BY_NUMBER,
    BY_TERMS,
    POINTS_MAX,
    Amount,
    Code,
    Day,
    Factor,
    Flag,
    Kind,
    Node,
    Period,
    Points,
    Rate,
    ReporterKind,
    Words,
    number_or_terms,
)
from domain.programmes.selectors import FactSelector, Selector

TIER_AWARD = "tier"
"""Code under which the share of the tier multiplier is recorded; no rule may have it."""


class Limit(Node):
    """Largest number of times, or of points, for one member in a period."""

    times: Annotated[int, Field(ge=1, strict=True)] | None = None
    points: Annotated[int, Field(ge=1, le=POINTS_MAX, strict=True)] | None = None
    per: Period


class Budget(Node):
    """Most points that one rule may grant to all members together, in each period or in total."""

    points: Annotated[int, Field(ge=1, le=POINTS_MAX, strict=True)]
    per: Literal["day", "month", "year"] | None = Field(
        None, description="Local days, months or years; without it, one budget for all time."
    )


class Validity(Node):
    """Local days on which a rule applies, both included; either end may be open."""

    from_: Day | None = Field(None, alias="from")
    through: Day | None = None

    def covers(self, day: date) -> bool:
        return (self.from_ is None or self.from_ <= day) and (
            self.through is None or day <= self.through
        )


ALWAYS = Validity()


class Expiry(Node):
    """Validity of points after posting: through the last local day, or the end of its month."""

    months: Annotated[int, Field(ge=1, le=1200, strict=True)]
    through: Literal["day", "month"] = "day"


class OwnExpiry(Expiry):
    """A rule's own points may last for the rest of the day or month only: zero months."""

    months: Annotated[int, Field(ge=0, le=1200, strict=True)]


PROGRAMME_FUNDER = "programme"
"""Funder of points that no partner pays for."""

Funder = Annotated[str, StringConstraints(min_length=1, max_length=64)]

Availability = Literal["at_payment", "on_completion"]


class Rule(Node):
    """Fields that all earning rules share."""

    code: Code
    name: Words
    valid: Validity = Field(ALWAYS, description="Days of the booking; without it, every day.")
    offer: Flag = Field(False, description="Whether members are shown what they can gain from it.")
    when: Selector = Selector()
    limit: Limit | None = None
    budget: Budget | None = None
    available: Availability | None = Field(
        None, description="When its points can be spent; without it, as for the programme."
    )
    expiry: OwnExpiry | None = Field(None, description="Without it, the share of all points.")
    funder: Funder = Field(
        PROGRAMME_FUNDER, description="Who pays for its points: the programme, or a partner's code."
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
    exclusive: Code | None = Field(
        None, description="Group of bonuses of which a booking gets only the largest."
    )


EarningRule = Annotated[
    RateRule | StepRule | RateAddRule | MultiplierRule | BonusRule, Field(discriminator="kind")
]


class FromAttribute(Node):
    """Points read from the reported fact: `attribute` × `rate`, rounded down, clamped.

    An attribute below `from` pays nothing, whatever `minimum` is.
    """

    attribute: Code
    unit: Literal["number", "money"] = "number"
    rate: Rate = Decimal(1)
    from_: Rate = Field(Decimal(0), alias="from", description="Smallest value that pays anything.")
    minimum: Points = 0
    maximum: Points = POINTS_MAX


class ActivityRule(Node):
    """What an activity pays; its type is its code.

    One with `on` nobody reports: it is paid by itself, once a calendar year.
    """

    code: Code
    name: Words
    valid: Validity = Field(ALWAYS, description="Days on which it pays; without it, every day.")
    offer: Flag = Field(False, description="Whether members are shown what they can gain from it.")
    when: FactSelector = FactSelector()
    points: Annotated[
        Annotated[Points, Tag(BY_NUMBER)] | Annotated[FromAttribute, Tag(BY_TERMS)],
        Discriminator(number_or_terms),
    ]
    attributes: dict[Code, Kind] = Field(
        default_factory=dict,
        description="Attributes that its condition may use; numbers are whole.",
    )
    limit: Limit | None = None
    budget: Budget | None = None
    reporters: tuple[ReporterKind, ...] = ()
    on: Literal["birthday"] | None = Field(
        None, description="Day of the member's year on which it is given."
    )
    expiry: OwnExpiry | None = Field(None, description="Without it, the share of all points.")
    funder: Funder = PROGRAMME_FUNDER

    @property
    def counts_when_recorded(self) -> bool:
        """Whether its limit counts by when it was recorded, not by when it is said to be."""
        return "member" in self.reporters
