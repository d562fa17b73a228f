"""Memberships as staff suspend, reinstate and end them."""

from uuid import UUID

import strawberry

from api.kit.context import Info
from api.kit.inputs import KeyedInput, MemberBy, Sent, request, to_key
from api.kit.mutations import Payload, mutation
from api.kit.scalars import Points
from api.members import Member, load_member
from api.proposals import Proposal, proposal_of
from domain.members import endings
from domain.memberships import closing, merges
from domain.memberships.closing import ClosingSent
from domain.memberships.merges import MergeSent

REASON = "Reason, kept for ever; it must not contain personal data."


@strawberry.input
class MembershipInput(KeyedInput):
    """A change of a membership by staff, with its reason."""

    member: MemberBy = strawberry.field(description="Member whose membership is changed.")
    reason: str = strawberry.field(description=REASON)


@strawberry.input(description="Membership to suspend.")
class SuspendMemberInput(MembershipInput):
    pass


@strawberry.input(description="Membership whose suspension ends.")
class ReinstateMemberInput(MembershipInput):
    pass


@strawberry.input(description="Membership to end.")
class CloseMemberInput(MembershipInput):
    forfeit: Points = strawberry.field(
        description="Number of points that the member gives up: all that are pending or "
        "available, including those of members merged into it."
    )


@strawberry.input(description="Membership to merge into another.")
class MergeMembersInput(KeyedInput):
    from_: MemberBy = strawberry.field(
        name="from", description="Member that is merged into the other, and ends."
    )
    into: MemberBy = strawberry.field(
        description="Member that remains, and receives the points of both."
    )
    reason: str = strawberry.field(description=REASON)


@strawberry.type
class MembershipPayload(Payload):
    """A membership that was changed."""

    member: Member | None = strawberry.field(
        default=None, description="Member as it is now; null when refused."
    )


@strawberry.type(description="Result of suspending a member.")
class SuspendMemberPayload(MembershipPayload):
    pass


@strawberry.type(description="Result of reinstating a member.")
class ReinstateMemberPayload(MembershipPayload):
    pass


@strawberry.type(description="Result of ending a membership.")
class CloseMemberPayload(MembershipPayload):
    pass


@strawberry.type(description="Result of merging two memberships.")
class MergeMembersPayload(Payload):
    member: Member | None = strawberry.field(
        default=None,
        description="Member that remains, as it is now; null when refused, and until another "
        "person has approved the proposal.",
    )
    points_moved: Points = strawberry.field(
        default=Points(0), description="Number of points moved; 0 until the proposal is approved."
    )
    proposal: Proposal | None = strawberry.field(
        default=None,
        description="Proposal that the request became, as it stands now; null when refused.",
    )


@strawberry.type
class MembershipsMutation:
    @mutation(
        "Suspend a member: what it does is recorded but earns nothing; its points cannot be "
        "spent, and expire as before."
    )
    async def suspend_member(
        self, info: Info, input: Sent[SuspendMemberInput]
    ) -> SuspendMemberPayload | None:
        programme, member = info.context.programme, to_key(input.member, ("member",))
        outcome = await endings.suspend(request(info, input), programme, member, input.reason)
        shown = await load_member(info, outcome.member_id)
        return SuspendMemberPayload(member=shown, replayed=outcome.replayed)

    @mutation(
        "Reinstate a suspended member; what it did while suspended earns no points afterwards."
    )
    async def reinstate_member(
        self, info: Info, input: Sent[ReinstateMemberInput]
    ) -> ReinstateMemberPayload | None:
        programme, member = info.context.programme, to_key(input.member, ("member",))
        outcome = await endings.reinstate(request(info, input), programme, member, input.reason)
        shown = await load_member(info, outcome.member_id)
        return ReinstateMemberPayload(member=shown, replayed=outcome.replayed)

    @mutation("End a membership for good; the points that are left are given up.")
    async def close_member(
        self, info: Info, input: Sent[CloseMemberInput]
    ) -> CloseMemberPayload | None:
        programme, member = info.context.programme, to_key(input.member, ("member",))
        sent = ClosingSent(input.reason, input.forfeit)
        outcome = await closing.close(request(info, input), programme, member, sent)
        shown = await load_member(info, outcome.member_id)
        return CloseMemberPayload(member=shown, replayed=outcome.replayed)

    @mutation(
        "Propose to merge a membership into another of the same person: spendable points move, "
        "and the reference and proved contacts then find the membership that remains. Once "
        "another person has approved it, the same request sent again returns what moved."
    )
    async def merge_members(
        self, info: Info, input: Sent[MergeMembersInput]
    ) -> MergeMembersPayload | None:
        from_, into = to_key(input.from_, ("from",)), to_key(input.into, ("into",))
        sent = MergeSent(from_, into, input.reason)
        outcome = await merges.merge(request(info, input), info.context.programme, sent)
        merged = await merges.outcome_of(*(UUID(outcome.figures[name]) for name in _PROPOSED))
        return MergeMembersPayload(
            member=await load_member(info, merged.into_id) if merged else None,
            points_moved=Points(merged.points if merged else 0),
            proposal=await proposal_of(info, outcome),
            replayed=outcome.replayed,
        )


_PROPOSED = ("from_id", "into_id")
