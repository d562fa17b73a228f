"""Redeeming: points spent on a reward or held for it, and given back."""

import strawberry

from api.balances import Balance, load_balance
from api.kit.context import Info
from api.kit.inputs import KeyedInput, MemberBy, Sent, request, subject
from api.kit.mutations import Payload, mutation
from api.kit.scalars import Points
from api.redemptions import Redemption, load_redemption, to_redemption_key
from domain.redemptions import cancellations, redemptions
from domain.redemptions.redemptions import RedeemSent


@strawberry.input(description="A reward to spend points on.")
class RedeemRewardInput(KeyedInput):
    reward: str = strawberry.field(description="The reward's code.")
    member: MemberBy | None = strawberry.field(
        default=None, description="Whose points; a member means itself."
    )
    quantity: int | None = strawberry.field(default=1, description="How many.")
    points: Points | None = strawberry.field(
        default=None, description="How many points, for a reward of open value only."
    )
    hold: bool | None = strawberry.field(
        default=False,
        description="Only reserve points and stock: confirm or cancel before the hold expires.",
    )
    partner_account: str | None = strawberry.field(
        default=None,
        description="The member's account with the partner, 1 to 64 characters; required for a "
        "reward of kind PARTNER and for no other.",
    )


@strawberry.type(description="What redeeming answers.")
class RedeemRewardPayload(Payload):
    redemption: Redemption | None = strawberry.field(default=None, description="The redemption.")
    balance: Balance | None = strawberry.field(
        default=None, description="The member's balance now."
    )


@strawberry.input(description="A redemption to undo.")
class CancelRedemptionInput(KeyedInput):
    redemption: strawberry.ID = strawberry.field(description="The redemption's id.")
    reason: str | None = strawberry.field(
        default=None, description="Why, for whoever reads the history."
    )


@strawberry.type(description="What cancelling answers.")
class CancelRedemptionPayload(Payload):
    redemption: Redemption | None = strawberry.field(default=None, description="The redemption.")
    points_reinstated: Points = strawberry.field(
        default=Points(0),
        description="What went back to the lots that it came from, also where arrears were "
        "settled from it or some of it expired at once.",
    )
    balance: Balance | None = strawberry.field(
        default=None, description="The member's balance now."
    )


@strawberry.input(description="A held reward to take.")
class ConfirmRedemptionInput(KeyedInput):
    redemption: strawberry.ID = strawberry.field(description="The redemption's id.")


@strawberry.type(description="What confirming answers.")
class ConfirmRedemptionPayload(Payload):
    redemption: Redemption | None = strawberry.field(default=None, description="The redemption.")


@strawberry.type
class RedeemingMutation:
    @mutation("Spend points on a reward; a coupon's code is in the answer.")
    async def redeem_reward(
        self, info: Info, input: Sent[RedeemRewardInput]
    ) -> RedeemRewardPayload | None:
        member = await subject(info, input.member)
        quantity = 1 if input.quantity is None else input.quantity
        sent = RedeemSent(
            input.reward, quantity, input.points, bool(input.hold), input.partner_account
        )
        outcome = await redemptions.redeem(
            request(info, input), info.context.programme, member, sent
        )
        return RedeemRewardPayload(
            redemption=await load_redemption(info, outcome.owned("redemption_id")),
            balance=await load_balance(info, outcome.member_id),
            replayed=outcome.replayed,
        )

    @mutation(
        "Undo a redemption; the points go back to the lots that they came from. An order with a "
        "partner that is settled stays; a hold on a booking that died is not taken again."
    )
    async def cancel_redemption(
        self, info: Info, input: Sent[CancelRedemptionInput]
    ) -> CancelRedemptionPayload | None:
        key = to_redemption_key(input.redemption)
        outcome = await cancellations.cancel(
            request(info, input), info.context.programme, *key, input.reason
        )
        return CancelRedemptionPayload(
            redemption=await load_redemption(info, key),
            points_reinstated=Points(outcome.figures["points_reinstated"]),
            balance=await load_balance(info, key[0]),
            replayed=outcome.replayed,
        )

    @mutation("Take a held reward; redemptions on a booking are confirmed by earnForBooking.")
    async def confirm_redemption(
        self, info: Info, input: Sent[ConfirmRedemptionInput]
    ) -> ConfirmRedemptionPayload | None:
        key = to_redemption_key(input.redemption)
        outcome = await redemptions.confirm(request(info, input), info.context.programme, *key)
        return ConfirmRedemptionPayload(
            redemption=await load_redemption(info, key), replayed=outcome.replayed
        )
