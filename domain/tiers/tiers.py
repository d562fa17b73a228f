"""Tiers: what counts toward them, which one is qualified for, and each change.

Members qualify on what they bought or earned, never on their balance, so redeeming or
expiring points never moves a tier. An upgrade is immediate: effective when recorded. How long
a tier is then had is `tier_periods`' to say.
"""

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from uuid import UUID

import models
from domain.kernel.database import Row, row, rows, update
from domain.kernel.ids import new_id
from domain.programmes.policy import Policy
from domain.tiers import tier_windows
from domain.tiers.qualification import recorded_at
from domain.tiers.tier_windows import ALWAYS, Window
from domain.tiers.values import Change, Credit, Holding, NewChange, Qualifying, Sum

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


async def at(holding: Holding, instant: datetime, unwritten: Iterable[NewChange] = ()) -> str:
    """The member's recorded tier at `instant`; a look-up only for an instant before its tier's.

    `unwritten` are changes that were decided and are not recorded yet, in their order.
    """
    if instant >= holding.since:
        return holding.tier
    found = await rows(
        "SELECT from_tier, to_tier, effective_at FROM tier_change WHERE member_id = $1 "
        "ORDER BY recorded_at, id",
        holding.member_id,
    )
    changes = [Change(**change) for change in found]
    changes += [Change(change.from_tier, change.to_tier, change.at) for change in unwritten]
    return recorded_at(changes, holding.tier, instant)


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
    await models.TierCredit.bulk_create(
        models.TierCredit(
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
    await models.TierChange.bulk_create(_change_row(change) for change in made)
    if made:
        await write_holding(made[-1].holding)


def _change_row(change: NewChange) -> models.TierChange:
    window, after = change.judged.window, change.holding
    return models.TierChange(
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
