"""Matching: whether a rule applies to a booking, and to which of its lines.

What a rule asks is taken apart into tests once, a test for each thing that it asks; what it does
not ask costs nothing.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from domain.earning import asking
from domain.earning.values import Attributes, Line, MemberFacts, Reason
from domain.kernel.values import value
from domain.programmes import selectors
from domain.programmes.conditions import Condition
from domain.programmes.counts import BookingCount
from domain.programmes.grants import AnyGrant, Step
from domain.programmes.levels import Discount
from domain.programmes.made import once
from domain.programmes.policy import Policy
from domain.programmes.referral_terms import ReferralTerms
from domain.programmes.rules import ActivityRule, EarningRule
from domain.programmes.segments import Segment
from domain.programmes.selectors import (
    WEEKDAYS,
    FactSelector,
    MemberSelector,
    Range,
    SegmentSelector,
    Selector,
)
from domain.programmes.terms import Share

Asking = EarningRule | ActivityRule | AnyGrant | Step | ReferralTerms
"""What has days on which it is valid, and a selector."""

DayTest = Callable[[date], bool]
MemberTest = Callable[[MemberFacts], bool]
LineTest = Callable[[Line, date], bool]
"""Of a line, and the local day on which it was booked."""


@value(frozen=True, slots=True)
class Sale:
    """A booking as rules are asked about it: whose it is, made on which local day, and paid how.

    `booked` are its lines before refunds, where it is asked of what these left. `erred` has the
    rules whose condition could not be computed of a line.
    """

    policy: Policy
    member: MemberFacts
    day: date
    payment_method: str | None
    booked: Sequence[Line] | None = None
    erred: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """What a rule asks of a booking: of its day, member and payment, of each line, and of what
    the matching lines cost together in minor units.
    """

    rule: str
    of_day: Sequence[DayTest] = ()
    of_member: Sequence[MemberTest] = ()
    of_line: Sequence[LineTest] = ()
    payment_methods: Collection[str] | None = None
    least_minor: int = 0
    most_minor: int | None = None
    condition: Condition | None = None

    def lines(self, sale: Sale, lines: Sequence[Line]) -> Sequence[Line]:
        """Of a booking's lines those that the rule is about, whether or not they reach its
        threshold.
        """
        if self.payment_methods is not None and sale.payment_method not in self.payment_methods:
            return ()
        for of_day in self.of_day:
            if not of_day(sale.day):
                return ()
        for of_member in self.of_member:
            if not of_member(sale.member):
                return ()
        found = lines
        for of_line in self.of_line:
            found = [line for line in found if of_line(line, sale.day)]
        if self.condition is None:
            return found
        return self._true_of(self.condition, sale, found, lines)

    def may_reach(self, day: date, payment_method: str | None, lines: Sequence[Line]) -> bool:
        """Whether the rule may be about any of these lines, or what refunds leave of them, whoever
        books them: what is asked of the member or by a condition is left open.
        """
        if self.payment_methods is not None and payment_method not in self.payment_methods:
            return False
        if not all(of_day(day) for of_day in self.of_day):
            return False
        found = [line for line in lines if all(of_line(line, day) for of_line in self.of_line)]
        return bool(found) and self.short_minor(found) == 0

    def _true_of(
        self, condition: Condition, sale: Sale, lines: Sequence[Line], of: Sequence[Line]
    ) -> list[Line]:
        """Of these lines of a booking those that the condition is true of."""
        known = asking.of_fact(sale.policy, sale.member, sale.day)
        known |= asking.of_booking(of, sale.payment_method)
        found = []
        for line in lines:
            answer = condition.ask(known | asking.of_line(line, sale.day))
            if answer is None:
                sale.erred[self.rule] = None
            elif answer:
                found.append(line)
        return found

    def short_minor(self, lines: Iterable[Line]) -> int:
        """How much these lines lack to the threshold, in minor units; 0 when it is reached."""
        if not self.least_minor:
            return 0
        return max(0, self.least_minor - sum(line.cash_minor for line in lines))

    def too_dear(self, sale: Sale, lines: Iterable[Line]) -> bool:
        """Whether these lines are above the largest amount, or were before refunds: what was too
        dear for a rule is not brought to it by a refund, or the next one would take it away again,
        and what is left of the points would depend on the steps.
        """
        if self.most_minor is None and self.condition is None:
            return False
        # a condition is asked of them whatever they cost, so that it is told where it errs
        before = lines if sale.booked is None else self.lines(sale, sale.booked)
        return self.most_minor is not None and (
            sum(line.cash_minor for line in before) > self.most_minor
        )

    def reached(self, sale: Sale, lines: Sequence[Line]) -> Sequence[Line]:
        """Of a booking's lines those that the rule is about; none where its threshold is not
        reached.
        """
        matching = self.lines(sale, lines)
        return () if self.short_minor(matching) or self.too_dear(sale, matching) else matching


def question(policy: Policy, rule: EarningRule | Step) -> Question:
    """What a rule of the policy asks of a booking."""
    when = rule.when
    return Question(
        rule.code,
        tuple(_of_day(policy, rule)),
        tuple(_of_member(policy, when)),
        tuple(_of_line(policy, when)),
        when.payment_methods,
        least_minor=0 if when.min_amount is None else policy.minor_units(when.min_amount),
        most_minor=None if when.max_amount is None else policy.minor_units(when.max_amount),
        condition=policy.condition(when),
    )


class Sold(Protocol):
    """A line, whatever else is known of it."""

    @property
    def product(self) -> str: ...
    @property
    def attributes(self) -> Attributes: ...


def is_of(asked: Discount | Share | BookingCount, line: Sold) -> bool:
    """Whether a line is of the products, and has the attributes, that are asked for."""
    return (asked.products is None or line.product in asked.products) and selectors.match(
        asked.attributes, line.attributes
    )


def holds(policy: Policy, rule: Asking, member: MemberFacts, day: date) -> bool:
    """Whether a rule counts for this member on a local day.

    What an earning rule asks of lines, its condition too, is left open; a condition that errs is
    not so.
    """
    return why_not(policy, rule, member, day) is None


def why_not(
    policy: Policy,
    rule: Asking,
    member: MemberFacts,
    day: date,
    attributes: Attributes | None = None,
) -> Reason | None:
    """Why a rule does not count, as `holds`; None where it does.

    `attributes` are those of the activity that is judged.
    """
    when = rule.when
    matches = all(test(day) for test in _of_day(policy, rule)) and all(
        test(member) for test in _of_member(policy, when)
    )
    condition = None if isinstance(when, Selector) else policy.condition(when)
    if matches and condition is not None:
        known = asking.of_fact(policy, member, day) | asking.of_activity(attributes or {})
        answer = condition.ask(known)
        if answer is None:
            return Reason("condition_error", {"rule": rule.code}, 0)
        matches = answer
    return None if matches else Reason("not_matching", {"rule": rule.code}, 0)


def belongs(policy: Policy, segment: Segment, member: MemberFacts, lists: Collection[str]) -> bool:
    """Whether the member is in a segment; `lists` are those that it is on.

    A segment whose condition errs has nobody.
    """
    if segment.when is None:
        return segment.code in lists
    if not all(test(member) for test in _of_segments(policy)[segment.code]):
        return False
    condition = policy.condition(segment.when)
    return condition is None or condition.ask(asking.of_member(policy, member)) is True


@once
def _of_segments(policy: Policy) -> dict[str, Sequence[MemberTest]]:
    """By segment, what it asks of the member."""
    asked = {segment.code: segment.when for segment in policy.segments}
    return {
        code: () if when is None else tuple(_of_member(policy, when))
        for code, when in asked.items()
    }


def _of_day(policy: Policy, rule: Asking) -> Iterator[DayTest]:
    """What a rule asks of the local day of a fact."""
    valid, seasons, weekdays = rule.valid, rule.when.seasons, rule.when.weekdays
    if valid.from_ is not None or valid.through is not None:
        yield valid.covers
    if seasons is not None:
        yield lambda day: policy.in_season(seasons, day)
    if weekdays is not None:
        yield lambda day: WEEKDAYS[day.weekday()] in weekdays


def _of_member(policy: Policy, when: SegmentSelector) -> Iterator[MemberTest]:
    """What a selector asks of the member, but for its condition."""
    tiers, asked = when.tiers, when.member
    segments = when.segments if isinstance(when, FactSelector) else None
    if segments is not None:
        yield lambda member: any(map(member.segments.get, segments))
    if tiers is not None:
        yield lambda member: policy.tier_code(member.tier) in tiers
    if asked is not None:
        yield from _of_particulars(asked)
    for code, wanted in (when.counts or {}).items():
        yield _of_count(code, policy.in_minor_units(code, wanted))


def _of_count(code: str, wanted: Range) -> MemberTest:
    return lambda member: wanted.covers(member.counts.get(code, 0))


def _of_particulars(asked: MemberSelector) -> Iterator[MemberTest]:
    profile, joined_days = asked.profile, asked.joined_days
    if asked.birthday_month is not None:
        yield lambda member: member.in_birthday_month
    if profile is not None:
        yield lambda member: selectors.match(profile, member.profile)
    if joined_days is not None:
        yield (
            lambda member: (
                (days := member.joined_days) is not None and days >= 0 and joined_days.covers(days)
            )
        )


def _of_line(policy: Policy, when: Selector) -> Iterator[LineTest]:
    """What a selector asks of each line, but for its condition: first what most lines fail."""
    products, attributes, nights = when.products, when.attributes, when.nights
    seasons, weekdays, lead_days = when.travel_seasons, when.travel_weekdays, when.lead_days
    if products is not None:
        yield lambda line, _: line.product in products
    if attributes is not None:
        yield lambda line, _: selectors.match(attributes, line.attributes)
    if nights is not None:
        yield lambda line, _: (known := line.nights) is not None and nights.covers(known)
    if seasons is not None:
        yield _travelling(lambda first, _: policy.in_season(seasons, first))
    if weekdays is not None:
        yield _travelling(lambda first, _: WEEKDAYS[first.weekday()] in weekdays)
    if lead_days is not None:
        yield _travelling(lambda first, day: lead_days.covers((first - day).days))


def _travelling(test: Callable[[date, date], bool]) -> LineTest:
    """A test of the first day of travel; a line that names none fails it."""
    return lambda line, day: (first := line.travel_from) is not None and test(first, day)
