"""Proposals as staff see them, approve them and reject them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from api.kit.connections import PAGE_DEFAULT, After, Connection, Edge, First, Listing, Start
from api.kit.context import Info
from api.kit.fields import field
from api.kit.inputs import SHOWN_CHARACTERS_MAX, KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.kit.permissions import ALLOWED, approving, needs
from api.kit.relay import Node, from_global_id, to_global_id
from api.kit.scalars import JSON
from api.payloads import FactPayload
from domain.approvals import approvals
from domain.kernel.callers import Caller
from domain.kernel.idempotency import Outcome
from domain.kernel.refusals import NotFound
from domain.proposals import proposals
from domain.proposals.proposals import LIVES_DAYS, OPEN_MAX

PROPOSAL_TYPE = "Proposal"


@strawberry.type(
    description="A request by staff that another person must approve; nothing changes before. A "
    f"programme can have at most {OPEN_MAX} open proposals."
)
class Proposal(Node):
    operation: str = strawberry.field(description="Name of the mutation that is proposed.")
    sha256: str = strawberry.field(
        description="SHA-256 of what is proposed, as hexadecimal text: of the text for a policy, "
        "otherwise of the canonical JSON that is kept of `input`."
    )
    proposed_by: str = strawberry.field(description="Person who proposed it.")
    proposed_at: datetime = strawberry.field(description="Instant at which it was proposed.")
    expires_at: datetime = strawberry.field(
        description=f"Instant from which it cannot be decided any more, {LIVES_DAYS} days later."
    )
    state: str = strawberry.field(
        description="State of the proposal: OPEN, DONE when approved and performed, REJECTED, or "
        "EXPIRED when nobody decided it in time."
    )
    decided_by: str | None = strawberry.field(
        description="Person who approved or rejected it; null until then."
    )
    decided_at: datetime | None = strawberry.field(
        description="Instant at which it was approved or rejected; null until then."
    )
    reason: str | None = strawberry.field(description="Reason for the rejection; null otherwise.")
    own_id: strawberry.Private[UUID]

    @field(
        "Input of the proposed mutation, without its idempotency key; for a policy, it contains "
        "the whole text."
    )
    async def input(self, info: Info) -> JSON:
        return await info.context.loaders.load(_inputs, self.own_id)


async def _inputs(_: Caller, proposal_ids: list[UUID]) -> list[JSON]:
    found = await proposals.inputs(proposal_ids)
    return [JSON(_shown(found[proposal_id])) for proposal_id in proposal_ids]


def _shown(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The input by the names that clients know, with global ids of the member and the job."""
    shown = dict(sent)
    if claim_id := shown.pop("claimId", None):
        owner = UUID(shown.pop("claimMemberId"))
        shown = {"claim": to_global_id("Claim", UUID(claim_id), member_id=owner), **shown}
    if job_id := shown.pop("jobId", None):
        shown = {"job": to_global_id("Job", UUID(job_id)), **shown}
    for place, key in (("into", "intoId"), ("from", "fromId")):
        if named := shown.pop(key, None):
            shown = {place: {"id": to_global_id("Member", UUID(named))}, **shown}
    if member_id := shown.pop("memberId", None):
        own = UUID(member_id)
        shown = {"member": {"id": to_global_id("Member", own)}, **shown}
    return shown


@strawberry.type(description="One row of the list of proposals.")
class ProposalEdge(Edge[Proposal]):
    pass


@strawberry.type(description="One page of proposals.")
class ProposalConnection(Connection[ProposalEdge]):
    pass


LISTING: Listing[proposals.Proposal, ProposalConnection] = Listing(
    "proposals",
    ProposalConnection,
    ProposalEdge,
    (datetime, UUID),
    lambda row: (row.proposed_at, row.id),
)


def to_proposal(found: proposals.Proposal, now: datetime) -> Proposal:
    return Proposal(
        id=to_global_id(PROPOSAL_TYPE, found.id),
        operation=found.operation,
        sha256=found.sha256.hex(),
        proposed_by=found.proposed_by,
        proposed_at=found.proposed_at,
        expires_at=found.expires_at,
        state=found.status(now).value,
        decided_by=found.decided_by,
        decided_at=found.decided_at,
        reason=found.reason,
        own_id=found.id,
    )


async def load_proposal(info: Info, proposal_id: UUID) -> Proposal | None:
    """The proposal with this id; None for a caller that may not read proposals."""
    if not ALLOWED["Query.proposals"].allows(info.context.caller):
        return None
    found = await proposals.find(info.context.programme.id, proposal_id)
    return to_proposal(found, info.context.now) if found else None


