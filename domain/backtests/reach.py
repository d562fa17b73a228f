"""Reach: the facts that two sets of rules may judge differently.

If two documents differ only in earning rules and activities, then until a member's first fact that
matches one of these, all its facts are judged alike, and are played once for both sides. Whether a
fact matches is decided only by the rule's conditions on the booking itself, whoever the member is.
Each side makes its own claims on budgets, so a fact that matches a rule with a budget is always
played for each side.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from domain.backtests.facts import Active, Amended, Booked, Fact
from domain.backtests.sides import Rules, Side
from domain.earning import matching
from domain.earning.matching import Question
from domain.earning.values import Line
from domain.kernel import dates
from domain.kernel.inputs import AHEAD_MAX
from domain.programmes.grants import AnyGrant, ReferralGrant
from domain.programmes.policy import Policy
from domain.programmes.programmes import BEGINNING, Version, in_force
from domain.programmes.rules import ActivityRule
from domain.tiers import tier_windows

NEVER = datetime.max.replace(tzinfo=UTC)

BY_RULE = ("earning", "activities")
"""Parts of a document that are compared rule by rule."""

UNPLAYED = ("name", "product_names", "target_return", "reminders", "notices", "publishing", "staff")
"""Parts of a document that no played fact uses."""


@dataclass(frozen=True, slots=True)
class AffectedPeriod:
    """Facts from an instant until another, exclusive (UTC), that may be judged differently:
    bookings that one of the questions may match, and activities of these types.
    """

    from_: datetime
    until: datetime
    policy: Policy
    questions: tuple[Question, ...]
    types: frozenset[str]

    def has_booking(self, at: datetime, method: str | None, lines: Sequence[Line]) -> bool:
        if not self.from_ <= at < self.until:
            return False
        day = dates.local_date(at, self.policy.zone)
        return any(question.may_reach(day, method, lines) for question in self.questions)

    def has_activity(self, what: Active) -> bool:
        return what.type in self.types and self.from_ <= what.occurred_at < self.until


@dataclass(frozen=True, slots=True)
class Reach:
    """The facts that two sets of rules may judge differently: all facts from `everything` on (UTC),
    and before that those in the `affected` periods. Until `since` both have the same versions;
    from then on tiers can fall by the policies in `falling`.
    """

    everything: datetime
    since: datetime
    affected: tuple[AffectedPeriod, ...]
    falling: tuple[Policy, ...]

    def has(self, fact: Fact, side: Side) -> bool:
        """Whether the other rules may judge this fact differently, if they judged all of the
        member's earlier facts alike.
        """
        if self.has_time(side, fact.recorded_at):
            return True
        asked = _ASKED.get(type(fact.what))
        return asked is not None and any(asked(period, fact.what, side) for period in self.affected)

    def has_time(self, side: Side, until: datetime) -> bool:
        """The same for the passage of time until an instant, because a tier's period may open when
        a version begins.
        """
        # a fact may be dated a little ahead of its recording
        if until >= later(self.everything, -AHEAD_MAX):
            return True
        holding = side.holding
        return (
            until >= self.since
            and holding.until is None
            and any(tier_windows.can_fall(policy, holding.earned) for policy in self.falling)
        )


def later(instant: datetime, by: timedelta) -> datetime:
    """An instant shifted by a duration; NEVER and BEGINNING stay as they are."""
    return instant if instant in (NEVER, BEGINNING) else instant + by


def _booked(period: AffectedPeriod, what: Booked, _: Side) -> bool:
    return period.has_booking(what.booked_at, what.payment_method, what.lines)


def _amended(period: AffectedPeriod, what: Amended, side: Side) -> bool:
    state = side.bookings.get(what.booking_id)
    return state is not None and period.has_booking(
        state.booked_at, state.payment_method, what.lines
    )


_ASKED: Mapping[type, Callable[[AffectedPeriod, Any, Side], bool]] = {
    Booked: _booked,
    Amended: _amended,
    Active: lambda period, what, _: period.has_activity(what),
}


def of(both: tuple[Rules, Rules]) -> Reach:
    """The reach of a change from one of these sets of rules to the other."""
    versions = [rules.programme.versions for rules in both]
    begins = sorted({one.effective_from for side in versions for one in side})
    everything, since, affected, falling = NEVER, NEVER, list[AffectedPeriod](), list[Policy]()
    for from_, until in pairwise([*begins, NEVER]):
        found = [one for side in versions if (one := in_force(side, from_)) is not None]
        if len(found) < len(versions) or _is_all_reached(both, *found):
            everything, since = min(everything, from_), min(since, from_)
            continue
        first, second = (one.policy for one in found)
        if found[0].id != found[1].id:
            since = min(since, from_)
        if from_ >= since and first.tiers.terms is not None:
            falling.append(first)
        period = _affected((from_, until), first, second)
        if period.questions or period.types:
            affected.append(period)
    return Reach(everything, since, tuple(affected), tuple(falling))


def _is_all_reached(both: tuple[Rules, Rules], one: Version, other: Version) -> bool:
    """Whether all facts may be judged differently: these versions, in force at the same time,
    differ in more than rules for single facts, or have grants with budgets.
    """
    first, second = one.policy, other.policy
    if any(grant.budget for policy in (first, second) for grant in _given(policy)):
        return True
    if one.id == other.id:
        return False
    compared = Policy.model_fields.keys() - {*BY_RULE, *UNPLAYED}
    return (
        any(getattr(first, name) != getattr(second, name) for name in compared)
        or _of_every_fact(first) != _of_every_fact(second)
        or bool(first.profile_keys and _kept(both[0]) != _kept(both[1]))
        or _same(first, second) != _same(second, first)
        # only the friend's enrolment tells which version gave it
        or any(isinstance(grant, ReferralGrant) for grant in first.grants)
    )


def _given(policy: Policy) -> Iterable[AnyGrant | ActivityRule]:
    """The grants of the programme."""
    return (*policy.grants, *(rule for rule in policy.activities if rule.on))


def _of_every_fact(policy: Policy) -> tuple[Any, ...]:
    """Parts of rules for bookings and activities that are used by more than their own facts."""
    return (
        policy.profile_keys,
        policy.asks_for_joining,
        policy.tallied_for_bookings,
        policy.budgets,
        policy.calendar_grants,
    )


def _kept(rules: Rules) -> list[frozenset[str] | None]:
    """The profile keys of each version that was in force; None for one that `rules` do not have."""
    return [rules.profile_keys.get(one.id) for one in rules.truth.versions]


def _same(first: Policy, second: Policy) -> list[str]:
    """The codes of rules that are equal in both, with equal terms of their points."""
    return [
        code
        for code, rule in first.rules.items()
        if second.rules.get(code) == rule and first.own_terms(code) == second.own_terms(code)
    ]


def _affected(of: tuple[datetime, datetime], first: Policy, second: Policy) -> AffectedPeriod:
    """Facts that match a rule that differs between both, or has a budget."""
    unlike = {*first.rules, *second.rules}
    unlike = unlike - {*_same(first, second)} | first.budgets.keys()
    questions = tuple(
        matching.question(policy, rule)
        for policy in (first, second)
        for rule in policy.earning
        if rule.code in unlike
    )
    types = {*first.activity_types, *second.activity_types}
    return AffectedPeriod(*of, first, questions, frozenset(types & unlike))
