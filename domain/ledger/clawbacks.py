"""Clawbacks: points taken back under the policy's refund terms, and the treatment of the rest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.ledger import journal as journals
from domain.ledger import lots as lot_rules
from domain.ledger.journal import Journal
from domain.ledger.lots import Lot, Touch
from domain.ledger.values import Cause


@dataclass(frozen=True, slots=True)
class Clawback:
    """Sources from which points that are no longer earned were taken.

    `clawed_back` includes `owed`; `expired` points were gone already, `forgiven` points stay.
    """

    clawed_back: int = 0
    owed: int = 0
    forgiven: int = 0
    expired: int = 0


def take(
    journal: Journal, own: Sequence[Lot], due: int, *, expired: int, terms: str, cause: Cause
) -> Clawback:
    """Take `due` points: from these lots, pending ones first, then earliest expiry first, and what
    is missing as the policy's `terms` say.

    `expired` points of these lots were gone already and count as recovered; held points are not
    taken.
    """
    chosen = of_lots(journal, own, due)
    groups = [
        [touch for touch in chosen if journal.lots[touch.lot_id].pending is pending]
        for pending in (True, False)
    ]
    return take_chosen(journal, groups, due, expired=expired, terms=terms, cause=cause)


def of_lots(journal: Journal, own: Sequence[Lot], wanted: int) -> list[Touch]:
    """Take up to `points` from these lots, pending ones first, then earliest expiry first."""
    spendable = (lot for lot in own if lot.spendable(journal.now))
    touches = []
    for lot in (
        *(lot for lot in own if lot.pending),
        *sorted(spendable, key=lot_rules.spend_order),
    ):
        if points := min(wanted, lot.remaining):
            touches.append(Touch(lot.id, -points))
            wanted -= points
    return touches


def missing(journal: Journal, own: Iterable[Touch], due: int, *, expired: int, terms: str) -> int:
    """Number of the `due` points that would be forgiven or owed, after these touches and all others
    that may be taken.
    """
    touches = list(own)
    rest = due + sum(touch.points for touch in touches)
    if terms == "only_pending":
        return 0
    spent = -sum(one.points for one in touches if not journal.lots[one.lot_id].pending)
    left = lot_rules.spendable_points(journal.lots.values(), journal.now) - spent
    return max(0, rest - min(rest, expired) - left)


def take_chosen(
    journal: Journal,
    chosen: Iterable[Sequence[Touch]],
    due: int,
    *,
    expired: int,
    terms: str,
    cause: Cause,
) -> Clawback:
    """The same, but the caller's choice comes first: one entry for each group of lots, which are
    all pending or all available. Together they are at most `due`.
    """
    taken = sum(journals.claw_back(journal, touches, cause).points for touches in chosen if touches)
    gone = min(due - taken, expired)
    others, owed = _take_rest(journal, due - taken - gone, terms, cause)
    taken += others + owed
    return Clawback(taken, owed, due - taken - gone, gone)


def _take_rest(journal: Journal, rest: int, terms: str, cause: Cause) -> tuple[int, int]:
    """Take points from other lots, earliest expiry first; the rest is owed."""
    if not rest or terms == "only_pending":
        return 0, 0
    available = lot_rules.spendable_points(journal.lots.values(), journal.now)
    others = min(rest, available)
    if others:
        drawn = lot_rules.draw_down(journal.lots.values(), others, journal.now)
        journals.claw_back(journal, drawn, cause)
    owed = rest - others if terms == "unlimited" and not journal.closed else 0
    if owed:
        journals.owe(journal, owed, cause)
    return others, owed
