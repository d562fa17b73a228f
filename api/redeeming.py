"""Redeeming: points spent on a reward or held for it, and given back."""

import strawberry

from api.afterwards import know_after
from api.balances import Balance, load_balance
from api.delivery_details import DeliveryInput, to_sent
from api.grants import load_grants
from api.kit.context import Info
from api.kit.inputs import (
    UNDER_REVIEW,
    KeyedInput,
    MemberBy,
    Sent,
    SignalledInput,
    request,
    subject,
)
from api.kit.mutations import mutation
from api.kit.scalars import Points
from api.payloads import FactPayload, load_shown
from api.redemptions import Redemption, load_redemption, to_redemption_key
from domain.redemptions import cancellations, redemptions
from domain.redemptions.redemptions import RedeemSent


@strawberry.input(description="Reward to redeem.")
class RedeemRewardInput(SignalledInput):
    reward: str = strawberry.field(description="Code of the reward.")
    member: MemberBy | None = strawberry.field(
        default=None,
        description="Member whose points are spent; defaults to the calling member and is "
        "required from other callers.",
    )
    quantity: int | None = strawberry.field(
        default=1, description="Number of units; 1 for a reward of open value."
    )
    points: Points | None = strawberry.field(
        default=None,
        description="Points to spend; required for a reward of open value and allowed for no "
        "other.",
    )
    hold: bool | None = strawberry.field(
        default=False,
        description="Whether only to reserve points and stock, to be confirmed or cancelled "
        "before the hold expires.",
    )
    partner_account: str | None = strawberry.field(
        default=None,
        description="Member's account with the partner, 1 to 64 characters; required for a reward "
        "of kind PARTNER and allowed for no other.",
    )
    delivery: DeliveryInput | None = strawberry.field(
        default=None,
        description="Details of the delivery; required when the reward's `requires` is set, and "
        "allowed for no other reward.",
    )


@strawberry.type(description="Result of redeeming a reward.")
class RedeemRewardPayload(FactPayload):
    redemption: Redemption | None = strawberry.field(
        default=None, description="Redemption that was made; null when refused."
    )
    balance: Balance | None = strawberry.field(
        default=None, description="Balance of the member now; null when refused."
    )
    under_review: bool = strawberry.field(default=False, description=UNDER_REVIEW)


@strawberry.input(description="Redemption to cancel.")
class CancelRedemptionInput(KeyedInput):
    redemption: strawberry.ID = strawberry.field(description="Global id of the redemption.")
    reason: str | None = strawberry.field(
        default=None, description="Reason, kept in the redemption's history."
    )


@strawberry.type(description="Result of cancelling a redemption.")
class CancelRedemptionPayload(FactPayload):
    redemption: Redemption | None = strawberry.field(
        default=None, description="Redemption after the cancellation; null when refused."
    )
    points_reinstated: Points = strawberry.field(
        default=Points(0),
        description="Points returned to the lots that they came from, including those that "
        "settled arrears or expired at once.",
    )
    balance: Balance | None = strawberry.field(
        default=None, description="Balance of the member now; null when refused."
    )


@strawberry.input(description="Held reward to confirm.")
class ConfirmRedemptionInput(KeyedInput):
    redemption: strawberry.ID = strawberry.field(description="Global id of the redemption.")


@strawberry.type(description="Result of confirming a redemption.")
class ConfirmRedemptionPayload(FactPayload):
    redemption: Redemption | None = strawberry.field(
        default=None, description="Redemption after the confirmation; null when refused."
    )


@strawberry.type
class RedeemingMutation:
    @mutation("Spend points on a reward; the answer contains the codes of coupons.")
    async def redeem_reward(
        self, info: Info, input: Sent[RedeemRewardInput]
    ) -> RedeemRewardPayload | None:
        member = await subject(info, input.member)
        quantity = 1 if input.quantity is None else input.quantity
        sent = RedeemSent(
            input.reward,
            quantity,
            input.points,
            bool(input.hold),
            input.partner_account,
            to_sent(input.delivery) if input.delivery else None,
        )
        outcome = await redemptions.redeem(
            request(info, input), info.context.programme, member, sent
        )
        know_after(info, outcome)
        return RedeemRewardPayload(
            redemption=await load_redemption(info, outcome.owned("redemption_id")),
            member=await load_shown(info, outcome.member_id),
            balance=await load_balance(info, outcome.member_id),
            grants=await load_grants(info, outcome),
            under_review=outcome.figures.get("under_review", False),
            replayed=outcome.replayed,
        )

    @mutation(
        "Cancel a redemption; the points go back to the lots that they came from. A settled order "
        "with a partner cannot be cancelled. Once cancelled, an expired hold on a booking can no "
        "longer pay for it."
    )
    async def cancel_redemption(
        self, info: Info, input: Sent[CancelRedemptionInput]
    ) -> CancelRedemptionPayload | None:
        key = await to_redemption_key(info, input.redemption)
        outcome = await cancellations.cancel(
            request(info, input), info.context.programme, *key, input.reason
        )
        return CancelRedemptionPayload(
            redemption=await load_redemption(info, key),
            points_reinstated=Points(outcome.figures["points_reinstated"]),
            member=await load_shown(info, outcome.holder_id),
            balance=await load_balance(info, outcome.holder_id),
            grants=await load_grants(info, outcome),
            replayed=outcome.replayed,
        )

    @mutation(
        "Confirm a held reward, which spends its points; a hold on a booking is confirmed by "
        "earnForBooking."
    )
    async def confirm_redemption(
        self, info: Info, input: Sent[ConfirmRedemptionInput]
    ) -> ConfirmRedemptionPayload | None:
        key = await to_redemption_key(info, input.redemption)
        outcome = await redemptions.confirm(request(info, input), info.context.programme, *key)
        return ConfirmRedemptionPayload(
            redemption=await load_redemption(info, key),
            member=await load_shown(info, key[0]),
            grants=await load_grants(info, outcome),
            replayed=outcome.replayed,
        )
