"""Parted: two sides of one member that are equal until an instant are played only once until
then.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import Any

from domain.backtests.sides import PlayedGrant, Side
from domain.ledger.journal import Journal


@dataclass(frozen=True, slots=True)
class Begun:
    """State of a side before it was played: the number of versions still to raise the member and of
    days with a grant still to come, and whether anything was assumed.
    """

    raising: int
    days: int
    assumed: bool

    @classmethod
    def of(cls, side: Side) -> "Begun":
        return cls(len(side.raising), len(side.days), side.assumed)


def alike(first: Side, second: Side, until: datetime) -> bool:
    """Whether two sides that have just begun are equal until an instant (UTC), if their rules
    are.
    """
    return first.holding == second.holding and _coming(first, until) == _coming(second, until)


def _coming(side: Side, until: datetime) -> tuple[Any, Any]:
    """Raises by versions and days with a grant before an instant."""
    raising = takewhile(lambda version: version.effective_from < until, side.raising)
    days = takewhile(lambda due: due.at < until, reversed(side.days))
    return (
        [version.id for version in raising],
        [(due.at, due.id, due.occasion.grant, due.occasion.counted_from) for due in days],
    )


def part(played: Side, other: Side, begun: Begun, since: datetime) -> Side:
    """The other side, copied from the one that was played for both since `begun`. Facts that
    occurred before an instant (UTC) were judged by versions of both.
    """
    raised, come = begun.raising - len(played.raising), begun.days - len(played.days)
    other.purse.recorded_at, other.purse.fact_id = played.purse.recorded_at, played.purse.fact_id
    own: dict[str, Any] = {
        "rules": other.rules,
        "purse": other.purse,
        "raising": other.raising[raised:],
        "days": other.days[: len(other.days) - come],
        "assumed": other.assumed or played.assumed,
        "journal": replace(played.journal, **_copies(played.journal, _OF_JOURNAL)),
        "taken": {key: replace(taken) for key, taken in played.taken.items()},
        "completions": {key: list(done) for key, done in played.completions.items()},
        "counts": {},
        **_judged(played, other, since),
    }
    return replace(played, **_copies(played, _OF_SIDE), **own)


def _judged(played: Side, other: Side, since: datetime) -> dict[str, Any]:
    """Judgements and grants, with versions replaced by those of the other side."""
    as_of = other.programme.as_of
    return {
        "bookings": {
            key: state
            if state.booked_at < since
            else replace(state, version=as_of(state.booked_at))
            for key, state in played.bookings.items()
        },
        "activities": [
            paid if paid.occurred_at < since else replace(paid, version=as_of(paid.occurred_at))
            for paid in played.activities
        ],
        "grants": {key: _given(grant, played, other) for key, grant in played.grants.items()},
    }


def _given(grant: PlayedGrant, played: Side, other: Side) -> PlayedGrant:
    """A grant under the other side's version, unless its version is not the one of its instant."""
    given = grant.given
    own, others = (side.programme.as_of(given.occurred_at).id for side in (played, other))
    version_id = others if given.policy_version_id == own else given.policy_version_id
    return replace(grant, given=replace(given, policy_version_id=version_id))


_OF_SIDE = (
    *("line_points", "credits", "changes", "drawn", "unmet"),
    *("friends", "decided", "changed"),
)
_OF_JOURNAL = (
    *("lots", "holds", "released", "matured", "entries"),
    *("new_lot_ids", "remaining_before"),
)


def _copies(one: Side | Journal, names: Iterable[str]) -> dict[str, Any]:
    """Copies of lists and other mutable values, which each side changes separately from now on."""
    return {name: getattr(one, name).copy() for name in names}
