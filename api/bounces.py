"""Mutations about addresses at which nothing arrives: reports of bounces, and ends of
suppressions.
"""

import strawberry

from api.kit.context import Info
from api.kit.enums import describe
from api.kit.inputs import KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from domain.members.consents import Channel
from domain.notices import suppressing
from domain.notices.suppressing import SOFT_MAX, SOFT_WITHIN, BounceKind

describe(
    BounceKind,
    "Kind of bounce.",
    {
        BounceKind.HARD: "There is no such address.",
        BounceKind.SOFT: f"The address cannot be reached for now; {SOFT_MAX} of these in "
        f"{SOFT_WITHIN.days} days count as HARD.",
        BounceKind.COMPLAINT: "The recipient does not want such messages.",
    },
)


@strawberry.input(description="Bounce that another system received.")
class ReportBounceInput(KeyedInput):
    channel: Channel = strawberry.field(description="Channel of the address.")
    address: str = strawberry.field(
        description="Address, phone number or device to which the message was sent."
    )
    kind: BounceKind = strawberry.field(description="Kind of the bounce.")


@strawberry.type(description="Result of reporting a bounce.")
class ReportBouncePayload(Payload):
    suppressed: bool = strawberry.field(
        default=False, description="Whether nothing is sent to the address from now on."
    )


@strawberry.input(description="Address to which messages may be sent again.")
class LiftSuppressionInput(KeyedInput):
    channel: Channel = strawberry.field(description="Channel of the address.")
    address: str = strawberry.field(description="Address, phone number or device.")


@strawberry.type(description="Result of lifting a suppression.")
class LiftSuppressionPayload(Payload):
    suppressed: bool = strawberry.field(
        default=False, description="Whether nothing is sent to the address from now on."
    )


@strawberry.type
class BouncesMutation:
    @mutation(
        "Report that a message did not arrive at an address, or was not wanted. A complaint is "
        "also recorded as the member's refusal of news and marketing."
    )
    async def report_bounce(
        self, info: Info, input: Sent[ReportBounceInput]
    ) -> ReportBouncePayload | None:
        outcome = await suppressing.report(
            request(info, input), info.context.programme, input.channel, input.address, input.kind
        )
        return ReportBouncePayload(
            suppressed=outcome.figures["suppressed"], replayed=outcome.replayed
        )

    @mutation("Allow messages to an address again; its bounces no longer count.")
    async def lift_suppression(
        self, info: Info, input: Sent[LiftSuppressionInput]
    ) -> LiftSuppressionPayload | None:
        outcome = await suppressing.lift(
            request(info, input), info.context.programme, input.channel, input.address
        )
        return LiftSuppressionPayload(
            suppressed=outcome.figures["suppressed"], replayed=outcome.replayed
        )
