"""Places: where the points of a booking are put, by the terms that their rules share.

Points that become spendable alike, expire alike and are paid for by the same funder share a lot;
those that wait for a line's completion share it with others of that line only.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from domain.programmes.policy import Policy
from domain.programmes.rules import ActivityRule

AT_ONCE = 0
"""The line of points that belong to no single one."""


class Place(NamedTuple):
    """Points of one line on the same terms; `waits` until the line is completed.

    `rule` is the first rule that has these terms; None where they are the programme's.
    """

    rule: str | None
    line: int
    waits: bool = False

    @property
    def terms(self) -> tuple[str | None, bool]:
        return self.rule, self.waits


Placed = Mapping[Place, int]


def waits(policy: Policy, rule: str) -> bool:
    """Whether what this rule grants is pending until the line is completed."""
    found = policy.rules.get(rule)
    own = None if found is None or isinstance(found, ActivityRule) else found.available
    return (own or policy.availability) == "on_completion"


def add(placed: dict[Place, int], place: Place, points: int) -> None:
    placed[place] = placed.get(place, 0) + points


def by_line(placed: Placed, numbers: Iterable[int] = ()) -> dict[int, int]:
    """Points of each line; 0 for each of `numbers` that has none."""
    found = dict.fromkeys(numbers, 0)
    for place, points in placed.items():
        found[place.line] = found.get(place.line, 0) + points
    return found


def spendable(placed: Placed) -> dict[str | None, int]:
    """Points that can be spent at once, by the rule that has their terms."""
    found: dict[str | None, int] = {}
    for place, points in placed.items():
        if not place.waits:
            found[place.rule] = found.get(place.rule, 0) + points
    return found if len(found) < 2 else dict(sorted(found.items(), key=lambda one: one[0] or ""))


def pending(placed: Placed) -> dict[Place, int]:
    """Points that wait for their line, in the order of lines."""
    found = {place: points for place, points in placed.items() if place.waits and points}
    if len(found) < 2:
        return found
    return dict(sorted(found.items(), key=lambda one: (one[0].line, one[0].rule or "")))


def changes(before: Placed, after: Placed) -> dict[Place, int]:
    """What each place has more, or less, than before."""
    found = {place: after.get(place, 0) - before.get(place, 0) for place in {**before, **after}}
    return {place: points for place, points in found.items() if points}
