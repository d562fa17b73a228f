"""Matching: whether a rule applies to a booking, and to which of its lines."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from domain.earning.values import Line, MemberFacts
from domain.programmes import selectors
from domain.programmes.policy import Policy
from domain.programmes.rules import ActivityRule, EarningRule
from domain.programmes.selectors import WEEKDAYS, MemberSelector, Selector


def matcher(
    policy: Policy,
    member: MemberFacts,
    day: date,
    payment_method: str | None,
    booked: Sequence[Line] | None = None,
) -> Callable[[EarningRule], "Match"]:
    """How each rule stands to a booking of this member, made on a local day; `booked` are its lines
    before refunds, where it is asked of what these left.
    """

    def match(rule: EarningRule) -> Match:
        methods = rule.when.payment_methods
        paid = methods is None or payment_method in methods
        return Match(rule.when, paid and holds(policy, rule, member, day), policy, day, booked)

    return match


def holds(policy: Policy, rule: EarningRule | ActivityRule, member: MemberFacts, day: date) -> bool:
    """Whether a rule counts for this member on a local day, whatever else it asks for."""
    when, wanted = rule.when, rule.when.member
    return (
        rule.valid.covers(day)
        and (when.tiers is None or policy.tier_code(member.tier) in when.tiers)
        and (when.seasons is None or policy.in_season(when.seasons, day))
        and (when.weekdays is None or WEEKDAYS[day.weekday()] in when.weekdays)
        and (wanted is None or _is_wanted(wanted, member))
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
    """A rule's condition against one booking."""

    when: Selector
    holds: bool
    policy: Policy
    day: date
    booked: Sequence[Line] | None = None

    def lines(self, lines: Iterable[Line]) -> list[Line]:
        """The lines that the rule is about, whether or not they reach its threshold."""
        if not self.holds:
            return []
        return [line for line in lines if self._is_about(line)]

    def _is_about(self, line: Line) -> bool:
        when, first, nights = self.when, line.travel_from, line.nights
        travels = when.travel_seasons or when.travel_weekdays or when.lead_days
        if (travels and first is None) or (when.nights and nights is None):
            return False
        return (
            (when.products is None or line.product in when.products)
            and selectors.match(when.attributes, line.attributes)
            and (when.nights is None or nights is None or when.nights.covers(nights))
            and (first is None or self._is_season(first))
        )

    def _is_season(self, first: date) -> bool:
        when = self.when
        return (
            (when.travel_seasons is None or self.policy.in_season(when.travel_seasons, first))
            and (when.travel_weekdays is None or WEEKDAYS[first.weekday()] in when.travel_weekdays)
            and (when.lead_days is None or when.lead_days.covers((first - self.day).days))
        )

    def short_minor(self, lines: Iterable[Line]) -> int:
        """How much these lines lack to the threshold, in minor units; 0 when it is reached."""
        if self.when.min_amount is None:
            return 0
        wanted = self.policy.minor_units(self.when.min_amount)
        return max(0, wanted - sum(line.cash_minor for line in lines))

    def too_dear(self, lines: Iterable[Line]) -> bool:
        """Whether these lines are above the largest amount, or were before refunds: what was too
        dear for a rule is not brought to it by a refund, or the next one would take it away again,
        and what is left of the points would depend on the steps.
        """
        most = self.when.max_amount
        before = lines if self.booked is None else self.lines(self.booked)
        total = sum(line.cash_minor for line in before)
        return most is not None and total > self.policy.minor_units(most)

    def reached(self, lines: Iterable[Line]) -> list[Line]:
        matching = self.lines(lines)
        return [] if self.short_minor(matching) or self.too_dear(matching) else matching
