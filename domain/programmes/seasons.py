"""Seasons: named spans of days that rules refer to."""

from datetime import date

from pydantic import Field

from domain.programmes.nodes import Code, Day, Node, Words


class Span(Node):
    """Local days from the first through the last."""

    from_: Day = Field(alias="from")
    through: Day


class Season(Node):
    code: Code
    name: Words
    spans: tuple[Span, ...] = Field(min_length=1)

    def covers(self, day: date) -> bool:
        return any(span.from_ <= day <= span.through for span in self.spans)
