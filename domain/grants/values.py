"""Values of grants: the fact that is judged, what it brings, and what was given before."""

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
    """What became of an activity; only a reward can be waited for."""

    RECORDED = "RECORDED"
    WAITING = "WAITING"
    REVERSED = "REVERSED"
    LAPSED = "LAPSED"


@value(frozen=True, slots=True)
class Fact:
    """What happened, under the id of its row (UTC)."""

    id: UUID
    occurred_at: datetime


@value(frozen=True, slots=True)
class Occasion:
    """One occurrence of a grant that has come; `brought_by` is the fact, null for a day.

    Its points last from when they are posted, or from `counted_from`. `beyond` it were as many
    more than one fact brings.
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
        """Whether it comes once for a member, and neither each year nor every so often."""
        grant = self.grant
        if isinstance(grant, Milestone):
            return grant.every is None
        return not isinstance(grant, CalendarGrant)


@dataclass(frozen=True, slots=True)
class Gained:
    """The points that an occasion gives, and those that caps left before its budget was asked."""

    points: int
    capped: int


@value(frozen=True, slots=True)
class GrantRecord:
    """A grant as it was given, or an activity as it was paid, and what became of it.

    `number` counts its reversals and restorations. One that is `final` was reversed by staff;
    `recovered` is what the last reversal took back and a restoration gives again, `found_expired`
    what reversals so far have counted as expired.
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
    """What is to be given, reversed and restored together.

    `done` has the points that each activity got or lost, `taken` what became of those lost.
    """

    come: list[Occasion] = field(default_factory=list)
    ended: list[GrantRecord] = field(default_factory=list)
    again: list[GrantRecord] = field(default_factory=list)
    done: dict[UUID, int] = field(default_factory=dict)
    taken: dict[UUID, Clawback] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gifts:
    """How what is not points is given and taken back.

    `give` says whether there was such a reward to give, `take_back` whether it could be taken:
    one that was used is kept. `used` says of which grants of a member the perk was.
    """

    give: Callable[[Account, UUID, str], Awaitable[bool]]
    take_back: Callable[[Account, UUID, Cause], Awaitable[bool]]
    used: Callable[[UUID, Sequence[UUID]], Awaitable[set[UUID]]]
