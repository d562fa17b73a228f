"""Waiting rewards: grants whose reward was not available, tried again every hour.

After 90 days without one they have lapsed.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from domain.accounts import accounts
from domain.grants import activity_list
from domain.grants.activity_list import WAITING_DAYS_MAX
from domain.grants.given import last_reversal
from domain.grants.values import GrantStatus
from domain.kernel.database import rows, transact
from domain.kernel.outbox import Topic
from domain.members import statuses
from domain.members.statuses import MemberStatus
from domain.programmes.programmes import Programme
from domain.redemptions.granted import GIFTS

BATCH = 500


@dataclass(frozen=True, slots=True)
class WaitingGrant:
    """A grant that waits for its reward."""

    member_id: UUID
    id: UUID


async def candidates(programme: Programme, now: datetime) -> AsyncGenerator[WaitingGrant, None]:
    """Grants that wait, each once, read a batch at a time."""
    after = WaitingGrant(UUID(int=0), UUID(int=0))
    while found := await rows(
        _WAITING,
        programme.id,
        now - timedelta(days=WAITING_DAYS_MAX),
        after.member_id,
        after.id,
        BATCH,
    ):
        for one in found:
            after = WaitingGrant(one["member_id"], one["id"])
            yield after


_WAITING = f"""
SELECT a.member_id, a.id FROM activity a {last_reversal()}
WHERE a.programme_id = $1 AND a.reward IS NOT NULL AND (a.member_id, a.id) > ($3, $4)
    AND r.kind IS DISTINCT FROM 'REVERSED' AND coalesce(r.recorded_at, a.recorded_at) > $2
    AND NOT EXISTS (SELECT FROM redemption g WHERE g.member_id = a.member_id
        AND g.activity_id = a.id AND g.created_at >= coalesce(r.recorded_at, a.recorded_at))
ORDER BY a.member_id, a.id LIMIT $5
"""


async def give(programme: Programme, found: WaitingGrant, now: datetime) -> bool:
    """Give the reward if it is available now, in a transaction; returns whether it was given.

    Raises: ConcurrentRequest.
    """
    return await transact(partial(_give, programme, found, now))


async def _give(programme: Programme, found: WaitingGrant, now: datetime) -> bool:
    async with accounts.opened(programme, found.member_id, now) as account:
        key = (found.member_id, found.id)
        row = (await activity_list.many(programme.id, [key]))[found.id]
        enrolled = await statuses.of(found.member_id) is MemberStatus.ENROLLED
        # under the lock: it may have been given, or reversed, since it was found
        if row.status(account.now) is not GrantStatus.WAITING or not enrolled:
            return False
        if row.reward is None or not await GIFTS.give(account, found.id, row.reward):
            return False
        account.notify(
            Topic.GRANT_MADE, activity_id=found.id, rule=row.type, reward=row.reward, points=0
        )
    return True
