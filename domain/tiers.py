"""Tiers: what counts toward them, which one is qualified for, and each change.

Members qualify on what they bought or earned, never on their balance, so redeeming or
expiring points never moves a tier. An upgrade is immediate: effective when recorded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain import money
from domain.database import row, rows, update
from domain.ids import new_id
from domain.policy import Policy, Tier
from domain.programmes import Version
from models import TierChange, TierCredit

UPGRADE = "qualified"
REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Qualifying:
    """What counts toward tiers, summed over the window."""

    spend_minor: int = 0
    bookings: int = 0
    nights: int = 0
    points: int = 0

    def __add__(self, other: "Qualifying") -> "Qualifying":
        return Qualifying(
            self.spend_minor + other.spend_minor,
            self.bookings + other.bookings,
            self.nights + other.nights,
            self.points + other.points,
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
class NewChange:
    """A change just decided, with what it was decided on."""

    member_id: UUID
    from_tier: str
    to_tier: str
    at: datetime
    policy_version_id: UUID
    qualifying: Qualifying
    booking_id: UUID | None
    reason: str = UPGRADE


def downgrade(
    version: Version, current: str, qualifying: Qualifying, refunded: Credit
) -> NewChange | None:
    """The loss that a refund brings at once, or None when it leaves the tier qualified for.

    `qualifying` is what counted before it; a tier that was not qualified for then either is
    not this refund's to take.
    """
    policy, left = version.policy, qualifying + refunded.qualifying
    before, after = qualified(policy, qualifying), qualified(policy, left)
    if policy.rank(after.code) >= min(policy.rank(before.code), policy.rank(current)):
        return None
    return NewChange(
        refunded.member_id,
        current,
        after.code,
        refunded.recorded_at,
        version.id,
        left,
        refunded.booking_id,
        REFUND,
    )


def review(
    version: Version, current: str, qualifying: Qualifying, credit: Credit
) -> NewChange | None:
    """The upgrade that this fact brings, effective when recorded, or None.

    `qualifying` is what counted before it.
    """
    total = qualifying + credit.qualifying
    level = upgrade(version.policy, current, total)
    if level is None:
        return None
    return NewChange(
        credit.member_id,
        current,
        level.code,
        credit.recorded_at,
        version.id,
        total,
        credit.booking_id,
    )


def basis_amount(policy: Policy, qualifying: Qualifying) -> Decimal:
    """What thresholds are compared with: money in the currency's units, or a count."""
    match policy.tiers.basis:
        case "spend":
            return money.to_amount(qualifying.spend_minor, policy.currency)
        case "bookings":
            return Decimal(qualifying.bookings)
        case "nights":
            return Decimal(qualifying.nights)
        case "points":
            return Decimal(qualifying.points)


def qualified(policy: Policy, qualifying: Qualifying) -> Tier:
    """The highest level whose threshold is reached."""
    amount = basis_amount(policy, qualifying)
    return [level for level in policy.tiers.levels if level.threshold <= amount][-1]


def upgrade(policy: Policy, current: str, qualifying: Qualifying) -> Tier | None:
    """The level that the member rises to, or None when it stays."""
    level = qualified(policy, qualifying)
    return level if policy.rank(level.code) > policy.rank(current) else None


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


async def qualifying(member_id: UUID) -> Qualifying:
    """All that counts toward the member's tier."""
    found = await row(
        "SELECT coalesce(sum(spend_minor), 0)::bigint AS spend_minor, "
        "coalesce(sum(bookings), 0)::bigint AS bookings, "
        "coalesce(sum(nights), 0)::bigint AS nights, "
        "coalesce(sum(points), 0)::bigint AS points FROM tier_credit WHERE member_id = $1",
        member_id,
    )
    return Qualifying(**found) if found else Qualifying()


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
    await TierChange.bulk_create(
        TierChange(
            member_id=change.member_id,
            id=new_id(),
            from_tier=change.from_tier,
            to_tier=change.to_tier,
            effective_at=change.at,
            recorded_at=change.at,
            reason=change.reason,
            inputs=asdict(change.qualifying),
            policy_version_id=change.policy_version_id,
            booking_id=change.booking_id,
        )
        for change in made
    )
    if made:
        last = made[-1]
        await update(
            "UPDATE account SET tier = $2, tier_since = $3 WHERE member_id = $1",
            last.member_id,
            last.to_tier,
            last.at,
        )
