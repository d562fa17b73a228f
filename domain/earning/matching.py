"""Matching: whether a rule applies to a booking, and to which of its lines."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from domain.earning import asking
from domain.earning.values import Attributes, Line, MemberFacts, Reason
from domain.programmes import selectors
from domain.programmes.conditions import Condition
from domain.programmes.counts import BookingCount
from domain.programmes.grants import AnyGrant, Step
from domain.programmes.levels import Discount
from domain.programmes.policy import Policy
from domain.programmes.referral_terms import ReferralTerms
from domain.programmes.rules import ActivityRule, EarningRule
from domain.programmes.segments import Segment
from domain.programmes.selectors import WEEKDAYS, MemberSelector, SegmentSelector, Selector
from domain.programmes.terms import Share

Asking = EarningRule | ActivityRule | AnyGrant | Step | ReferralTerms
"""What has days on which it is valid, and a selector."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """How each rule stands to a booking of this member, made on a local day.

    `booked` are its lines before refunds, where it is asked of what these left. `erred` has the
    rules whose condition could not be computed of a line.
    """

    policy: Policy
    member: MemberFacts
    day: date
    payment_method: str | None
    booked: Sequence[Line] | None = None
    erred: dict[str, None] = field(default_factory=dict)

    def __call__(self, rule: EarningRule | Step) -> "Match":
        methods = rule.when.payment_methods
        paid = methods is None or self.payment_method in methods
        applies = paid and holds(self.policy, rule, self.member, self.day)
        return Match(self, rule, self.policy.condition(rule.when) if applies else None, applies)

    def selected(
        self,
        rule: EarningRule | Step,
        condition: Condition,
        lines: Sequence[Line],
        of: Sequence[Line],
    ) -> list[Line]:
        """Of these lines of a booking those that the condition is true of."""
        known = asking.of_fact(self.policy, self.member, self.day)
        known |= asking.of_booking(of, self.payment_method)
        found = []
        for line in lines:
            answer = condition.ask(known | asking.of_line(line, self.day))
            if answer is None:
                self.erred[rule.code] = None
            elif answer:
                found.append(line)
        return found


class Sold(Protocol):
    """A line, whatever else is known of it."""

    @property
    def product(self) -> str: ...
    @property
    def attributes(self) -> Attributes: ...


def is_of(asked: Selector | Discount | Share | BookingCount, line: Sold) -> bool:
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
    matches = (
        rule.valid.covers(day)
        and (when.seasons is None or policy.in_season(when.seasons, day))
        and (when.weekdays is None or WEEKDAYS[day.weekday()] in when.weekdays)
        and (when.segments is None or any(map(member.segments.get, when.segments)))
        and _is_for(policy, when, member)
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
    if not _is_for(policy, segment.when, member):
        return False
    condition = policy.condition(segment.when)
    return condition is None or condition.ask(asking.of_member(policy, member)) is True


def _is_for(policy: Policy, when: SegmentSelector, member: MemberFacts) -> bool:
    return (
        (when.tiers is None or policy.tier_code(member.tier) in when.tiers)
        and (when.member is None or _is_wanted(when.member, member))
        and policy.counts_match(when.counts, member.counts)
    )


def _is_wanted(wanted: MemberSelector, member: MemberFacts) -> bool:
    days, asked = member.joined_days, wanted.joined_days
    return (
        (wanted.birthday_month is None or member.in_birthday_month)
        and selectors.match(wanted.profile, member.profile)
        and (asked is None or (days is not None and days >= 0 and asked.covers(days)))
    )


@dataclass(frozen=True, slots=True)
class Match:
    """A rule's selector against one booking."""

    matcher: Matcher
    rule: EarningRule | Step
    condition: Condition | None
    holds: bool

    @property
    def when(self) -> Selector:
        return self.rule.when

    def lines(self, lines: Sequence[Line]) -> list[Line]:
        """Of a booking's lines those that the rule is about, whether or not they reach its
        threshold.
        """
        if not self.holds:
            return []
        found = [line for line in lines if self._is_about(line)]
        if self.condition is None:
            return found
        return self.matcher.selected(self.rule, self.condition, found, lines)

    def _is_about(self, line: Line) -> bool:
        when, first, nights = self.when, line.travel_from, line.nights
        travels = when.travel_seasons or when.travel_weekdays or when.lead_days
        if (travels and first is None) or (when.nights and nights is None):
            return False
        return (
            is_of(when, line)
            and (when.nights is None or nights is None or when.nights.covers(nights))
            and (first is None or self._is_season(first))
        )

    def _is_season(self, first: date) -> bool:
        when = self.when
        return (
            (
                when.travel_seasons is None
                or self.matcher.policy.in_season(when.travel_seasons, first)
            )
            and (when.travel_weekdays is None or WEEKDAYS[first.weekday()] in when.travel_weekdays)
            and (when.lead_days is None or when.lead_days.covers((first - self.matcher.day).days))
        )

    def short_minor(self, lines: Iterable[Line]) -> int:
        """How much these lines lack to the threshold, in minor units; 0 when it is reached."""
        if self.when.min_amount is None:
            return 0
        wanted = self.matcher.policy.minor_units(self.when.min_amount)
        return max(0, wanted - sum(line.cash_minor for line in lines))

    def too_dear(self, lines: Iterable[Line]) -> bool:
        """Whether these lines are above the largest amount, or were before refunds: what was too
        dear for a rule is not brought to it by a refund, or the next one would take it away again,
        and what is left of the points would depend on the steps.
        """
        most = self.when.max_amount
        booked = self.matcher.booked
        before = lines if booked is None else self.lines(booked)
        total = sum(line.cash_minor for line in before)
        return most is not None and total > self.matcher.policy.minor_units(most)

    def reached(self, lines: Sequence[Line]) -> list[Line]:
        matching = self.lines(lines)
        return [] if self.short_minor(matching) or self.too_dear(matching) else matching
