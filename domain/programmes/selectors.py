"""Selectors: when a rule applies."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag

from domain.programmes.nodes import (
    BY_FLAG,
    BY_NUMBER,
    BY_TERMS,
    BY_WORD,
    POINTS_MAX,
    Amount,
    Code,
    Node,
    ProfileValue,
)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
EXPRESSION_CHARACTERS_MAX = 1000
Expression = Annotated[str, StringConstraints(min_length=1, max_length=EXPRESSION_CHARACTERS_MAX)]
Whole = Annotated[int, Field(ge=-POINTS_MAX, le=POINTS_MAX, strict=True)]


class Range(Node):
    """Whole numbers from `min` through `max`; either end may be open."""

    min: Whole | None = None
    max: Whole | None = None

    def covers(self, number: int) -> bool:
        return (self.min is None or self.min <= number) and (self.max is None or number <= self.max)


_WAYS: Mapping[type, str] = {bool: BY_FLAG, int: BY_NUMBER, str: BY_WORD, dict: BY_TERMS}
_KINDS: Mapping[type, str] = {bool: "boolean", int: "number", str: "text", dict: "number"}


def _way_of(value: object) -> str | None:
    return BY_TERMS if isinstance(value, Range) else _WAYS.get(type(value))


AttributeCondition = Annotated[
    Annotated[bool, Tag(BY_FLAG)]
    | Annotated[Whole, Tag(BY_NUMBER)]
    | Annotated[str, Tag(BY_WORD)]
    | Annotated[Range, Tag(BY_TERMS)],
    Discriminator(_way_of),
]
"""What an attribute must be: equal to this, or within this range of numbers."""


def kind_of(wanted: object) -> str | None:
    """What an attribute that can ever be this is declared as; None for what nothing can be.

    A range, as it stands in a document, is of numbers.
    """
    return _KINDS.get(type(wanted))


def match(wanted: Mapping[str, bool | int | str | Range] | None, found: Mapping[str, Any]) -> bool:
    """Whether everything wanted is so; an attribute that is not known is nothing."""
    return not wanted or all(_is(value, found.get(name)) for name, value in wanted.items())


def _is(wanted: bool | int | str | Range, found: object) -> bool:
    if isinstance(wanted, Range):
        return isinstance(found, int) and not isinstance(found, bool) and wanted.covers(found)
    # a boolean is no number, though Python takes true for 1
    return type(found) is type(wanted) and found == wanted


class MemberSelector(Node):
    """Conditions on the member."""

    birthday_month: Literal[True] | None = Field(
        None, description="Booked in the month of the member's birthday, in the programme's zone."
    )
    profile: dict[str, ProfileValue] | None = Field(
        None, description="Profile values that must all be equal."
    )
    joined_days: Range | None = Field(
        None, description="Local days since the member joined; 0 on that day."
    )


class SegmentSelector(Node):
    """Conditions on a member; a key that is not given does not matter."""

    tiers: tuple[Code, ...] | None = Field(None, min_length=1)
    member: MemberSelector | None = None
    counts: dict[Code, Range] | None = Field(
        None,
        min_length=1,
        description="Counts, each within its range; spend is in whole units of the currency.",
    )
    cel: Expression | None = Field(
        None,
        description="Further condition in the Common Expression Language; an earning rule "
        "evaluates it for each line.",
    )

    @property
    def specificity(self) -> int:
        """Number of selectors given: of several base rules, the one with the most applies."""
        return sum(getattr(self, name) is not None for name in self.model_fields_set)

    @property
    def asks_anything(self) -> bool:
        """Whether there is anything that it does not match."""
        return self.specificity > 0


class FactSelector(SegmentSelector):
    """When a fact counts: everything given must match; what is not given does not matter."""

    segments: tuple[Code, ...] | None = Field(
        None, min_length=1, description="Segments; the member is in one of them."
    )
    seasons: tuple[Code, ...] | None = Field(
        None, min_length=1, description="Seasons; the day of the fact lies in one of them."
    )
    weekdays: tuple[Weekday, ...] | None = Field(
        None, min_length=1, description="Weekdays; the day of the fact is one of them."
    )


class Selector(FactSelector):
    """When a rule applies to a booking, and to which of its lines.

    What asks for dates of travel does not match a line without them.
    """

    products: tuple[Code, ...] | None = Field(None, min_length=1)
    attributes: dict[Code, AttributeCondition] | None = Field(
        None, description="Line attributes that must all be equal, or within a range."
    )
    travel_seasons: tuple[Code, ...] | None = Field(
        None, min_length=1, description="Seasons; the first day of travel lies in one of them."
    )
    travel_weekdays: tuple[Weekday, ...] | None = Field(
        None, min_length=1, description="Weekdays; the first day of travel is one of them."
    )
    lead_days: Range | None = Field(
        None, description="Local days from the booking to the first day of travel."
    )
    nights: Range | None = Field(None, description="Nights from the first day to the last.")
    min_amount: Amount | None = Field(
        None, description="Smallest total of the matching lines, in the programme's currency."
    )
    max_amount: Amount | None = Field(
        None, description="Largest total of the matching lines, in the programme's currency."
    )
    payment_methods: tuple[Code, ...] | None = Field(None, min_length=1)
