"""The mutation that takes back an activity or a grant."""

import strawberry

from api.balances import Balance, load_balance
from api.grants import Activity, load_activity, load_grants
from api.kit.context import Info
from api.kit.inputs import KeyedInput, Sent, request, to_owned
from api.kit.mutations import mutation
from api.kit.scalars import Points
from api.payloads import FactPayload, load_shown
from domain.activities import reversals


@strawberry.input(description="Activity or grant to take back.")
class ReverseActivityInput(KeyedInput):
    activity: strawberry.ID = strawberry.field(description="Global id of the activity.")
    reason: str = strawberry.field(
        description="Reason, kept for ever; it must not contain personal data."
    )


@strawberry.type(description="Result of taking back an activity.")
class ReverseActivityPayload(FactPayload):
    activity: Activity | None = strawberry.field(
        default=None, description="Activity as it is now; null when refused."
    )
    points_clawed_back: Points = strawberry.field(
        default=Points(0), description="Points taken back, including those that became arrears."
    )
    points_owed: Points = strawberry.field(
        default=Points(0), description="Part of these that became arrears."
    )
    points_forgiven: Points = strawberry.field(
        default=Points(0),
        description="Points that the member no longer has and that are not taken back.",
    )
    balance: Balance | None = strawberry.field(
        default=None, description="Balance of the member now; null when refused."
    )


@strawberry.type
class ReversalsMutation:
    @mutation("Take back what an activity or a grant gave, for good.")
    async def reverse_activity(
        self, info: Info, input: Sent[ReverseActivityInput]
    ) -> ReverseActivityPayload | None:
        key = to_owned(input.activity, "Activity", what="activity", path=("activity",))
        outcome = await reversals.reverse(
            request(info, input), info.context.programme, key, input.reason
        )
        return ReverseActivityPayload(
            activity=await load_activity(info, key),
            points_clawed_back=Points(outcome.figures["points_clawed_back"]),
            points_owed=Points(outcome.figures["points_owed"]),
            points_forgiven=Points(outcome.figures["points_forgiven"]),
            grants=await load_grants(info, outcome),
            member=await load_shown(info, outcome.member_id),
            balance=await load_balance(info, outcome.member_id),
            replayed=outcome.replayed,
        )
