"""Selectors: when a rule applies."""

from typing import Literal

from pydantic import (
    Field,
)

from domain.programmes.nodes import Amount, Code, Node


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
