"""Receiving: the status of the receiver of a transfer that waits for a review."""

from collections.abc import Sequence
from uuid import UUID

from domain.ledger import ledger
from domain.members import statuses
from domain.members.statuses import MemberStatus


async def statuses_of(member_ids: Sequence[UUID]) -> dict[UUID, MemberStatus]:
    """By member, the status of the account that it was merged into, or its own; a few queries for
    all.
    """
    became = await ledger.all_became(member_ids)
    found = await statuses.of_many(list(set(became.values())))
    return {member_id: found[last] for member_id, last in became.items()}
