"""Tier sweeps: tier changes by the passage of time, recorded for members without a write since."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from domain.accounts import accounts
from domain.kernel.database import row, rows, transact
from domain.kernel.pages import AT_ID, beyond
from domain.programmes.programmes import Programme
from domain.tiers import tier_windows
from domain.tiers.values import Holding

BATCH = 500


@dataclass(frozen=True, slots=True)
class TierReview:
    """A member whose tier was reviewed, and the result."""

    member_id: UUID
    holding: Holding


async def count_due(programme: Programme, now: datetime) -> int:
    """Number of members whose tiers are due for review."""
    found = await row(
        "SELECT count(*) AS count FROM account WHERE programme_id = $1 "
        "AND (tier_review_due_at <= $2 OR (tier_until IS NULL AND tier_earned = ANY($3::text[])))",
        programme.id,
        now,
        _that_fall(programme, now),
    )
    return int(found["count"]) if found else 0


async def sweep(programme: Programme, now: datetime) -> AsyncIterator[TierReview]:
    """Review the tiers that are due, one short transaction per member; it can be run again."""
    async for member_id in due(programme, now):
        yield await review(programme, member_id, now)


async def due(programme: Programme, now: datetime) -> AsyncGenerator[UUID, None]:
    """Members whose tiers are due for review, each once.

    Tiers without a period that a new policy could end come first. They are read a batch at a time,
    so memory stays flat.
    """
    codes, last = _that_fall(programme, now), UUID(int=0)
    while codes and (opened := await _without_period(programme, codes, last)):
        for last in opened:
            yield last
    after: tuple[datetime, UUID] | None = None
    while found := await _due(programme, now, after):
        for after in found:
            yield after[1]


async def review(programme: Programme, member_id: UUID, now: datetime) -> TierReview:
    """Record what the passage of time did to one member's tier, in a transaction.

    Raises: ConcurrentRequest.
    """
    return await transact(partial(_review, programme, member_id, now))


async def _review(programme: Programme, member_id: UUID, now: datetime) -> TierReview:
    async with accounts.opened(programme, member_id, now) as account:
        return TierReview(member_id, account.holding)


def _that_fall(programme: Programme, now: datetime) -> list[str]:
    policy = programme.as_of(now).policy
    codes = (level.code for level in policy.tiers.levels)
    return policy.tier_codes(code for code in codes if tier_windows.can_fall(policy, code))


async def _without_period(programme: Programme, codes: list[str], after: UUID) -> list[UUID]:
    found = await rows(
        "SELECT member_id FROM account WHERE programme_id = $1 AND tier_until IS NULL "
        "AND tier_earned = ANY($2::text[]) AND member_id > $3 ORDER BY member_id LIMIT $4",
        programme.id,
        codes,
        after,
        BATCH,
    )
    return [found_row["member_id"] for found_row in found]


async def _due(
    programme: Programme, now: datetime, after: tuple[datetime, UUID] | None
) -> list[tuple[datetime, UUID]]:
    found = await rows(
        "SELECT tier_review_due_at, member_id FROM account "
        "WHERE programme_id = $1 AND tier_review_due_at <= $2 "
        f"AND {beyond('tier_review_due_at, member_id', 3, *AT_ID, descending=False)} "
        "ORDER BY tier_review_due_at, member_id LIMIT $5",
        programme.id,
        now,
        after[0] if after else None,
        after[1] if after else None,
        BATCH,
    )
    return [(due["tier_review_due_at"], due["member_id"]) for due in found]
