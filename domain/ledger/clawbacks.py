"""Clawbacks: points taken back as the policy's refund terms say, and what becomes of the rest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.ledger import journal as journals
from domain.ledger import lots as lot_rules
from domain.ledger.journal import Journal
from domain.ledger.lots import Lot, Touch
from domain.ledger.values import Cause


@dataclass(frozen=True, slots=True)
class Clawback:
    """Where points that were not earned after all were taken from.

    `clawed_back` includes `owed`; `expired` ones were gone already, `forgiven` ones stay.
    """

    clawed_back: int = 0
    owed: int = 0
    forgiven: int = 0
    expired: int = 0


def take(
    journal: Journal, own: Sequence[Lot], due: int, *, expired: int, terms: str, cause: Cause
) -> Clawback:
    """Take `due` points: out of these lots, those pending first, then earliest expiry first, then
    as the policy's `terms` say.

    `expired` of their points were gone already and count as recovered; held points are not taken.
    """
    spendable = sorted(
        (lot for lot in own if lot.spendable(journal.now)), key=lot_rules.spend_order
    )
    pending = [lot for lot in own if lot.pending]
    groups: list[list[Touch]] = []
    wanted = due
    for lots in (pending, spendable):
        groups.append([])
        for lot in lots:
            if points := min(wanted, lot.remaining):
                groups[-1].append(Touch(lot.id, -points))
                wanted -= points
    return take_chosen(journal, groups, due, expired=expired, terms=terms, cause=cause)


def take_chosen(
    journal: Journal,
    chosen: Iterable[Sequence[Touch]],
    due: int,
    *,
    expired: int,
    terms: str,
    cause: Cause,
) -> Clawback:
    """The same, but first what the caller has chosen: an entry for each group of lots, all of them
    pending or none. Together they are `due` or less.
    """
    taken = sum(journals.claw_back(journal, touches, cause).points for touches in chosen if touches)
    gone = min(due - taken, expired)
    others, owed = _take_rest(journal, due - taken - gone, terms, cause)
    taken += others + owed
    return Clawback(taken, owed, due - taken - gone, gone)


def _take_rest(journal: Journal, rest: int, terms: str, cause: Cause) -> tuple[int, int]:
    """Points taken from other lots, earliest expiry first, and points that are owed."""
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
