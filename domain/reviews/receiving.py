"""Receiving: how who gets it stands, where what is given away waits for a review."""

from collections.abc import Sequence
from uuid import UUID

from domain.ledger import ledger
from domain.members import statuses
from domain.members.statuses import MemberStatus


async def statuses_of(member_ids: Sequence[UUID]) -> dict[UUID, MemberStatus]:
    """By each of these members, the status of who it has become; a few statements for all."""
    became = await ledger.all_became(member_ids)
    found = await statuses.of_many(list(set(became.values())))
    return {member_id: found[last] for member_id, last in became.items()}
