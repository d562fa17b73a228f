"""The mutation that reports what a member did beside booking."""

from datetime import datetime

import strawberry

from api.balances import Balance, load_balance
from api.bookings import Award, to_awards
from api.kit.context import Info
from api.kit.inputs import KeyedInput, MemberBy, Sent, request, subject
from api.kit.mutations import Payload, mutation
from api.kit.scalars import JSON, Points
from api.wording.words import ExplanationLine, explained
from domain.activities import activities, activity_reads
from domain.activities.activities import ActivitySent
from domain.earning import awards
from domain.kernel.inputs import check_object


@strawberry.input(description="Something that a member did.")
class EarnForActivityInput(KeyedInput):
    type: str = strawberry.field(description="The code of an activity that the policy knows.")
    reference: str = strawberry.field(
        description="The reporter's own reference: the same one is recorded once for ever."
    )
    member: MemberBy | None = strawberry.field(
        default=None, description="Who did it; a member means itself."
    )
    occurred_at: datetime | None = strawberry.field(
        default=None, description="When it was done; without it now."
    )
    attributes: JSON | None = strawberry.field(
        default=None, description="What the policy pays by, as score or amount, and what else."
    )


@strawberry.type(description="What reporting an activity answers.")
class EarnForActivityPayload(Payload):
    awards: list[Award] = strawberry.field(
        default_factory=list, description="What each rule granted."
    )
    points_awarded: Points = strawberry.field(default=Points(0), description="What it earned.")
    explanation: list[ExplanationLine] = strawberry.field(
        default_factory=list, description="Why, also where it earned nothing."
    )
    balance: Balance | None = strawberry.field(
        default=None, description="The member's balance now."
    )


@strawberry.type
class ActivitiesMutation:
    @mutation("Report an activity; over its limit it earns nothing and says why.")
    async def earn_for_activity(
        self, info: Info, input: Sent[EarnForActivityInput]
    ) -> EarnForActivityPayload | None:
        attributes = input.attributes
        sent = ActivitySent(
            input.type,
            input.reference,
            input.occurred_at,
            None if attributes is None else check_object(attributes, ("attributes",)),
        )
        member = await subject(info, input.member)
        outcome = await activities.earn(request(info, input), info.context.programme, member, sent)
        key = outcome.owned("activity_id")
        found = (await activity_reads.explanations([key]))[key[1]]
        granted = await awards.of_activities([key])
        return EarnForActivityPayload(
            awards=to_awards(info, granted[key[1]], found.version_id),
            points_awarded=Points(outcome.figures["points_awarded"]),
            explanation=explained(info, found),
            balance=await load_balance(info, outcome.member_id),
            replayed=outcome.replayed,
        )
