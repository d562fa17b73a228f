"""Parted: two sides of one member that are the same until an instant, played once until then."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import Any

from domain.backtests.sides import Side
from domain.ledger.journal import Journal


@dataclass(frozen=True, slots=True)
class Begun:
    """How a side stood before it was played: how many versions were to raise the member and days
    to come, and whether anything was assumed.
    """

    raising: int
    days: int
    assumed: bool

    @classmethod
    def of(cls, side: Side) -> "Begun":
        return cls(len(side.raising), len(side.days), side.assumed)


def alike(first: Side, second: Side, until: datetime) -> bool:
    """Whether two sides that have just begun are the same until an instant (UTC), where their
    rules are: what budgets leave is found for each by itself.
    """
    if any(v.policy.budgets for side in (first, second) for v in side.programme.versions):
        return False
    return first.holding == second.holding and _coming(first, until) == _coming(second, until)


def _coming(side: Side, until: datetime) -> tuple[Any, Any]:
    """What comes by itself before an instant."""
    raising = takewhile(lambda version: version.effective_from < until, side.raising)
    days = takewhile(lambda due: due.at < until, reversed(side.days))
    return (
        [version.id for version in raising],
        [(due.at, due.id, due.occasion.version.id) for due in days],
    )


def part(played: Side, other: Side, begun: Begun) -> Side:
    """The other side as the one that was played for both, since it stood as `begun`."""
    raised, come = begun.raising - len(played.raising), begun.days - len(played.days)
    own: dict[str, Any] = {
        "rules": other.rules,
        "purse": other.purse,
        "raising": other.raising[raised:],
        "days": other.days[: len(other.days) - come],
        "assumed": other.assumed or played.assumed,
        "journal": replace(played.journal, **_copies(played.journal, _OF_JOURNAL)),
        "grants": {key: replace(grant) for key, grant in played.grants.items()},
        "taken": {key: replace(taken) for key, taken in played.taken.items()},
        "completions": {key: list(done) for key, done in played.completions.items()},
        "counts": {},
    }
    return replace(played, **_copies(played, _OF_SIDE), **own)


_OF_SIDE = (
    *("bookings", "line_points", "activities", "credits", "changes", "drawn", "unmet"),
    *("friends", "decided", "changed"),
)
_OF_JOURNAL = (
    *("lots", "holds", "released", "matured", "entries"),
    *("new_lot_ids", "remaining_before"),
)


def _copies(one: Side | Journal, names: Iterable[str]) -> dict[str, Any]:
    """Lists and the like, which each side changes by itself from now on."""
    return {name: getattr(one, name).copy() for name in names}
