"""An offer, and its conditions that are judged now: pure rules."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from domain.earning import asking, matching
from domain.earning.clipping import EVERY_RULE
from domain.earning.values import Allowance, MemberFacts, Reason
from domain.kernel import dates
from domain.programmes import seasons
from domain.programmes.grants import Mission
from domain.programmes.nodes import POINTS_MAX
from domain.programmes.policy import Policy
from domain.programmes.rules import ActivityRule, BonusRule, EarningRule, FromAttribute
from domain.programmes.selectors import FactSelector, MemberSelector, Range, SegmentSelector

OFFERS_MAX = 50
"""Most offers that are shown, ordered by their ends."""


_OF_MEMBER = ("member.", "count.", "segment.")
"""Prefixes of an expression's names about the member."""

Offered = EarningRule | ActivityRule | Mission
"""A rule, activity or mission that can be an offer."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A rule or mission that a member can gain by now.

    `why` names each of its conditions on the member. `until` is its last local day, None without
    one; `most_points` the most points that it gives, None if that is no fixed number.
    """

    rule: Offered
    why: tuple[Reason, ...]
    until: date | None
    most_points: int | None


def shown(
    policy: Policy,
    facts: MemberFacts,
    left: Mapping[str, Allowance],
    today: date,
    missions: Mapping[str, date] | None = None,
) -> list[Offer]:
    """The member's offers of today, ordered by their ends, then by the document.

    `left` are the remainders of limits and budgets of rules that have one, and under `EVERY_RULE`
    the remainder of the member's caps for all of them; `missions` the last days of the missions
    that are open.
    """
    ends, capped = missions or {}, left.get(EVERY_RULE, Allowance()).points
    offered: list[Offered] = [rule for rule in policy.rules.values() if rule.offer]
    offered += [one for one in policy.grants if isinstance(one, Mission) and one.code in ends]
    found = [
        _offer(policy, rule, facts, own, (today, ends.get(rule.code)))
        for rule in offered
        if _holds(policy, rule, facts, today)
        if _has_left(own := _within(rule, left.get(rule.code, Allowance()), capped))
    ]
    return sorted(found, key=lambda offer: offer.until or dates.FOREVER)[:OFFERS_MAX]


def _holds(policy: Policy, rule: Offered, facts: MemberFacts, today: date) -> bool:
    """Whether its conditions on the day and the member hold.

    An expression about anything else is not judged, as conditions on lines are not.
    """
    condition = policy.condition(rule.when)
    if condition is None:
        return matching.holds(policy, rule, facts, today)
    plain = rule.model_copy(update={"when": rule.when.model_copy(update={"cel": None})})
    if not matching.holds(policy, plain, facts, today):
        return False
    open_yet = not all(name.startswith(_OF_MEMBER) for name in condition.names)
    return open_yet or condition.ask(asking.of_member(policy, facts)) is True


def _within(rule: Offered, own: Allowance, capped: int | None) -> Allowance:
    """The remainder of a rule, with its points clipped by caps; caps apply to nothing else."""
    if capped is None or (isinstance(rule, Mission) and rule.gives.points is None):
        return own
    return replace(own, points=capped if own.points is None else min(own.points, capped))


def _has_left(left: Allowance) -> bool:
    return all(most is None or most > 0 for most in (left.times, left.points, left.budget))


def _offer(
    policy: Policy,
    rule: Offered,
    facts: MemberFacts,
    left: Allowance,
    days: tuple[date, date | None],
) -> Offer:
    points = _points(rule)
    bounds = [most for most in (points, left.points, left.budget) if most is not None]
    return Offer(
        rule,
        tuple(_why(policy, rule.when, facts)),
        _until(policy, rule, *days),
        None if points is None else min(bounds),
    )


def _points(rule: Offered) -> int | None:
    """Most points that it gives; None if they depend on amounts, or it gives no points."""
    if isinstance(rule, Mission):
        return rule.gives.points
    if isinstance(rule, BonusRule):
        return rule.points
    if not isinstance(rule, ActivityRule):
        return None
    if isinstance(rule.points, FromAttribute):
        return rule.points.maximum if rule.points.maximum < POINTS_MAX else None
    return rule.points


def _until(policy: Policy, rule: Offered, today: date, last: date | None) -> date | None:
    """The first of its last days, from today on; `last` is that of a mission."""
    when, ends = rule.when, [rule.valid.through, last]
    if when.seasons is not None:
        ends.append(seasons.last_day(policy.seasons, when.seasons, today))
    if when.member is not None and when.member.birthday_month:
        ends.append(dates.month_end(today))
    return min((end for end in ends if end is not None), default=None)


def _why(policy: Policy, when: SegmentSelector, facts: MemberFacts) -> Iterator[Reason]:
    """All of its conditions on the member, which hold."""
    if when.tiers is not None:
        yield Reason("asks_tier", {"tier": policy.tier_code(facts.tier)})
    if when.member is not None:
        yield from _why_member(when.member)
    for code, wanted in (when.counts or {}).items():
        yield Reason("asks_count", _count(policy, code, wanted))
    if isinstance(when, FactSelector) and when.segments is not None:
        yield from _why_segment(policy, when.segments, facts)


def _why_segment(policy: Policy, codes: Collection[str], facts: MemberFacts) -> Iterator[Reason]:
    """Conditions of the first of these segments to which the member belongs; its name if it has
    none.
    """
    own = (one for one in policy.segments if one.code in codes and facts.segments.get(one.code))
    for segment in islice(own, 1):
        asked = [] if segment.when is None else list(_why(policy, segment.when, facts))
        yield from asked or [Reason("asks_segment", {"segment": segment.code})]


def _why_member(wanted: MemberSelector) -> Iterator[Reason]:
    if wanted.birthday_month:
        yield Reason("asks_birthday_month", {})
    for key, value in (wanted.profile or {}).items():
        yield Reason("asks_profile", {"key": key, "value": value})
    joined = wanted.joined_days
    if joined is not None:
        if joined.min is not None:
            yield Reason("asks_joined_before", {"days": joined.min})
        if joined.max is not None:
            yield Reason("asks_joined_within", {"days": joined.max})


def _count(policy: Policy, code: str, wanted: Range) -> dict[str, Any]:
    """A count and its range, in minor units where it is of money, with its window."""
    count = policy.counts[code]
    money = count.of == "spend"
    unit = policy.minor_units(Decimal(1)) if money else 1
    ends = {"least": wanted.min, "most": wanted.max}
    return {
        "count": code,
        **{name: end * unit for name, end in ends.items() if end is not None},
        **({"currency": policy.currency} if money else {}),
        **({"days": count.days} if count.days is not None else {}),
        **({"per": count.per} if count.per is not None else {}),
    }
