"""Reviews: what time alone does to tiers, recorded by the sweep or by the member's next write.

Whatever reads or moves a tier under the member's lock calls `settle` first, so that nothing is
judged by a tier whose end has passed.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from domain.kernel import outbox
from domain.kernel.database import Row, row, rows, transact
from domain.kernel.outbox import Event, Topic
from domain.programmes.programmes import Programme
from domain.tiers import tier_periods, tier_windows, tiers
from domain.tiers.values import Holding, NewChange

BATCH = 500


async def settle(programme: Programme, account: Row, now: datetime) -> Holding:
    """How the member stands now, what had come to its end decided and written.

    Inside a transaction that holds the account; `account` is its row.
    """
    before = tiers.to_holding(account)
    after, changes = await foresee(programme, before, now)
    if changes:
        await tiers.write((), changes)
        await outbox.write(programme.id, changes[-1].at, moved(changes))
    if after != (changes[-1].holding if changes else before):
        await tiers.write_holding(after)
    return after


async def foresee(
    programme: Programme, holding: Holding, now: datetime
) -> tuple[Holding, list[NewChange]]:
    """How the member stands by what has come to its end until now; nothing is written."""
    changes: list[NewChange] = []
    while (due := tier_periods.next_due(programme, holding, now)) is not None:
        policy = due.version.policy
        counted = await tiers.sums(holding.member_id, policy, due.at, closed=True)
        decided = tier_periods.decide(due, holding, now, counted)
        if isinstance(decided, NewChange):
            changes.append(decided)
            decided = decided.holding
        holding = decided
    return holding, changes


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A member whose tier was looked at, and how it stands."""

    member_id: UUID
    holding: Holding


async def count_due(programme: Programme, now: datetime) -> int:
    """How many members' tiers are to be looked at."""
    found = await row(
        "SELECT count(*) AS count FROM account WHERE programme_id = $1 "
        "AND (tier_review_due_at <= $2 OR (tier_until IS NULL AND tier_earned = ANY($3::text[])))",
        programme.id,
        now,
        _that_fall(programme, now),
    )
    return int(found["count"]) if found else 0


async def sweep(programme: Programme, now: datetime) -> AsyncIterator[Reviewed]:
    """Review the tiers that are due, one short transaction a member; run again it goes on."""
    async for member_id in due(programme, now):
        yield await review(programme, member_id, now)


async def due(programme: Programme, now: datetime) -> AsyncGenerator[UUID, None]:
    """Members whose tiers are to be looked at, each met once.

    First those that have no period though they could be lost, as a new policy wants. They are
    read a batch at a time, so memory stays flat whatever is due.
    """
    codes, last = _that_fall(programme, now), UUID(int=0)
    while codes and (opened := await _without_period(programme, codes, last)):
        for last in opened:
            yield last
    after: tuple[datetime, UUID] | None = None
    while found := await _due(programme, now, after):
        for after in found:
            yield after[1]


async def review(programme: Programme, member_id: UUID, now: datetime) -> Reviewed:
    """Record what time alone did to one member's tier, in a transaction.

    Raises: ConcurrentRequest.
    """
    return await transact(partial(_review, programme, member_id, now))


async def _review(programme: Programme, member_id: UUID, now: datetime) -> Reviewed:
    # the account alone: what is due of points is another sweep's
    account = await row("SELECT * FROM account WHERE member_id = $1 FOR UPDATE", member_id)
    if account is None:
        raise LookupError(f"member {member_id} has no account")
    return Reviewed(member_id, await settle(programme, account, now))


def _that_fall(programme: Programme, now: datetime) -> list[str]:
    policy = programme.as_of(now).policy
    codes = (level.code for level in policy.tiers.levels)
    return [code for code in codes if tier_windows.can_fall(policy, code)]


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
        "AND ($3::timestamptz IS NULL OR (tier_review_due_at, member_id) > ($3, $4::uuid)) "
        "ORDER BY tier_review_due_at, member_id LIMIT $5",
        programme.id,
        now,
        after[0] if after else None,
        after[1] if after else None,
        BATCH,
    )
    return [(due["tier_review_due_at"], due["member_id"]) for due in found]


def moved(changes: Iterable[NewChange]) -> list[Event]:
    """Each tier that a member came to, up or down; a decision that keeps one is not told."""
    return [
        Event(
            Topic.TIER_CHANGED, change.member_id, {"from": change.from_tier, "to": change.to_tier}
        )
        for change in changes
        if change.from_tier != change.to_tier
    ]
