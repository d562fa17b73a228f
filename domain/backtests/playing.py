"""Playing: the effect of each kind of fact on a side, and the grants that follow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.backtests import parted, passing, played_bookings, played_facts, played_grants, sides
from domain.backtests.facts import (
    Active,
    Amended,
    Assigned,
    Booked,
    Captured,
    Completed,
    Life,
    Moved,
    Redeemed,
    Referring,
    Refunded,
    Returned,
    Reversed,
)
from domain.backtests.facts import Fact as Happened
from domain.backtests.parted import Begun
from domain.backtests.purse import Purse
from domain.backtests.reach import Reach, later
from domain.backtests.sides import Rules, Side
from domain.grants.values import Fact
from domain.kernel.inputs import AHEAD_MAX
from domain.programmes.programmes import BEGINNING

_PLAYS: Mapping[type, Callable[[Any, Side], None]] = {
    Booked: played_bookings.book,
    Completed: played_bookings.complete,
    Refunded: played_bookings.refund,
    Amended: played_bookings.amend,
    Active: played_facts.act,
    Reversed: played_facts.take_back,
    Referring: played_facts.refer,
    Redeemed: played_facts.redeem,
    Captured: played_facts.capture,
    Returned: played_facts.give_back,
    Assigned: played_facts.assign,
    Moved: played_facts.move,
}


def play_life(life: Life, rules: Rules, purse: Purse, cutoff: datetime) -> Side:
    """Play one member by one set of rules, until an instant."""
    side = _begin(life, rules, purse, cutoff)
    _play_on(side, life.facts, cutoff)
    return side


def play_both(
    life: Life, both: tuple[Rules, Rules], purses: tuple[Purse, Purse], cutoff: datetime, of: Reach
) -> tuple[Side, Side]:
    """Play one member by two sets of rules; `reach` knows the facts that they may judge
    differently. Everything before those is played once. If nothing distinguishes the sides, one
    object is both.
    """
    first = _begin(life, both[0], purses[0], cutoff)
    second = _begin(life, both[1], purses[1], cutoff)
    begun, together = Begun.of(first), _alike(first, second, of)
    first.assumed, place = False, 0
    while place < len(life.facts) and not together.has(life.facts[place], first):
        _play(life.facts[place], first)
        place += 1
    if place == len(life.facts) and not together.has_time(first, cutoff):
        passing.advance(first, cutoff)
        first.assumed = first.assumed or begun.assumed or second.assumed
        return first, first
    if place:
        second = parted.part(first, second, begun, of.since)
    first.assumed = first.assumed or begun.assumed
    for side in (first, second):
        _play_on(side, life.facts[place:], cutoff)
    return first, second


def _alike(first: Side, second: Side, of: Reach) -> Reach:
    """The instant until which two sides that have just begun are equal: that of the first fact
    judged differently, unless a raise or grant differs before.
    """
    for at in (of.everything, of.since):
        if parted.alike(first, second, later(at, -AHEAD_MAX)):
            return replace(of, everything=at)
    return replace(of, everything=BEGINNING)


def _begin(life: Life, rules: Rules, purse: Purse, cutoff: datetime) -> Side:
    side = sides.begin(life, rules, purse)
    side.days = passing.days_of(side, cutoff)
    return side


def _play_on(side: Side, facts: Sequence[Happened], cutoff: datetime) -> None:
    for fact in facts:
        _play(fact, side)
    passing.advance(side, cutoff)


def _play(fact: Happened, side: Side) -> None:
    passing.advance(side, fact.recorded_at)
    side.purse.begin(fact.recorded_at, fact.id)
    side.decided = []
    asked = _EVALUATED.get(type(fact.what)) if side.rules.gives else None
    evaluated = asked(fact.what, side) if asked else None
    if evaluated is None:
        _PLAYS[type(fact.what)](fact.what, side)
        return
    before = played_grants.look(side, evaluated)
    _PLAYS[type(fact.what)](fact.what, side)
    referral = fact.what if isinstance(fact.what, Referring) else None
    played_grants.evaluate(side, evaluated, before, referral)


def _of_booking(side: Side, what: Captured) -> Fact | None:
    """The booking that used the points held for it: both are one fact."""
    for state in reversed(side.bookings.values()):
        if state.redemption_id == what.redemption_id:
            return Fact(state.id, state.booked_at)
    return None


_EVALUATED: Mapping[type, Callable[[Any, Side], Fact | None]] = {
    Booked: lambda what, _: None if what.imported else Fact(what.booking_id, what.booked_at),
    Completed: lambda what, _: Fact(what.completion_id, what.completed_at),
    Refunded: lambda what, _: Fact(what.booking_id, what.refunded_at),
    Amended: lambda what, _: Fact(what.booking_id, what.amended_at),
    Active: lambda what, _: Fact(what.activity_id, what.occurred_at),
    Reversed: lambda what, side: Fact(what.activity_id, side.now),
    Referring: lambda what, _: Fact(what.referral_id, what.fact_at) if what.fact_at else None,
    Redeemed: lambda what, side: Fact(what.redemption_id, side.now),
    Captured: lambda what, side: (
        Fact(what.redemption_id, side.now) if what.whole else _of_booking(side, what)
    ),
    Returned: lambda what, side: Fact(what.redemption_id, side.now),
}
"""The fact whose grants are settled, dated as live; None or an empty list where no grants follow.
"""
