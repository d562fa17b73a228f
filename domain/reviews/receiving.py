"""Receiving: who gets what is given away, once a review of it is approved: whoever the member that
it was meant for has become by then.
"""

from collections.abc import Sequence
from uuid import UUID

from domain.accounts.accounts import Account
from domain.ledger import ledger
from domain.members import statuses
from domain.members.statuses import MemberStatus


async def statuses_of(member_ids: Sequence[UUID]) -> dict[UUID, MemberStatus]:
    """By each of these members, the status of who it has become; a few statements for all."""
    became = await ledger.all_became(member_ids)
    found = await statuses.of_many(list(set(became.values())))
    return {member_id: found[last] for member_id, last in became.items()}


def followed(account: Account) -> Account:
    """The account, under its lock, of who the member has become."""
    while account.successor is not None:
        account = account.successor
    return account
