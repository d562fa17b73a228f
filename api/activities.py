"""The mutation that reports what a member did other than booking."""

from datetime import datetime

import strawberry

from api.balances import Balance, load_balance
from api.bookings import Award, to_awards
from api.grants import Activity, load_activity, load_grants
from api.kit.context import Info
from api.kit.inputs import UNDER_REVIEW, MemberBy, Sent, SignalledInput, request, subject
from api.kit.mutations import mutation
from api.kit.scalars import JSON, Points
from api.payloads import load_shown
from api.proposals import GivingPayload, proposal_of
from api.wording.words import ExplanationLine, explained
from domain.activities import activities, activity_reads
from domain.activities.contents import ActivitySent
from domain.earning import awards
from domain.kernel.inputs import check_object


@strawberry.input(description="Activity of a member other than a booking.")
class EarnForActivityInput(SignalledInput):
    type: str = strawberry.field(description="Code of an activity of the policy.")
    reference: str = strawberry.field(
        description="Reporter's own reference; an activity is recorded at most once under it."
    )
    member: MemberBy | None = strawberry.field(
        default=None,
        description="Member who did it; defaults to the calling member and is required from other "
        "callers.",
    )
    occurred_at: datetime | None = strawberry.field(
        default=None, description="Instant of the activity; defaults to now."
    )
    attributes: JSON | None = strawberry.field(
        default=None,
        description="Facts about the activity, as an object; points may depend on one of them, "
        "such as score or amount.",
    )


@strawberry.type(description="Result of reporting an activity.")
class EarnForActivityPayload(GivingPayload):
    activity: Activity | None = strawberry.field(
        default=None, description="Activity as recorded; null when refused."
    )
    awards: list[Award] = strawberry.field(
        default_factory=list, description="Points granted, by rule."
    )
    points_awarded: Points = strawberry.field(
        default=Points(0), description="Points earned in all."
    )
    explanation: list[ExplanationLine] = strawberry.field(
        default_factory=list, description="Reasons for the points, also when no points were earned."
    )
    attempts: int | None = strawberry.field(
        default=None,
        description="Number of reports of this activity on this day that exceed its limit, "
        "including this one; null when within the limit, and when refused.",
    )
    balance: Balance | None = strawberry.field(
        default=None, description="Balance of the member now; null when refused."
    )
    under_review: bool = strawberry.field(default=False, description=UNDER_REVIEW)


@strawberry.type
class ActivitiesMutation:
    @mutation(
        "Report an activity. One that exceeds its limit is recorded, earns nothing and explains "
        "why."
    )
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
        if proposal := await proposal_of(info, outcome):
            return EarnForActivityPayload(proposal=proposal, replayed=outcome.replayed)
        key = outcome.owned("activity_id")
        found = (await activity_reads.explanations([key]))[key[1]]
        granted = await awards.of_activities([key])
        return EarnForActivityPayload(
            activity=await load_activity(info, key),
            awards=to_awards(info, granted[key[1]], found.version_id),
            points_awarded=Points(outcome.figures["points_awarded"]),
            explanation=explained(info, found),
            attempts=await activity_reads.attempts(*key),
            member=await load_shown(info, outcome.member_id),
            balance=await load_balance(info, outcome.member_id),
            grants=await load_grants(info, outcome),
            under_review=outcome.figures.get("under_review", False),
            replayed=outcome.replayed,
        )
