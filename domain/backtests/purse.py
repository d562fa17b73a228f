"""The purse: points that a side takes from budgets shared by all members, or returns to them.

The remainder of a budget depends on all members, who are played one after the other. So each use is
noted as a *claim*; all claims are limited in the order of recording, and the next round plays with
the remainders. The last round is the one in which each claim gets the points that it took.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.earning import budgets
from domain.kernel.ids import id_of
from domain.kernel.values import value


class ClaimKind(StrEnum):
    """ADD takes this many more points; MAKE sets the rule's points for the fact to this many; KEEP
    leaves the fact at most this many of its points.
    """

    ADD = "ADD"
    MAKE = "MAKE"
    KEEP = "KEEP"


@value(frozen=True, slots=True)
class BacktestClaim:
    """Points that a rule would grant for a fact; `taken` are those that it got in this round.

    `before` is the previous claim of the same rule and fact. Claims are ordered by `recorded_at`
    (UTC), `fact_id`, and number.
    """

    id: UUID
    before: UUID | None
    recorded_at: datetime
    fact_id: UUID
    number: int
    rule: str
    period: str
    kind: ClaimKind
    total: int
    points: int
    taken: int


FIRST = UUID(int=0)
"""Instead of a fact's id: claims with it come before those of all facts of the same instant."""


@dataclass(slots=True)
class Purse:
    """The claims of one side of one member in a back-test. `left` has, by claim, the remainder of
    its budget from the previous round; for a claim that is not in it, the whole budget is left.
    """

    backtest_id: UUID
    left: Mapping[UUID, int] = field(default_factory=dict)
    place: int = 0
    claims: list[BacktestClaim] = field(default_factory=list)
    recorded_at: datetime | None = None
    fact_id: UUID = FIRST
    last: dict[tuple[UUID, str], tuple[UUID, int]] = field(default_factory=dict)

    def begin(self, recorded_at: datetime, fact_id: UUID) -> None:
        """Assign the following claims to this fact."""
        if recorded_at == self.recorded_at:
            fact_id = max(fact_id, self.fact_id)
        self.recorded_at, self.fact_id = recorded_at, fact_id

    def add(self, subject: UUID, wanted: budgets.BudgetDraw) -> int:
        """Note a claim of this many points, for example for a booking; returns what is left of the
        budget for it.
        """
        return self._claim(subject, wanted, ClaimKind.ADD, wanted.points, None)

    def make(self, subject: UUID, wanted: budgets.BudgetDraw, granted: int) -> int:
        """The same for a change of the `granted` points, by `wanted.points` more or less."""
        return self._claim(subject, wanted, ClaimKind.MAKE, granted + wanted.points, wanted.points)

    def keep(self, subject: UUID, returned: budgets.BudgetDraw, granted: int) -> None:
        """Note that the fact returns points, a number below zero, of those `granted`."""
        kept = granted + returned.points
        self._claim(subject, returned, ClaimKind.KEEP, kept, returned.points)

    def _claim(
        self,
        subject: UUID,
        draw: budgets.BudgetDraw,
        kind: ClaimKind,
        points: int,
        change: int | None,
    ) -> int:
        key = (subject, draw.rule)
        before, turn = self.last.get(key, (None, 0))
        if self.recorded_at is None:
            raise ValueError("a claim is made by a fact")
        claim_id = id_of(self.recorded_at, self.backtest_id, self.place, subject, draw.rule, turn)
        left = self.left.get(claim_id, draw.total)
        wanted = points if change is None else change
        taken = wanted if kind is ClaimKind.KEEP else min(wanted, left)
        self.last[key] = claim_id, turn + 1
        self.claims.append(
            BacktestClaim(
                claim_id,
                before,
                self.recorded_at,
                self.fact_id,
                len(self.claims),
                draw.rule,
                draw.period,
                kind,
                draw.total,
                points,
                taken,
            )
        )
        return left
