"""The purse: what a side takes from the budgets that all members share, and gives back.

What a budget leaves depends on all members, who are played one after the other. So each taking is
noted as a *claim*; all of them are clipped in the order in which they were recorded, and the next
round plays by what that left. A round whose claims got what they took has played it right.
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
    """ADD takes so many points more; what the rule grants the fact is to be MADE as many; or as
    many of those are KEPT, of what was left to the fact before.
    """

    ADD = "ADD"
    MAKE = "MAKE"
    KEEP = "KEEP"


@value(frozen=True, slots=True)
class BacktestClaim:
    """Points that a rule would grant one fact; `taken` were, by what was known of the budget.

    `before` is the claim of the same rule and fact before it. Claims are in the order of
    `recorded_at` (UTC), `fact_id`, and their number.
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
"""What claims at an instant before every fact."""


@dataclass(slots=True)
class Purse:
    """What one side of one member claims in a back-test. `left` has what budgets left to claims
    of the round before; a claim that it has not finds its whole budget.
    """

    backtest_id: UUID
    left: Mapping[UUID, int] = field(default_factory=dict)
    place: int = 0
    claims: list[BacktestClaim] = field(default_factory=list)
    recorded_at: datetime | None = None
    fact_id: UUID = FIRST
    last: dict[tuple[UUID, str], tuple[UUID, int]] = field(default_factory=dict)

    def begin(self, recorded_at: datetime, fact_id: UUID) -> None:
        """What is claimed from now on is claimed by this fact."""
        if recorded_at == self.recorded_at:
            fact_id = max(fact_id, self.fact_id)
        self.recorded_at, self.fact_id = recorded_at, fact_id

    def add(self, subject: UUID, wanted: budgets.BudgetDraw) -> int:
        """What the budget leaves, of which so many points are taken for a booking or the like."""
        return self._claim(subject, wanted, ClaimKind.ADD, wanted.points, None)

    def make(self, subject: UUID, wanted: budgets.BudgetDraw, granted: int) -> int:
        """The same where so many points more, or less, make another number of those granted."""
        return self._claim(subject, wanted, ClaimKind.MAKE, granted + wanted.points, wanted.points)

    def keep(self, subject: UUID, returned: budgets.BudgetDraw, granted: int) -> None:
        """Give these points back, below zero, out of those granted."""
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
