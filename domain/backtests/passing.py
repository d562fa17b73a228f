"""Passing: what the passage of time changes on a side.

Points expire, tiers are reviewed, a new version raises members who now qualify, and grants of a day
are given. A grant that the versions really in force have too is given when it was really given, or
not at all; another one at the beginning of its day.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.activities import calendar_rules
from domain.backtests import played_facts, played_grants
from domain.backtests.facts import Booked, Gift
from domain.backtests.purse import FIRST
from domain.backtests.sides import DueGrant, Rules, Side
from domain.grants.values import Fact, Occasion
from domain.kernel import dates
from domain.kernel.ids import id_of
from domain.ledger import journal as journals
from domain.programmes.grants import BIRTHDAY, CalendarGrant
from domain.programmes.programmes import Programme, Version
from domain.tiers import qualification, tier_periods
from domain.tiers.values import NewChange


def advance(side: Side, now: datetime) -> None:
    """Let time pass until an instant."""
    while side.raising or side.days:
        begins = side.raising[0].effective_from if side.raising else None
        comes = side.days[-1].at if side.days else None
        if begins is not None and begins <= now and (comes is None or begins <= comes):
            _raise(side, side.raising.pop(0))
        elif comes is not None and comes <= now:
            _give(side, side.days.pop())
        else:
            break
    _pass(side, now)


def _raise(side: Side, version: Version) -> None:
    _pass(side, version.effective_from)
    side.purse.begin(version.effective_from, FIRST)
    side.decided = []
    sums = side.sums(version.policy, side.now)
    side.count((), qualification.raised(version, side.holding, sums, side.now, version.policy))
    if side.rules.gives:
        played_grants.evaluate_tier(side, Fact(version.id, version.effective_from))


def _give(side: Side, due: DueGrant) -> None:
    _pass(side, due.at)
    occasion = due.occasion
    rule = occasion.version.policy.activity_types.get(occasion.grant.code)
    if rule is not None:
        left = played_facts.times_left(side, rule, occasion.occurred_at, occasion.version)
        if left is not None and left <= 0:
            return
    side.purse.begin(due.at, due.id)
    played_grants.give_on_day(side, occasion)


def _pass(side: Side, now: datetime) -> None:
    while (due := tier_periods.next_due(side.programme, side.holding, now)) is not None:
        journals.advance(side.journal, due.at)
        sums = side.sums(due.version.policy, due.at, closed=True)
        decided = tier_periods.decide(due, side.holding, due.at, sums)
        if isinstance(decided, NewChange):
            side.count((), decided)
        else:
            side.holding = decided
    journals.advance(side.journal, now)


def days_of(side: Side, cutoff: datetime) -> list[DueGrant]:
    """The days with a grant of the calendar until `cutoff`, the last one first."""
    if not side.rules.by_day:
        return []
    found: dict[tuple[str, str], DueGrant] = {}
    for gift in side.life.gifts:
        due = _as_given(side.rules, gift)
        if due is not None:
            found[gift.rule, gift.occurrence] = due
    for due in _new(side, cutoff):
        found.setdefault((due.occasion.grant.code, due.occasion.occurrence), due)
    return sorted(found.values(), key=lambda due: (due.at, due.id), reverse=True)


def _as_given(rules: Rules, gift: Gift) -> DueGrant | None:
    """A gift of this kind that was really given, with this side's rule for it."""
    then = _grant(rules.truth, gift.rule, gift.occurred_at)
    own = _grant(rules.programme, gift.rule, gift.occurred_at)
    if then is None or own is None or own[1].day != then[1].day:
        return None
    version, grant = own
    late = timedelta(days=calendar_rules.CATCH_UP_DAYS + 1)
    begins = gift.occurred_at if gift.recorded_at - gift.occurred_at >= late else None
    occasion = Occasion(grant, version, gift.occurrence, gift.occurred_at, counted_from=begins)
    return DueGrant(gift.recorded_at, gift.id, occasion)


def _new(side: Side, cutoff: datetime) -> Iterable[DueGrant]:
    """Grants by rules that were not really in force."""
    zone = side.programme.versions[-1].policy.zone
    since, rules = _since(side), side.rules
    joined = dates.local_date(side.life.joined_at, zone)
    member, today = (side.life.birthday, joined), dates.local_date(cutoff, zone)
    kinds = dict.fromkeys(
        (grant.code, grant.day)
        for version in rules.programme.versions
        for grant in version.policy.calendar_grants.values()
    )
    for code, kind in kinds:
        for day in calendar_rules.days_of(kind, member, joined, today):
            at = dates.start_of_day(day, zone)
            own, then = _grant(rules.programme, code, at), _grant(rules.truth, code, at)
            known = then is not None and then[1].day == kind
            if own is None or own[1].day != kind or known or not since <= at < cutoff:
                continue
            if kind == BIRTHDAY:
                side.assumed = True
            occasion = Occasion(own[1], own[0], str(day.year), at)
            yield DueGrant(at, id_of(at, code), occasion)


def _since(side: Side) -> datetime:
    """The start of grants: a member that was imported had none before."""
    imported = [
        fact.recorded_at
        for fact in side.life.facts
        if isinstance(fact.what, Booked) and fact.what.imported
    ]
    return max([side.life.joined_at, *imported])


def _grant(programme: Programme, code: str, at: datetime) -> tuple[Version, CalendarGrant] | None:
    """The grant of this code for a day, as in force when the day began."""
    if at < programme.versions[0].effective_from:
        return None
    version = programme.as_of(at)
    grant = version.policy.calendar_grants.get(code)
    return None if grant is None or not grant.gives.points else (version, grant)
