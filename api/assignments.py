"""Assignments: tiers that staff give by hand."""

from datetime import datetime

import strawberry

from api.kit.context import Info
from api.kit.inputs import KeyedInput, MemberBy, Sent, request, to_key
from api.kit.mutations import Payload, mutation
from api.members import Member, load_member
from api.tiers import Standing, to_standing
from api.wording.words import current_policy
from domain.members import tier_assignments
from domain.members.tier_assignments import AssignmentSent


@strawberry.input(description="A tier given by hand, or lifted.")
class AssignTierInput(KeyedInput):
    member: MemberBy = strawberry.field(description="Whose tier.")
    tier: str | None = strawberry.field(
        default=None,
        description="The code of the tier that the member has at least, whatever it qualifies "
        "for; null lifts what was assigned, and the member has what it earned.",
    )
    until: datetime | None = strawberry.field(
        default=None, description="Until when, exclusively; without it until it is lifted."
    )
    reason: str = strawberry.field(
        description="Why; is kept for ever, so nothing personal belongs here."
    )


@strawberry.type(description="What assigning a tier answers.")
class AssignTierPayload(Payload):
    member: Member | None = strawberry.field(default=None, description="The member.")
    standing: Standing | None = strawberry.field(
        default=None, description="Where the member stands now."
    )


@strawberry.type
class AssignmentsMutation:
    @mutation("Give a member a tier below which it does not fall, or lift that.")
    async def assign_tier(
        self, info: Info, input: Sent[AssignTierInput]
    ) -> AssignTierPayload | None:
        outcome = await tier_assignments.assign(
            request(info, input),
            info.context.programme,
            to_key(input.member, ("member",)),
            AssignmentSent(input.tier, input.reason, input.until),
        )
        member = await load_member(info, outcome.member_id)
        return AssignTierPayload(
            member=member,
            standing=to_standing(current_policy(info), member.row) if member else None,
            replayed=outcome.replayed,
        )
