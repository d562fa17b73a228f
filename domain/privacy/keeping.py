"""How long personal data are kept of persons who never became members."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from domain.accounts import accounts
from domain.kernel.database import rows, transact
from domain.kernel.outbox import Topic
from domain.kernel.refusals import ConcurrentRequest
from domain.members import contact_rows, forgotten, returning, statuses
from domain.members.statuses import MemberStatus
from domain.programmes.programmes import Programme

GUESTS_DAYS = 730
"""Days after a guest's last booking that its contacts are kept, about 24 months."""

BATCH = 500


async def outlived(programme: Programme, now: datetime) -> AsyncGenerator[UUID, None]:
    """Guests whose contacts must be removed, by id."""
    after = UUID(int=0)
    while found := await rows(
        "SELECT m.member_id FROM member m WHERE m.programme_id = $1 AND m.status = 'GUEST' "
        "AND EXISTS (SELECT FROM contact c WHERE c.member_id = m.member_id) AND m.joined_at < $2 "
        "AND NOT EXISTS (SELECT FROM booking b WHERE b.member_id = m.member_id "
        "AND b.booked_at >= $2) AND m.member_id > $3 ORDER BY m.member_id LIMIT $4",
        programme.id,
        now - timedelta(days=GUESTS_DAYS),
        after,
        BATCH,
    ):
        for one in found:
            after = one["member_id"]
            yield after


async def forget_contacts(programme: Programme, member_id: UUID, now: datetime) -> int:
    """Remove a guest's contacts and their look-ups; returns 0 if it is no guest any more.

    Raises: ConcurrentRequest.
    """
    return await transact(partial(_forget, programme, member_id, now))


async def _forget(programme: Programme, member_id: UUID, now: datetime) -> int:
    if await statuses.of(member_id) is not MemberStatus.GUEST:
        return 0
    person = await forgotten.person(member_id)
    await forgotten.let_go_of_contacts(programme.id, person)
    async with accounts.opened(programme, member_id, now) as account:
        if await statuses.lock(member_id) is not MemberStatus.GUEST:
            raise ConcurrentRequest
        account.journal.changed += await contact_rows.remove(member_id)
        await returning.forget_past(member_id)
        gone = [one.kind.column for one in person.contacts]
        account.notify(Topic.MEMBER_CHANGED, fields=sorted(gone))
    return len(gone)
