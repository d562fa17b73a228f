"""Occasions: events that notify a member of changes by time or by staff.

Each kind and object has one event, however often the worker looks for it.
"""

from typing import Any

import models
from domain.accounts.accounts import Account
from domain.kernel.database import row
from domain.kernel.ids import new_id
from domain.kernel.outbox import Topic
from domain.members import statuses
from domain.members.statuses import MemberStatus
from domain.notices.kinds import Kind


async def write(account: Account, kind: Kind, key: str, topic: Topic, **payload: Any) -> int:
    """Write the event of an occasion under the account's lock; returns 1, or 0 if it was written
    before, or the member is not enrolled any more.
    """
    earlier = await row(
        "SELECT id FROM reminder WHERE member_id = $1 AND kind = $2 AND key = $3",
        account.member_id,
        kind.value,
        key,
    )
    if earlier or await statuses.of(account.member_id) is not MemberStatus.ENROLLED:
        return 0
    account.record(
        models.Reminder(
            member_id=account.member_id,
            id=new_id(),
            kind=kind.value,
            key=key,
            recorded_at=account.now,
        )
    )
    account.notify(topic, **payload)
    return 1
