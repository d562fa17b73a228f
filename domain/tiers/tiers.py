"""Tiers: what counts toward them, which one is qualified for, and each change.

Members qualify on what they bought or earned, never on their balance, so redeeming or
expiring points never moves a tier. An upgrade is immediate: effective when recorded. How long
a tier is then had is `tier_periods`' to say.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.kernel import money
from domain.kernel.database import Row, row, rows, update
from domain.kernel.ids import new_id
from domain.programmes.policy import Policy, Tier
from domain.programmes.programmes import Version
from domain.tiers import tier_windows
from domain.tiers.tier_windows import ALWAYS, Window
from models import TierChange, TierCredit

UPGRADE = "qualified"
RENEWED = "renewed"
REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Qualifying:
    """What counts toward tiers, summed over the window."""

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


@dataclass(frozen=True, slots=True)
class Progress:
    """`current` on the policy's basis; `required` and `next` are null at the top."""

    current: Decimal
    required: Decimal | None
    next: Tier | None


@dataclass(frozen=True, slots=True)
class Change:
    """A recorded change; the tier before the first one is its `from_tier`."""

    from_tier: str
    to_tier: str
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class Credit:
    """What one fact counts, at its own instant; of a booking or of an activity."""

    member_id: UUID
    occurred_at: datetime
    recorded_at: datetime
    qualifying: Qualifying
    booking_id: UUID | None = None
    activity_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """What counts in one window."""

    window: Window
    qualifying: Qualifying

    def plus(self, *facts: Credit) -> "Sum":
        """With what of these occurred in the window."""
        counted = self.qualifying
        for credit in facts:
            if self.window.covers(credit.occurred_at):
                counted += credit.qualifying
        return Sum(self.window, counted)


@dataclass(frozen=True, slots=True)
class Holding:
    """How a member stands: what it earned and for how long, and what staff assigned.

    `tier` is the higher of the two, had since `since`. `until` ends the period of what it
    earned, exclusively, null for good; `grace_until` the grace behind it, once that has begun.
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
        """When what it earned falls unless it is qualified for again."""
        return self.grace_until or self.until

    @property
    def due_at(self) -> datetime | None:
        """When time alone asks for the next decision."""
        ends = (self.ends_at, self.assigned_until)
        return min((end for end in ends if end is not None), default=None)

    @property
    def kept_until(self) -> datetime | None:
        """The end of what the member sees as its tier; null where it has none."""
        if self.tier != self.earned:
            return self.assigned_until
        if self.tier != self.assigned:
            return self.ends_at
        ends = (self.ends_at, self.assigned_until)
        return max(end for end in ends if end is not None) if None not in ends else None

    def moved(self, policy: Policy, at: datetime, **parts: Any) -> "Holding":
        """The same with these parts changed, decided at `at`: the higher level is the tier."""
        new = replace(self, **parts, recorded_at=at)
        tier = new.earned
        if new.assigned is not None and policy.rank(new.assigned) > policy.rank(tier):
            tier = new.assigned
        return replace(new, tier=tier, since=self.since if tier == self.tier else at)

    def instant(self, now: datetime) -> datetime:
        """When a decision made now is recorded: never before the one before it."""
        return max(now, self.recorded_at) if self.recorded_at else now


@dataclass(frozen=True, slots=True)
class NewChange:
    """A decision just made: how the member stands by it, and what it was made on."""

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


HOLDING_COLUMNS = {
    "tier": "tier",
    "tier_since": "since",
    "tier_earned": "earned",
    "tier_until": "until",
    "tier_grace_until": "grace_until",
    "tier_assigned": "assigned",
    "tier_assigned_until": "assigned_until",
    "tier_recorded_at": "recorded_at",
}
"""The parts of a `Holding` by the account's columns."""

QUALIFYING_COLUMNS = tuple(field.name for field in fields(Qualifying))
COUNTED = ", ".join(f"coalesce(sum(t.{name}), 0)::bigint AS {name}" for name in QUALIFYING_COLUMNS)
"""The sums of `tier_credit t` that make up a `Qualifying`."""


def downgrade(
    version: Version, holding: Holding, sums: Sequence[Sum], *refunded: Credit
) -> NewChange | None:
    """The loss that a refund brings at once, or None when it leaves the tier qualified for.

    `sums` are what counted before it; a tier that was not qualified for then either is not
    this refund's to take, nor does it fall below the policy's floor.
    """
    policy, last = version.policy, refunded[-1]
    before, _ = best(policy, sums)
    after, left = best(policy, [counted.plus(*refunded) for counted in sums])
    terms = policy.tiers.terms
    target = max(policy.rank(after.code), tier_windows.floor_rank(policy, terms) if terms else 0)
    if target >= min(policy.rank(before.code), policy.rank(holding.earned)):
        return None
    level, at = policy.tiers.levels[target], holding.instant(last.recorded_at)
    until = tier_windows.period_end(policy, level.code, at, left.window if level == after else None)
    return NewChange(
        holding.tier,
        holding.moved(policy, at, earned=level.code, until=until, grace_until=None),
        at,
        at,
        version.id,
        left,
        REFUND,
        last.booking_id,
    )


def review(
    version: Version, holding: Holding, sums: Sequence[Sum], *facts: Credit
) -> NewChange | None:
    """What these facts bring: an upgrade, effective when recorded, or the end of a grace.

    `sums` are what counted before them.
    """
    policy, last = version.policy, facts[-1]
    level, judged = best(policy, [counted.plus(*facts) for counted in sums])
    rises = policy.rank(level.code) > policy.rank(holding.earned)
    kept = holding.grace_until is not None and level.code == holding.earned
    if not (rises or kept):
        return None
    at = holding.instant(last.recorded_at)
    until = tier_windows.period_end(policy, level.code, at, judged.window)
    return NewChange(
        holding.tier,
        holding.moved(policy, at, earned=level.code, until=until, grace_until=None),
        at,
        at,
        version.id,
        judged,
        UPGRADE if rises else RENEWED,
        last.booking_id,
    )


