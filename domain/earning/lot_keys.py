"""Keys of lots: which points of a booking share a lot, by the terms that their rules share.

Points that become spendable alike, expire alike and are paid for by the same funder share a lot;
those that wait for a line's completion share it with others of that line only.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from domain.programmes.policy import Policy
from domain.programmes.rules import ActivityRule

AT_ONCE = 0
"""The line of points that belong to no single one."""


class LotKey(NamedTuple):
    """What points of one line on the same terms have in common; they wait, where `waits`, until
    the line is completed.

    `rule` is the first rule that has these terms; None where they are the programme's.
    """

    rule: str | None
    line: int
    waits: bool = False

    @property
    def terms(self) -> tuple[str | None, bool]:
        return self.rule, self.waits


PointsByLot = Mapping[LotKey, int]


def waits(policy: Policy, rule: str) -> bool:
    """Whether what this rule grants is pending until the line is completed."""
    found = policy.rules.get(rule)
    own = None if found is None or isinstance(found, ActivityRule) else found.available
    return (own or policy.availability) == "on_completion"


def add(by_lot: dict[LotKey, int], key: LotKey, points: int) -> None:
    by_lot[key] = by_lot.get(key, 0) + points


def by_line(by_lot: PointsByLot, numbers: Iterable[int] = ()) -> dict[int, int]:
    """Points of each line; 0 for each of `numbers` that has none."""
    found = dict.fromkeys(numbers, 0)
    for key, points in by_lot.items():
        found[key.line] = found.get(key.line, 0) + points
    return found


def spendable(by_lot: PointsByLot) -> dict[str | None, int]:
    """Points that can be spent at once, by the rule that has their terms."""
    found: dict[str | None, int] = {}
    for key, points in by_lot.items():
        if not key.waits:
            found[key.rule] = found.get(key.rule, 0) + points
    return found if len(found) < 2 else dict(sorted(found.items(), key=lambda one: one[0] or ""))


def pending(by_lot: PointsByLot) -> dict[LotKey, int]:
    """Points that wait for their line, in the order of lines."""
    found = {key: points for key, points in by_lot.items() if key.waits and points}
    if len(found) < 2:
        return found
    return dict(sorted(found.items(), key=lambda one: (one[0].line, one[0].rule or "")))


def changes(before: PointsByLot, after: PointsByLot) -> dict[LotKey, int]:
    """What each key has more, or less, than before."""
    found = {key: after.get(key, 0) - before.get(key, 0) for key in {**before, **after}}
    return {key: points for key, points in found.items() if points}
