"""Forfeits: an ending membership loses all its points, and all that it gets afterwards."""

from domain.kernel.outbox import Event, Topic
from domain.ledger import journal as journals
from domain.ledger.journal import Journal
from domain.ledger.lots import Touch
from domain.ledger.values import Cause


def forfeit(journal: Journal, cause: Cause) -> list[Event]:
    """Take back pending points and take available ones, with the events of both."""
    pending, available = journal.balances.pending, journal.balances.available
    events: list[Event] = []
    if pending:
        waiting = [lot for lot in journal.lots.values() if lot.pending and lot.remaining]
        journals.claw_back(journal, [Touch(lot.id, -lot.remaining) for lot in waiting], cause)
        payload = {"points": pending, "owed": 0, "forgiven": 0}
        events.append(Event(Topic.POINTS_CLAWED_BACK, journal.member_id, payload))
    if available:
        journals.adjust_down(journal, available, cause)
        payload = {"points": -available}
        events.append(Event(Topic.POINTS_ADJUSTED, journal.member_id, payload))
    return events
