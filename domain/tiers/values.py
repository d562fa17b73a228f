"""Values of tiers: what counts towards them, a member's tier, and decisions about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from typing import Any
from uuid import UUID

from domain.kernel.values import value
from domain.programmes.levels import Tier, TierBasis
from domain.programmes.policy import Policy
from domain.tiers.tier_windows import Window

UPGRADE = "qualified"
RENEWED = "renewed"
REFUND = "refund"
POLICY = "policy"


@value(frozen=True, slots=True)
class Qualifying:
    """What counts towards tiers, summed over the window."""

    spend_minor: int = 0
    bookings: int = 0
    nights: int = 0
    points: int = 0
    completed_bookings: int = 0

    def __add__(self, other: "Qualifying") -> "Qualifying":
        return self._with(other, 1)

    def __sub__(self, other: "Qualifying") -> "Qualifying":
        return self._with(other, -1)

    def _with(self, other: "Qualifying", sign: int) -> "Qualifying":
        return Qualifying(
            self.spend_minor + sign * other.spend_minor,
            self.bookings + sign * other.bookings,
            self.nights + sign * other.nights,
            self.points + sign * other.points,
            self.completed_bookings + sign * other.completed_bookings,
        )


_NUMBERS = attrgetter(*(one.name for one in fields(Qualifying)))


def total(parts: Sequence[Qualifying]) -> Qualifying:
    """All of these together, of which there is at least one."""
    if len(parts) == 1:
        return parts[0]
    return Qualifying(*map(sum, zip(*map(_NUMBERS, parts), strict=True)))


@dataclass(frozen=True, slots=True)
class Measure:
    """Amount by one measure, and the next level's threshold; `required` is None at the top."""

    basis: TierBasis
    current: Decimal
    required: Decimal | None

    @property
    def part(self) -> Fraction:
        """Part of the required amount that is reached."""
        return Fraction(self.current) / Fraction(self.required) if self.required else Fraction(0)


@dataclass(frozen=True, slots=True)
class Progress:
    """By each of the policy's measures; `next` is null at the top."""

    measures: tuple[Measure, ...]
    next: Tier | None

    @property
    def nearest(self) -> Measure:
        """The measure that is nearest to the next level; of equals the first."""
        return max(self.measures, key=lambda measure: measure.part)


@value(frozen=True, slots=True)
class Change:
    """A recorded change; the tier before the first one is its `from_tier`."""

    from_tier: str
    to_tier: str
    effective_at: datetime


@value(frozen=True, slots=True)
class Credit:
    """What one fact counts, at its own instant: a booking, an activity, imported spending
    elsewhere, or a copy of what counted for a merged member, whose credit is its `source` by
    (member id, id).
    """

    member_id: UUID
    occurred_at: datetime
    recorded_at: datetime
    qualifying: Qualifying
    booking_id: UUID | None = None
    activity_id: UUID | None = None
    id: UUID | None = field(default=None, compare=False)
    source: tuple[UUID, UUID | None] | None = None
    job_id: UUID | None = None


@value(frozen=True, slots=True)
class Sum:
    """Sum of what counts in one window."""

    window: Window
    qualifying: Qualifying

    def plus(self, *facts: Credit) -> "Sum":
        """The sum plus those of these that occurred in the window."""
        covers = self.window.covers
        within = [credit.qualifying for credit in facts if covers(credit.occurred_at)]
        if len(within) == 1:
            return Sum(self.window, self.qualifying + within[0])
        return Sum(self.window, total((self.qualifying, *within)))


@value(frozen=True, slots=True)
class Holding:
    """A member's tier: the earned one, its duration, and the one assigned by staff.

    `tier` is the higher of the two, had since `since`. `until` is the exclusive end of the earned
    tier's period, None without one; `grace_until` that of the grace after it, once that has begun.
    `recorded_at` is the instant of the last decision: none is recorded before it.
    """

    member_id: UUID
    tier: str
    since: datetime
    earned: str
    until: datetime | None = None
    grace_until: datetime | None = None
    assigned: str | None = None
    assigned_until: datetime | None = None
    recorded_at: datetime | None = None

    @classmethod
    def at_joining(cls, member_id: UUID, tier: str, joined_at: datetime) -> "Holding":
        return cls(member_id, tier, joined_at, earned=tier)

    @property
    def ends_at(self) -> datetime | None:
        """End of the earned tier unless the member qualifies again."""
        return self.grace_until or self.until

    @property
    def due_at(self) -> datetime | None:
        """Instant at which the passage of time requires the next decision."""
        ends = (self.ends_at, self.assigned_until)
        return min((end for end in ends if end is not None), default=None)

    @property
    def kept_until(self) -> datetime | None:
        """The end of the tier that the member sees; None without one."""
        if self.tier != self.earned:
            return self.assigned_until
        if self.tier != self.assigned:
            return self.ends_at
        ends = (self.ends_at, self.assigned_until)
        return max(end for end in ends if end is not None) if None not in ends else None

    def as_named(self, policy: Policy) -> "Holding":
        """The holding with the codes of this version, if rows have those of an earlier one."""
        return replace(
            self,
            tier=policy.tier_code(self.tier),
            earned=policy.tier_code(self.earned),
            assigned=self.assigned and policy.tier_code(self.assigned),
        )

    def moved(self, policy: Policy, at: datetime, **parts: Any) -> "Holding":
        """The holding with these parts changed, decided at `at`: the higher level is the tier.

        A level that the member has already keeps its recorded code: renaming a level is no change
        for the member.
        """
        codes = [code for code in (self.assigned, self.earned, self.tier) if code is not None]
        recorded = {policy.tier_code(code): code for code in codes}
        new = replace(self, **parts, recorded_at=at)
        new = replace(
            new,
            earned=_recorded(policy, recorded, new.earned),
            assigned=new.assigned and _recorded(policy, recorded, new.assigned),
        )
        tier = new.earned
        if new.assigned is not None and policy.rank(new.assigned) > policy.rank(tier):
            tier = new.assigned
        return replace(new, tier=tier, since=self.since if tier == self.tier else at)

    def instant(self, now: datetime) -> datetime:
        """Instant of a decision made now: never before the previous one."""
        return max(now, self.recorded_at) if self.recorded_at else now


def _recorded(policy: Policy, recorded: Mapping[str, str], code: str) -> str:
    return recorded.get(policy.tier_code(code), code)


@value(frozen=True, slots=True)
class NewChange:
    """A decision just made: the resulting holding, and the sums on which it was based."""

    from_tier: str
    holding: Holding
    at: datetime
    judged_at: datetime
    policy_version_id: UUID
    judged: Sum
    reason: str
    booking_id: UUID | None = None
    actor: str | None = None
    note: str | None = None

    @property
    def member_id(self) -> UUID:
        return self.holding.member_id

    @property
    def to_tier(self) -> str:
        return self.holding.tier