def best(policy: Policy, sums: Sequence[Sum]) -> tuple[Tier, Sum]:
    """The highest level that any of the windows qualifies for, and the first such window."""
    found = [(qualified(policy, counted.qualifying), counted) for counted in sums]
    return max(found, key=lambda one: policy.rank(one[0].code))


def basis_amount(policy: Policy, qualifying: Qualifying) -> Decimal:
    """What thresholds are compared with: money in the currency's units, or a count."""
    match policy.tiers.basis:
        case "spend":
            return money.to_amount(qualifying.spend_minor, policy.currency)
        case "bookings":
            return Decimal(qualifying.bookings)
        case "completed_bookings":
            return Decimal(qualifying.completed_bookings)
        case "nights":
            return Decimal(qualifying.nights)
        case "points":
            return Decimal(qualifying.points)


def qualified(policy: Policy, qualifying: Qualifying) -> Tier:
    """The highest level whose threshold is reached."""
    amount = basis_amount(policy, qualifying)
    return [level for level in policy.tiers.levels if level.threshold <= amount][-1]


def progress(policy: Policy, current: str, qualifying: Qualifying) -> Progress:
    """How far it is to the next level above the current one."""
    above = policy.tiers.levels[policy.rank(current) + 1 :]
    level = above[0] if above else None
    amount = basis_amount(policy, qualifying)
    return Progress(amount, level.threshold if level else None, level)


def recorded_at(changes: Sequence[Change], current: str, instant: datetime) -> str:
    """The tier recorded for `instant`; `changes` are in the order recorded.

    The last recorded of those effective at or before it; before the first change, the tier
    that it changed from.
    """
    tier = changes[0].from_tier if changes else current
    for change in changes:
        if change.effective_at <= instant:
            tier = change.to_tier
    return tier


async def at(member_id: UUID, current: str, since: datetime, instant: datetime) -> str:
    """The member's recorded tier at `instant`; a look-up only for an instant before `since`."""
    if instant >= since:
        return current
    found = await rows(
        "SELECT from_tier, to_tier, effective_at FROM tier_change WHERE member_id = $1 "
        "ORDER BY recorded_at, id",
        member_id,
    )
    return recorded_at([Change(**change) for change in found], current, instant)


async def qualifying(member_id: UUID, window: Window = ALWAYS) -> Qualifying:
    """All that counts toward the member's tier in this window."""
    found = await row(
        f"SELECT {COUNTED} FROM tier_credit t WHERE t.member_id = $1 "
        "AND ($2::timestamptz IS NULL OR t.occurred_at >= $2) "
        "AND ($3::timestamptz IS NULL OR t.occurred_at < $3)",
        member_id,
        window.from_,
        window.until,
    )
    return Qualifying(**found) if found else Qualifying()


async def sums(member_id: UUID, policy: Policy, at: datetime, *, closed: bool = False) -> list[Sum]:
    """What counts for the member in each window that its tier may rest on at this instant."""
    judged = tier_windows.windows(policy, at, closed=closed)
    return [Sum(window, await qualifying(member_id, window)) for window in judged]


def to_holding(account: Row) -> Holding:
    """How the member stands, by its account's row."""
    parts = {part: account[column] for column, part in HOLDING_COLUMNS.items()}
    return Holding(member_id=account["member_id"], **parts)


async def write(counted: Iterable[Credit], changes: Iterable[NewChange]) -> None:
    """Write what counts, and each change; inside a transaction that holds the account."""
    await TierCredit.bulk_create(
        TierCredit(
            member_id=credit.member_id,
            id=new_id(),
            booking_id=credit.booking_id,
            activity_id=credit.activity_id,
            occurred_at=credit.occurred_at,
            recorded_at=credit.recorded_at,
            **asdict(credit.qualifying),
        )
        for credit in counted
        if credit.qualifying != Qualifying()
    )
    made = list(changes)
    await TierChange.bulk_create(_change_row(change) for change in made)
    if made:
        await write_holding(made[-1].holding)


def _change_row(change: NewChange) -> TierChange:
    window, after = change.judged.window, change.holding
    return TierChange(
        member_id=change.member_id,
        id=new_id(),
        from_tier=change.from_tier,
        to_tier=change.to_tier,
        effective_at=change.at,
        recorded_at=change.at,
        judged_at=change.judged_at,
        reason=change.reason,
        inputs={
            **asdict(change.judged.qualifying),
            "from": window.from_ and window.from_.isoformat(),
            "until": window.until and window.until.isoformat(),
        },
        policy_version_id=change.policy_version_id,
        booking_id=change.booking_id,
        earned_tier=after.earned,
        until=after.until,
        assigned_tier=after.assigned,
        assigned_until=after.assigned_until,
        actor=change.actor,
        note=change.note,
    )


async def write_holding(after: Holding) -> None:
    """Keep how the member stands on its account; inside a transaction that holds it."""
    await update(
        "UPDATE account SET tier = $2, tier_since = $3, tier_earned = $4, tier_until = $5, "
        "tier_grace_until = $6, tier_assigned = $7, tier_assigned_until = $8, "
        "tier_review_due_at = $9, tier_recorded_at = $10 WHERE member_id = $1",
        after.member_id,
        after.tier,
        after.since,
        after.earned,
        after.until,
        after.grace_until,
        after.assigned,
        after.assigned_until,
        after.due_at,
        after.recorded_at,
    )
