"""Values of grants: the fact that is judged, the grants that it causes, and those given before."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.accounts.accounts import Account
from domain.kernel.values import value
from domain.ledger.clawbacks import Clawback
from domain.ledger.values import Cause
from domain.programmes.grants import AnyGrant, CalendarGrant, Milestone
from domain.programmes.programmes import Version


class GrantStatus(StrEnum):
    """Status of an activity; WAITING is only for one whose reward is not available yet."""

    RECORDED = "RECORDED"
    WAITING = "WAITING"
    REVERSED = "REVERSED"
    LAPSED = "LAPSED"


@value(frozen=True, slots=True)
class Fact:
    """A fact, with the id of its row (instants are UTC)."""

    id: UUID
    occurred_at: datetime


@value(frozen=True, slots=True)
class Occasion:
    """One occurrence of a grant that is due, caused by the fact `brought_by`, or by a day if None.

    The validity of its points counts from their posting, or from `counted_from` if it is set.
    `beyond` is the number of further occurrences above the most that one fact may cause.
    """

    grant: AnyGrant
    version: Version
    occurrence: str
    occurred_at: datetime
    brought_by: UUID | None = None
    counted_from: datetime | None = None
    beyond: int = 0

    @property
    def points(self) -> int:
        return self.grant.gives.points or 0

    @property
    def once(self) -> bool:
        """Whether a member gets it only once, and neither each year nor repeatedly."""
        grant = self.grant
        if isinstance(grant, Milestone):
            return grant.every is None
        return not isinstance(grant, CalendarGrant)


@dataclass(frozen=True, slots=True)
class Gained:
    """The `points` that an occasion gives, and those that caps allowed before its budget."""

    points: int
    capped: int


@value(frozen=True, slots=True)
class GrantRecord:
    """A grant as given, or an activity as paid, with its present state.

    `number` counts its reversals and restorations; it is `final` if staff made the last reversal.
    `recovered` are the points that the last reversal took back and a restoration gives again,
    `found_expired` those that reversals so far have counted as expired.
    """

    id: UUID
    rule: str
    reference: str
    granted: bool
    policy_version_id: UUID
    occurred_at: datetime
    points: int
    reward: str | None
    benefit: str | None
    number: int
    reversed: bool
    final: bool
    recovered: int
    found_expired: int

    @property
    def occurrence(self) -> str:
        return self.reference.rpartition(":")[0]

    @property
    def stands(self) -> bool:
        return not self.reversed


@dataclass(slots=True)
class Changes:
    """Grants to give (`come`), reverse (`ended`) and restore (`again`) together.

    By activity, `done` has the points that it got, below zero those that it lost; `taken` has the
    split of lost points.
    """

    come: list[Occasion] = field(default_factory=list)
    ended: list[GrantRecord] = field(default_factory=list)
    again: list[GrantRecord] = field(default_factory=list)
    done: dict[UUID, int] = field(default_factory=dict)
    taken: dict[UUID, Clawback] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gifts:
    """Functions for the rewards and perks of grants.

    `give` returns whether the reward was available, `take_back` whether it was taken back: a used
    one is kept. `used` returns those of a member's grants whose perk was used.
    """

    give: Callable[[Account, UUID, str], Awaitable[bool]]
    take_back: Callable[[Account, UUID, Cause], Awaitable[bool]]
    used: Callable[[UUID, Sequence[UUID]], Awaitable[set[UUID]]]