@strawberry.type(
    description="Fields of payloads whose points may exceed the limit of one person of staff."
)
class GivingPayload(FactPayload):
    proposal: Proposal | None = strawberry.field(
        default=None,
        description="Proposal that a request by staff became, as it stands now; null when "
        "refused, and when no second person has to approve the amount.",
    )


async def proposal_of(info: Info, outcome: Outcome) -> Proposal | None:
    """The proposal made of a call; None if it was done at once."""
    proposal_id = outcome.figures.get("proposal_id")
    return await load_proposal(info, UUID(proposal_id)) if proposal_id else None


@strawberry.type
class ProposalsQuery:
    @field("Proposals of the programme, newest first.")
    async def proposals(
        self,
        info: Info,
        open: Annotated[
            bool | None,
            strawberry.argument(
                description="True for proposals that are still open, false for those that are "
                "not; null means both."
            ),
        ] = True,
        first: First = PAGE_DEFAULT,
        after: After = None,
    ) -> ProposalConnection:
        programme_id, now = info.context.programme.id, info.context.now

        async def rows(limit: int, start: Start) -> list[proposals.Proposal]:
            return await proposals.page(programme_id, now, opened=open, limit=limit, after=start)

        async def count() -> int:
            return await proposals.count(programme_id, now, opened=open)

        def node(row: proposals.Proposal) -> Proposal:
            return to_proposal(row, now)

        return await LISTING.page(first, after, rows=rows, node=node, count=count)


@strawberry.input(description="Proposal to approve and perform.")
class ApproveProposalInput(KeyedInput):
    proposal: strawberry.ID = strawberry.field(description="Global id of the proposal.")


@strawberry.input(description="Proposal to reject.")
class RejectProposalInput(KeyedInput):
    proposal: strawberry.ID = strawberry.field(description="Global id of the proposal.")
    reason: str = strawberry.field(
        description="Reason, kept for ever; it must not contain personal data."
    )


@strawberry.type(description="Result of approving a proposal.")
class ApproveProposalPayload(Payload):
    proposal: Proposal | None = strawberry.field(
        default=None, description="Proposal as it stands; null when refused."
    )


@strawberry.type(description="Result of rejecting a proposal.")
class RejectProposalPayload(Payload):
    proposal: Proposal | None = strawberry.field(
        default=None, description="Proposal as it stands; null when refused."
    )


@strawberry.type
class ProposalsMutation:
    @mutation(
        "Perform what another person proposed, judged as of now. The caller needs the right to "
        "the proposed mutation, or the role finance. When the mutation is refused, the proposal "
        "stays open."
    )
    async def approve_proposal(
        self, info: Info, input: Sent[ApproveProposalInput]
    ) -> ApproveProposalPayload | None:
        own, named = _named(input.proposal)
        await _check_may_approve(info, own)
        outcome = await approvals.approve(request(info, input), info.context.programme, own, named)
        proposal = await proposal_of(info, outcome)
        return ApproveProposalPayload(proposal=proposal, replayed=outcome.replayed)

    @mutation("Reject a proposal, another person's or one's own; nothing is performed.")
    async def reject_proposal(
        self, info: Info, input: Sent[RejectProposalInput]
    ) -> RejectProposalPayload | None:
        own, named = _named(input.proposal)
        outcome = await approvals.reject(request(info, input), own, named, input.reason)
        proposal = await proposal_of(info, outcome)
        return RejectProposalPayload(proposal=proposal, replayed=outcome.replayed)


async def _check_may_approve(info: Info, proposal_id: UUID) -> None:
    """
    Raises: RequestError FORBIDDEN
    """
    caller = info.context.caller
    found = await proposals.find(caller.programme_id, proposal_id)
    if found is not None and approving(found.operation).isdisjoint(caller.roles):
        what = f"approving `{found.operation}`"
        raise needs(approving(found.operation), what, "approveProposal")


def _named(global_id: str) -> tuple[UUID, str]:
    """The proposal's id, and the sent proposal as shown.

    Raises: NotFound for an id of no proposal.
    """
    found, shown = from_global_id(global_id), global_id[:SHOWN_CHARACTERS_MAX]
    if found is None or found.type_name != PROPOSAL_TYPE or found.member_id is not None:
        raise NotFound("proposal", shown, path=("proposal",))
    return found.id, shown
