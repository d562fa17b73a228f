"""Approving a proposal, which performs it once and judges it again, and rejecting one."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from domain.activities import activities
from domain.bookings import amendments, bookings
from domain.claims import deciding
from domain.earning import reservations
from domain.jobs import imports
from domain.kernel import cache
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.inputs import NOTE_CHARACTERS_MAX, check_text
from domain.kernel.refusals import Refusal
from domain.lint import lint
from domain.memberships import merges
from domain.programmes.programmes import Programme
from domain.proposals import proposals
from domain.proposals.proposals import Decision, Proposal, ProposalStatus
from domain.transfers import adjustments

Performer = Callable[[Request, Proposal, Mapping[str, Any]], Awaitable[object]]
"""Performs the sent call, in the transaction of the approval, and refuses it as the call would."""

PERFORMERS: Mapping[str, Performer] = {
    "publishPolicy": lint.publish_proposed,
    "adjustPoints": adjustments.adjust_proposed,
    imports.OPERATION: imports.approve_proposed,
    bookings.OPERATION: bookings.earn_proposed,
    "amendBooking": amendments.amend_proposed,
    "earnForActivity": activities.earn_proposed,
    "decideClaim": deciding.decide_proposed,
    merges.OPERATION: merges.merge_proposed,
}
"""Performers by operation that can become a proposal."""


async def approve(request: Request, programme: Programme, proposal_id: UUID, named: str) -> Outcome:
    """Perform a proposal of another person, as of now; figures: `proposal_id`. A refusal leaves it
    open.

    Raises: NotFound, ProposalState, SamePerson, IdempotencyKeyReused, and what the operation
    refuses, about the proposal.
    """

    async def perform() -> Figures:
        decision = Decision(proposal_id, named, ProposalStatus.DONE)
        proposal, sent = await proposals.decide(request, decision)
        try:
            await PERFORMERS[proposal.operation](request, proposal, sent)
        except Refusal as refusal:
            refusal.path = ("proposal",)
            raise
        return {"proposal_id": str(proposal.id)}

    attempt = partial(once, request, "approveProposal", {"proposal": proposal_id}, perform)
    outcome = await reservations.retried(programme, request.now, attempt)
    cache.forget()
    return outcome


async def reject(request: Request, proposal_id: UUID, named: str, reason: str) -> Outcome:
    """End a proposal, another person's or one's own; figures: `proposal_id`.

    Raises: InvalidInput, NotFound, ProposalState, IdempotencyKeyReused.
    """
    check_text(reason, NOTE_CHARACTERS_MAX, ("reason",))

    async def perform() -> Figures:
        decision = Decision(proposal_id, named, ProposalStatus.REJECTED, reason)
        proposal, _ = await proposals.decide(request, decision)
        return {"proposal_id": str(proposal.id)}

    asked = {"proposal": proposal_id, "reason": reason}
    return await once(request, "rejectProposal", asked, perform)
