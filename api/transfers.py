"""Transfers and adjustments: points moved by hand, between members or by staff."""

from datetime import date

import strawberry

from api.balances import Balance, load_balance
from api.kit.context import Info
from api.kit.inputs import (
    UNDER_REVIEW,
    KeyedInput,
    MemberBy,
    Sent,
    SignalledInput,
    request,
    subject,
    to_key,
)
from api.kit.mutations import mutation
from api.kit.scalars import Points
from api.members import Member
from api.payloads import MemberPayload, load_shown
from api.proposals import Proposal, proposal_of
from domain.transfers import adjustments, transfers
from domain.transfers.adjustments import AdjustmentSent
from domain.transfers.transfers import TransferSent


@strawberry.input(description="Points to give to another member.")
class TransferPointsInput(SignalledInput):
    to: MemberBy = strawberry.field(
        description="Member who receives the points, named by id, reference or referral code."
    )
    points: Points = strawberry.field(description="Number of points to give.")
    from_: MemberBy | None = strawberry.field(
        name="from",
        default=None,
        description="Member who gives the points; defaults to the calling member and is required "
        "from other callers.",
    )
    note: str | None = strawberry.field(
        default=None, description="Message to the receiving member."
    )


@strawberry.type(description="Result of a transfer.")
class TransferPointsPayload(MemberPayload):
    points_transferred: Points = strawberry.field(
        default=Points(0), description="Points given; 0 while the transfer is under review."
    )
    balance: Balance | None = strawberry.field(
        default=None, description="Balance of the giving member now; null when refused."
    )
    receiver: Member | None = strawberry.field(
        default=None,
        description="Member who received the points, as it is now; null when refused or under "
        "review, and to a caller that may not see that member, such as the giving member.",
    )
    under_review: bool = strawberry.field(default=False, description=UNDER_REVIEW)


@strawberry.input(description="Correction of a member's points.")
class AdjustPointsInput(KeyedInput):
    member: MemberBy = strawberry.field(description="Member whose points are corrected.")
    points: Points = strawberry.field(
        description="Signed number of points: positive to credit, negative to take; not zero."
    )
    reason: str = strawberry.field(
        description="Reason, kept in the ledger for ever; it must not contain personal data."
    )
    expires_on: date | None = strawberry.field(
        default=None,
        description="Last date on which credited points can be spent, 9999-12-31 for never; "
        "defaults to the policy's expiry.",
    )


@strawberry.type(description="Result of a correction.")
class AdjustPointsPayload(MemberPayload):
    points_adjusted: Points = strawberry.field(
        default=Points(0), description="Signed number of points credited or taken."
    )
    balance: Balance | None = strawberry.field(
        default=None,
        description="Balance of the member now; null when refused, and when the request became a "
        "proposal.",
    )
    proposal: Proposal | None = strawberry.field(
        default=None,
        description="Proposal that the request became, as it stands now; null when refused, and "
        "when no second person has to approve the amount.",
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
        receiver = None
        if outcome.figures["transfer_id"] is not None:
            receiver_id = await transfers.receiver_of(*outcome.owned("transfer_id"))
            receiver = await load_shown(info, receiver_id)
        return TransferPointsPayload(
            points_transferred=Points(outcome.figures["points"]),
            receiver=receiver,
            member=await load_shown(info, outcome.member_id),
            balance=await load_balance(info, outcome.member_id),
            under_review=outcome.figures.get("under_review", False),
            replayed=outcome.replayed,
        )

    @mutation(
        "Correct a member's points by hand, with a reason. A credit above what the policy lets "
        "one person give, per call or per day, becomes a proposal instead."
    )
    async def adjust_points(
        self, info: Info, input: Sent[AdjustPointsInput]
    ) -> AdjustPointsPayload | None:
        outcome = await adjustments.adjust(
            request(info, input),
            info.context.programme,
            to_key(input.member, ("member",)),
            AdjustmentSent(input.points, input.reason, input.expires_on),
        )
        if proposal := await proposal_of(info, outcome):
            return AdjustPointsPayload(proposal=proposal, replayed=outcome.replayed)
        return AdjustPointsPayload(
            points_adjusted=Points(outcome.figures["points"]),
            member=await load_shown(info, outcome.member_id),
            balance=await load_balance(info, outcome.member_id),
            replayed=outcome.replayed,
        )
