"""Points that a booking may keep, given what refunds and amendments left of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

from domain.earning.values import Evaluation


def entitled(first: Mapping[str, int], left: Evaluation) -> dict[str, int]:
    """By rule, the part kept of what it granted at `first`, where the rest of the booking earns
    `left`.

    No rule keeps more than it granted, and together they keep what the rest earns. This also holds
    where one rule's rounded share grows by a point because an earlier rule's share falls: a rule
    may keep such a point up to what it granted, so that what is kept only falls from refund to
    refund, and depends only on what is left. Points cut by a limit, a cap or a budget are no
    rounding, and no other rule keeps them.
    """
    found = {award.rule: award.points for award in left.awards}
    kept = {rule: min(points, found.get(rule, 0)) for rule, points in first.items()}
    for run in _runs(found, left.shares):
        missing = run.total(first) - sum(kept.get(rule, 0) for rule in run.shares)
        for rule, points in first.items():
            if rule in run.shares:
                most = min(points, ceil(run.shares[rule]))
                more = min(missing, most - kept[rule])
                kept[rule], missing = kept[rule] + more, missing - more
    return kept


@dataclass(slots=True)
class _Run:
    """Consecutive rules whose exact shares are rounded down one after the other, none of them
    clipped.

    After a clipped rule, they may include a fraction of a point from before it.
    """

    behind: bool
    shares: dict[str, Fraction] = field(default_factory=dict)

    def total(self, first: Mapping[str, int]) -> int:
        """Their largest total, where each may exceed what it granted by at most one point."""
        within = (
            min(exact, Fraction(first.get(rule, 0) + 1)) for rule, exact in self.shares.items()
        )
        total = sum(within, Fraction(0))
        return ceil(total) if self.behind else floor(total)


def _runs(found: Mapping[str, int], shares: Mapping[str, Fraction]) -> Iterator[_Run]:
    """The shares in their order, parted where a rule granted less than its share rounds down to."""
    run, before = _Run(behind=False), Fraction(0)
    for rule, exact in shares.items():
        whole = floor(before + exact) - floor(before)
        before += exact
        if found.get(rule, 0) < whole:
            yield run
            run = _Run(behind=True)
        else:
            run.shares[rule] = exact
    yield run
