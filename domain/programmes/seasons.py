"""Seasons: named spans of days that rules refer to."""

from calendar import isleap
from collections.abc import Collection, Iterable
from datetime import date

from pydantic import Field

from domain.kernel import dates
from domain.programmes.nodes import Code, Node, SpanDay, Words


class Span(Node):
    """Local days from the first through the last; of every year if both ends name no year.

    Days of every year may span its end, and 29 February is the 28th in common years.
    """

    from_: SpanDay = Field(alias="from")
    through: SpanDay

    def covers(self, day: date) -> bool:
        first, last = (_in_year(end, day.year) for end in (self.from_, self.through))
        if first <= last:
            return first <= day <= last
        return day >= first or day <= last

    def begins(self, year: int) -> date:
        """The first day, of a span of every year in this one."""
        return _in_year(self.from_, year)

    def ends(self, year: int) -> date:
        """The last day, of a span of every year in this one."""
        return _in_year(self.through, year)

    @property
    def last(self) -> date | None:
        """The last day of all; None where it comes again every year."""
        return self.through if isinstance(self.through, date) else None

    def end_around(self, day: date) -> date:
        """The last day of the span around this day, which it covers."""
        first, last = (_in_year(end, day.year) for end in (self.from_, self.through))
        if first <= last or day <= last:
            return last
        return _in_year(self.through, day.year + 1)


def _in_year(end: date | str, year: int) -> date:
    if isinstance(end, date):
        return end
    month, day = map(int, end.split("-"))
    return date(year, month, 28 if (month, day) == (2, 29) and not isleap(year) else day)


SPANS_MAX = 100
"""How many spans that follow one another without a day between are looked through."""


class Season(Node):
    code: Code
    name: Words
    spans: tuple[Span, ...] = Field(min_length=1)

    def covers(self, day: date) -> bool:
        return any(span.covers(day) for span in self.spans)


def last_day(seasons: Iterable[Season], codes: Collection[str], day: date) -> date | None:
    """The last of the days from this one on that all lie in one of these seasons.

    None where they never end.
    """
    spans = [span for season in seasons if season.code in codes for span in season.spans]
    for _ in range(SPANS_MAX):
        ends = [span.end_around(day) for span in spans if span.covers(day)]
        if not ends:
            return dates.add_days(day, -1)
        day = dates.add_days(max(ends), 1)
    return None
