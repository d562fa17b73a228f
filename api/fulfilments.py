"""Fulfilment: a reward is recorded as delivered, a coupon is accepted."""

import strawberry

from api.kit.context import Info
from api.kit.inputs import KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.kit.scalars import Money
from api.redemptions import Redemption, load_accepted, load_redemption, to_redemption_key
from domain.redemptions import coupon_uses, fulfilments
from domain.redemptions.fulfilments import FulfilSent


@strawberry.input(description="A reward that was delivered.")
class FulfilRedemptionInput(KeyedInput):
    redemption: strawberry.ID = strawberry.field(description="The redemption's id.")
    tracking: str | None = strawberry.field(default=None, description="How to follow its delivery.")
    reference: str | None = strawberry.field(
        default=None,
        description="What the partner or supplier calls this delivery, 1 to 128 characters, for "
        "this redemption only; required for a reward of kind PARTNER, which it settles.",
    )


@strawberry.type(description="What recording a delivery answers.")
class FulfilRedemptionPayload(Payload):
    redemption: Redemption | None = strawberry.field(default=None, description="The redemption.")


@strawberry.input(description="A coupon that somebody shows.")
class UseCouponInput(KeyedInput):
    code: str = strawberry.field(description="The coupon's code.")


@strawberry.type(description="What accepting a coupon answers.")
class UseCouponPayload(Payload):
    redemption: Redemption | None = strawberry.field(
        default=None, description="The redemption that the coupon came from."
    )
    worth: Money | None = strawberry.field(
        default=None,
        description="What this one coupon is worth, where that is set; the worth of its "
        "redemption is that of all its coupons.",
    )


@strawberry.type
class FulfilmentsMutation:
    @mutation(
        "Record that a confirmed reward was delivered; an order with a partner is settled by it."
    )
    async def fulfil_redemption(
        self, info: Info, input: Sent[FulfilRedemptionInput]
    ) -> FulfilRedemptionPayload | None:
        key = to_redemption_key(input.redemption)
        sent = FulfilSent(input.tracking, input.reference)
        outcome = await fulfilments.fulfil(request(info, input), info.context.programme, *key, sent)
        return FulfilRedemptionPayload(
            redemption=await load_redemption(info, key), replayed=outcome.replayed
        )

    @mutation("Accept a coupon; each is accepted once.")
    async def use_coupon(self, info: Info, input: Sent[UseCouponInput]) -> UseCouponPayload | None:
        outcome = await coupon_uses.use(request(info, input), info.context.programme, input.code)
        redemption = await load_accepted(info, outcome.owned("redemption_id"))
        return UseCouponPayload(
            redemption=redemption,
            worth=redemption.worth_each if redemption else None,
            replayed=outcome.replayed,
        )
