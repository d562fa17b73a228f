"""Seasons: named spans of days that rules refer to."""

from datetime import date
from typing import Self

from pydantic import (
    Field,
    model_validator,
)

from domain.programmes.nodes import Code, Node, Words


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
