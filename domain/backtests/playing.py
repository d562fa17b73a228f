"""Playing: what each kind of fact does to a side."""

from collections.abc import Callable, Mapping
from typing import Any

from domain.backtests import played_bookings, played_facts, sides
from domain.backtests.facts import (
    Active,
    Amended,
    Assigned,
    Booked,
    Captured,
    Completed,
    Fact,
    Moved,
    Redeemed,
    Refunded,
    Returned,
    Reversed,
)
from domain.backtests.sides import Side

_PLAYS: Mapping[type, Callable[[Any, Side], None]] = {
    Booked: played_bookings.book,
    Completed: played_bookings.complete,
    Refunded: played_bookings.refund,
    Amended: played_bookings.amend,
    Active: played_facts.act,
    Reversed: played_facts.take_back,
    Redeemed: played_facts.redeem,
    Captured: played_facts.capture,
    Returned: played_facts.give_back,
    Assigned: played_facts.assign,
    Moved: played_facts.move,
}


def play(side: Side, fact: Fact) -> None:
    """Let time pass until a fact was recorded, then do what it does."""
    sides.advance(side, fact.recorded_at)
    _PLAYS[type(fact.what)](fact.what, side)
