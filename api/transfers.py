"""Transfers and adjustments: points moved by hand, between members or by staff."""

from datetime import date

import strawberry

from api.balances import Balance, load_balance
from api.kit.context import Info
from api.kit.inputs import KeyedInput, MemberBy, Sent, request, subject, to_key
from api.kit.mutations import Payload, mutation
from api.kit.scalars import Points
from domain.transfers import adjustments, transfers
from domain.transfers.adjustments import AdjustmentSent
from domain.transfers.transfers import TransferSent


@strawberry.input(description="Points to give to another member.")
class TransferPointsInput(KeyedInput):
    to: MemberBy = strawberry.field(description="Who gets them, by id, reference or referral code.")
    points: Points = strawberry.field(description="How many.")
    from_: MemberBy | None = strawberry.field(
        name="from", default=None, description="Who gives them; a member means itself."
    )
    note: str | None = strawberry.field(default=None, description="What to tell the other.")


@strawberry.type(description="What a transfer answers.")
class TransferPointsPayload(Payload):
    points_transferred: Points = strawberry.field(
        default=Points(0), description="How many were given."
    )
    balance: Balance | None = strawberry.field(default=None, description="The giver's balance now.")


@strawberry.input(description="A correction of a member's points.")
class AdjustPointsInput(KeyedInput):
    member: MemberBy = strawberry.field(description="Whose points.")
    points: Points = strawberry.field(description="Above zero to credit, below zero to take.")
    reason: str = strawberry.field(
        description="Why; stays in the ledger for ever, so nothing personal belongs here."
    )
    expires_on: date | None = strawberry.field(
        default=None,
        description="The last valid date of what is credited, 9999-12-31 for never; without it "
        "as the policy says.",
    )


@strawberry.type(description="What a correction answers.")
class AdjustPointsPayload(Payload):
    points_adjusted: Points = strawberry.field(default=Points(0), description="The change.")
    balance: Balance | None = strawberry.field(
        default=None, description="The member's balance now."
    )


@strawberry.type
class TransfersMutation:
    @mutation("Give points to another member; they keep their expiry.")
    async def transfer_points(
        self, info: Info, input: Sent[TransferPointsInput]
    ) -> TransferPointsPayload | None:
        giver = await subject(info, input.from_, name="from")
        outcome = await transfers.transfer(
            request(info, input),
            info.context.programme,
            giver,
            to_key(input.to, ("to",)),
            TransferSent(input.points, input.note),
        )
        return TransferPointsPayload(
            points_transferred=Points(outcome.figures["points"]),
            balance=await load_balance(info, outcome.member_id),
            replayed=outcome.replayed,
        )

    @mutation("Correct a member's points by hand, with a reason.")
    async def adjust_points(
        self, info: Info, input: Sent[AdjustPointsInput]
    ) -> AdjustPointsPayload | None:
        outcome = await adjustments.adjust(
            request(info, input),
            info.context.programme,
            to_key(input.member, ("member",)),
            AdjustmentSent(input.points, input.reason, input.expires_on),
        )
        return AdjustPointsPayload(
            points_adjusted=Points(outcome.figures["points"]),
            balance=await load_balance(info, outcome.member_id),
            replayed=outcome.replayed,
        )
