"""Closing: a membership ends, with its points, reviews and claims, also those of members merged
into it.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.claims import closing as closing_of_claims
from domain.kernel.commitments import Committed
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.inputs import NOTE_CHARACTERS_MAX, check_text
from domain.kernel.refusals import ConcurrentRequest
from domain.ledger import ledger
from domain.ledger.values import Cause
from domain.members import endings
from domain.members.endings import STANDING, Ending
from domain.members.identity import MemberKey, find_or_refuse
from domain.members.statuses import MemberStatus
from domain.programmes.programmes import Programme
from domain.risk import closing as closing_of_reviews


@dataclass(frozen=True, slots=True)
class ClosingSent:
    """`forfeit` are the points that the member agrees to give up, including those left with members
    merged into it.
    """

    reason: str
    forfeit: int

    def canonical(self) -> dict[str, Any]:
        return {"reason": self.reason, "forfeit": self.forfeit}


async def close(
    request: Request, programme: Programme, member: MemberKey, sent: ClosingSent
) -> Outcome:
    """End a membership, and with it its points, its reviews and its claims; figures: `member_id`.

    Raises: NotFound, InvalidInput where other points than these would be lost, StateConflict,
        HoldsOpen, AccountInArrears, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_text(sent.reason, NOTE_CHARACTERS_MAX, ("reason",))
    perform = partial(_close, request, programme, member, sent)
    return await once(request, "closeMember", {"member": member, "close": sent}, perform)


async def _close(
    request: Request, programme: Programme, member: MemberKey, sent: ClosingSent
) -> Figures:
    member_id, actor = await find_or_refuse(programme.id, member), request.caller.actor
    family = await endings.family(member_id)
    async with accounts.opened_together(programme, family, request.now) as opened:
        account = opened[member_id]
        before = await endings.checked(account, *STANDING)
        if await endings.family(member_id) != family:
            raise ConcurrentRequest(path=("member",))
        endings.check_settled(account, ("member",))
        endings.check_forfeit(list(opened.values()), sent.forfeit)
        reason = Committed.to(sent.reason)
        lost = {one.member_id: await _end(one, actor, reason) for one in opened.values()}
        ending = Ending(reason, actor, lost[member_id])
        await endings.change(account, before, MemberStatus.CLOSED, ending)
    # not before the end of expired holds is written
    await ledger.end(member_id, account.now)
    return {"member_id": str(member_id)}


async def _end(account: Account, actor: str, reason: Committed) -> int:
    """End the open reviews and claims of a member, or of one merged into it; returns the points
    that it loses.
    """
    lost = endings.forfeit(account, Cause(actor, reason=reason))
    await closing_of_reviews.lapse(account, actor, reason)
    await closing_of_claims.withdraw_all(account, actor, closing_of_claims.CLOSED)
    return lost
