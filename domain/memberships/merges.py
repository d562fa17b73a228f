"""Merges: two memberships of one person become one.

The points that the first can spend move to the second in lots with unchanged terms, and so do
points that become spendable later; its facts stay with it. From then on look-ups of the first find
the second, what counted toward the first one's tier counts toward the second one's, and its claims
move.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.claims import closing as closing_of_claims
from domain.grants import grant_evaluation
from domain.grants.values import Fact
from domain.kernel import cache
from domain.kernel.commitments import Committed
from domain.kernel.database import transact
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import NOTE_CHARACTERS_MAX, check_text
from domain.kernel.refusals import InvalidInput
from domain.ledger import ledger
from domain.ledger.values import SYSTEM
from domain.members import endings, identity
from domain.members.endings import Ending
from domain.members.identity import MemberKey, find_or_refuse
from domain.members.statuses import MemberStatus
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from domain.proposals import proposals
from domain.proposals.proposals import Proposal
from domain.redemptions.granted import GIFTS
from domain.tiers import tiers
from domain.transfers import transfers

OPERATION = "mergeMembers"
BATCH = 500


@dataclass(frozen=True, slots=True)
class MergeSent:
    """The member that is merged, and the one that remains."""

    from_: MemberKey
    into: MemberKey
    reason: str

    def canonical(self) -> dict[str, Any]:
        return {"from": self.from_, "into": self.into, "reason": self.reason}


async def merge(request: Request, programme: Programme, sent: MergeSent) -> Outcome:
    """Propose to merge a member into another; figures: `proposal_id`, `from_id`, `into_id`.

    Raises: NotFound, InvalidInput, StateConflict, HoldsOpen, AccountInArrears,
        IdempotencyKeyReused, ConcurrentRequest.
    """
    check_text(sent.reason, NOTE_CHARACTERS_MAX, ("reason",))
    perform = partial(_propose, request, programme, sent)
    return await once(request, OPERATION, sent, perform)


async def _propose(request: Request, programme: Programme, sent: MergeSent) -> Figures:
    """Raises: the refusals of a merge at this moment."""
    from_id = await find_or_refuse(programme.id, sent.from_, ("from",))
    into_id = await find_or_refuse(programme.id, sent.into, ("into",))
    if from_id == into_id:
        raise InvalidInput("merge_into_itself", path=("into",))
    await programmes.lock(programme.id)
    leaving, staying = [
        await accounts.foresee(programme, one, request.now) for one in (from_id, into_id)
    ]
    await _check(leaving, staying)
    proposed = {"fromId": str(from_id), "intoId": str(into_id), "reason": sent.reason}
    figures = await proposals.propose(request, OPERATION, proposed)
    return {**figures, "from_id": str(from_id), "into_id": str(into_id)}


async def merge_proposed(request: Request, proposal: Proposal, sent: Mapping[str, Any]) -> None:
    """Do the proposed merge, in the proposer's name, in the transaction that decides it.

    Raises: StateConflict, HoldsOpen, AccountInArrears.
    """
    programme = await programmes.get(request.caller.programme)
    from_id, into_id = UUID(sent["fromId"]), UUID(sent["intoId"])
    # one merge at a time: in a chain, the later one moves the look-ups that the earlier one moved
    # to its member
    await programmes.lock(programme.id)
    # before the accounts: look-ups of a member are locked first
    await identity.lead(programme.id, from_id, into_id)
    both = (from_id, into_id)
    async with accounts.opened_together(programme, both, request.now) as opened:
        leaving, staying = opened[from_id], opened[into_id]
        before, there = await _check(leaving, staying)
        points = leaving.journal.balances.available
        if points:
            await transfers.move(leaving, staying, points, proposal.proposed_by)
        left = Ending(Committed.to(sent["reason"]), proposal.proposed_by, points, into_id)
        await endings.change(leaving, before, MemberStatus.MERGED, left)
        gained = Ending(Committed.to(sent["reason"]), proposal.proposed_by, points, from_id)
        await endings.change(staying, there, there, gained)
        await closing_of_claims.move_all(leaving, staying, proposal.proposed_by)
        staying.has_merged = True
        accounts.count_on(leaving, staying, await tiers.credits_of(from_id))
        await _settle_tier(staying)
    # not before the end of expired holds is written
    await ledger.end(from_id, leaving.now, into_id)
    await ledger.note_merge(into_id)
    await cache.announce()


async def _check(leaving: Account, staying: Account) -> tuple[MemberStatus, MemberStatus]:
    """Check the statuses of both, locked until the transaction ends.

    Raises: StateConflict, HoldsOpen, AccountInArrears.
    """
    coming = (MemberStatus.ENROLLED, MemberStatus.GUEST)
    before = await endings.checked(leaving, *coming, path=("from",))
    there = await endings.checked(staying, MemberStatus.ENROLLED, path=("into",))
    endings.check_settled(leaving, ("from",))
    endings.check_settled(staying, ("into",))
    return before, there


async def _settle_tier(staying: Account) -> None:
    """Review the tier by what counts now, and give the grants of a new one."""
    await accounts.review_tier(staying)
    await grant_evaluation.evaluate_tier(staying, Fact(new_id(), staying.now), GIFTS)


@dataclass(frozen=True, slots=True)
class Merged:
    """The member into which another was merged, and the points moved then."""

    into_id: UUID
    points: int


async def outcome_of(from_id: UUID, into_id: UUID) -> Merged | None:
    """Outcome of a proposal to merge these; None if they were not merged."""
    points = await endings.merged_points(from_id, into_id)
    return None if points is None else Merged(into_id, points)


# Points that mature later.


async def due(programme: Programme) -> AsyncGenerator[UUID, None]:
    """Merged members with spendable points, and ended ones with any points, read a batch at a
    time.
    """
    after = UUID(int=0)
    while batch := await ledger.left_behind(programme.id, after, BATCH):
        for after in batch:
            yield after


async def follow(programme: Programme, member_id: UUID, now: datetime) -> int:
    """Move spendable points of a merged member to the account that has its points, in a
    transaction; returns how many. Points that nobody can spend any more are forfeited.

    Raises: ConcurrentRequest.
    """
    return await transact(partial(_follow, programme, member_id, now))


async def _follow(programme: Programme, member_id: UUID, now: datetime) -> int:
    async with accounts.opened(programme, member_id, now) as account:
        return await transfers.pass_on(account, SYSTEM.actor)
