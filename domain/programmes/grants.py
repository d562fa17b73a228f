"""Grants: what a programme gives by itself, when something is reached or a day comes.

A grant gives points, a reward or a perk, once for each of its occurrences.
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from domain.programmes.nodes import (
    POINTS_MAX,
    Amount,
    Code,
    Day,
    Flag,
    Node,
    Words,
    span_day,
)
from domain.programmes.rules import (
    ALWAYS,
    PROGRAMME_FUNDER,
    ActivityRule,
    Budget,
    Funder,
    OwnExpiry,
    Validity,
)
from domain.programmes.selectors import FactSelector, Selector

STEPS_MAX = 20
TIMES_MAX = 100
USES_MAX = 1000
DAYS_MAX = 3650

AT_ONCE_MAX = 1000
"""How many multiples of a milestone one fact brings, those that it brings back among them; the last
says how many there were beyond.
"""
BOOKED_AT_ONCE_MINOR = 10**7
"""What a booking may cost, in minor units, without bringing more than these of any milestone."""

BIRTHDAY, JOINING = "birthday", "joining"


def _calendar_day(value: object) -> str:
    if value in (BIRTHDAY, JOINING) or isinstance(span_day(value), str):
        return str(value)
    raise PydanticCustomError("calendar_day", "birthday, joining, or each year's 10-01")


CalendarDay = Annotated[str, BeforeValidator(_calendar_day), WithJsonSchema({"type": "string"})]
"""The member's birthday, the anniversary of joining, or the same day of every year, as 10-01."""


class Perk(Node):
    """A benefit that the member may use a number of times, for a number of days."""

    benefit: Code
    uses: Annotated[int, Field(ge=1, le=USES_MAX, strict=True)] = 1
    days: Annotated[int, Field(ge=1, le=DAYS_MAX, strict=True)] = Field(
        description="Number of local days on which it can be used, not counting the day on which "
        "it is given."
    )


class Gift(Node):
    """What a grant gives: exactly one of these."""

    points: Annotated[int, Field(gt=0, le=POINTS_MAX, strict=True)] | None = None
    reward: Code | None = Field(None, description="A reward of the catalogue, for 0 points.")
    perk: Perk | None = None


class Grant(Node):
    """Fields that all grants share; budget, expiry and funder are those of its points."""

    code: Code
    name: Words
    valid: Validity = Field(ALWAYS, description="Days on which it is given; without it, every day.")
    when: FactSelector = Field(
        FactSelector(), description="Condition on the fact, or the day, that causes the grant."
    )
    gives: Gift
    take_back: Flag = Field(
        True, description="Whether it is taken back when its cause no longer holds."
    )
    budget: Budget | None = None
    expiry: OwnExpiry | None = Field(None, description="Without it, the share of all points.")
    funder: Funder = PROGRAMME_FUNDER


class Milestone(Grant):
    """Given when a fact raises a count to a number."""

    kind: Literal["milestone"]
    count: Code
    at: Annotated[Amount, Field(gt=0)] | None = Field(
        None, description="Given once, at this number; cash is in the currency."
    )
    every: Annotated[Amount, Field(gt=0)] | None = Field(
        None, description="Given at each multiple of this number; cash is in the currency."
    )


class CalendarGrant(Grant):
    """Given on a local day of every year, for each member."""

    kind: Literal["calendar"]
    day: CalendarDay = Field(
        description="The birthday, the anniversary of joining, or a day such as 10-01."
    )


def on_day(rule: ActivityRule) -> CalendarGrant:
    """An activity that is paid by itself, the older way to write this, as the grant that it is."""
    return CalendarGrant(
        kind="calendar",
        day=rule.on or BIRTHDAY,
        code=rule.code,
        name=rule.name,
        valid=rule.valid,
        when=rule.when,
        gives=Gift(points=rule.points or None if isinstance(rule.points, int) else None),
        budget=rule.budget,
        expiry=rule.expiry,
        funder=rule.funder,
    )


class Step(Node):
    """One thing that a mission requires, `times` times."""

    code: Code
    name: Words
    fact: Literal["booking", "completion", "activity", "redemption"]
    types: tuple[Code, ...] | None = Field(
        None,
        min_length=1,
        description="Types of the activity, or codes of the reward; one of them matches.",
    )
    when: Selector = Selector()
    times: Annotated[int, Field(ge=1, le=TIMES_MAX, strict=True)] = 1

    @property
    def valid(self) -> Validity:
        """On every day of its mission."""
        return ALWAYS


class MissionWindow(Node):
    """The local days on which the steps count: a number of days after joining, or fixed days."""

    days: Annotated[int, Field(ge=1, le=DAYS_MAX, strict=True)] | None = None
    after: Literal["joining"] | None = None
    from_: Day | None = Field(None, alias="from")
    through: Day | None = None


class Mission(Grant):
    """Given when the last of its steps is done within the window."""

    kind: Literal["mission"]
    steps: tuple[Step, ...] = Field(min_length=1, max_length=STEPS_MAX)
    ordered: Flag = Field(
        False, description="Whether each step must be done after the one before it."
    )
    window: MissionWindow


class TierEntry(Grant):
    """Given when the earned tier rises to one of these."""

    kind: Literal["tier_entry"]
    tiers: tuple[Code, ...] = Field(min_length=1)


class ReferralGrant(Grant):
    """Given when a referral qualifies: to the referrer, or to the friend."""

    kind: Literal["referral"]
    side: Literal["referrer", "referee"]


AnyGrant = Annotated[
    Milestone | CalendarGrant | Mission | TierEntry | ReferralGrant, Field(discriminator="kind")
]
