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


@strawberry.input(description="Tier to assign by hand, or an assignment to lift.")
class AssignTierInput(KeyedInput):
    member: MemberBy = strawberry.field(description="Member whose tier is assigned.")
    tier: str | None = strawberry.field(
        default=None,
        description="Code of the tier below which the member does not fall; null lifts the "
        "assignment, so that the member has the tier that it has earned.",
    )
    until: datetime | None = strawberry.field(
        default=None, description="End of the assignment, exclusive; null means until it is lifted."
    )
    reason: str = strawberry.field(
        description="Reason, kept for ever; it must not contain personal data."
    )


@strawberry.type(description="Result of assigning a tier.")
class AssignTierPayload(Payload):
    member: Member | None = strawberry.field(
        default=None, description="Member after the assignment; null when refused."
    )
    standing: Standing | None = strawberry.field(
        default=None, description="Standing of the member now; null when refused."
    )


@strawberry.type
class AssignmentsMutation:
    @mutation("Assign a tier below which a member does not fall, or lift the assignment.")
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
