"""Fulfilment: a reward is recorded as delivered, a coupon is accepted."""

from datetime import date

import strawberry

from api.coupons import Coupon
from api.kit.context import Info
from api.kit.inputs import KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.kit.scalars import Money
from api.redemptions import (
    Redemption,
    load_accepted,
    load_coupon,
    load_redemption,
    to_redemption_key,
)
from domain.redemptions import coupon_uses, fulfilments
from domain.redemptions.coupon_uses import EXPIRED_DAYS_MAX, ExtensionSent
from domain.redemptions.fulfilments import FulfilSent


@strawberry.input(description="Delivery of a redemption.")
class FulfilRedemptionInput(KeyedInput):
    redemption: strawberry.ID = strawberry.field(description="Global id of the redemption.")
    tracking: str | None = strawberry.field(
        default=None, description="Tracking information for the delivery."
    )
    reference: str | None = strawberry.field(
        default=None,
        description="Partner's or supplier's reference for the delivery, 1 to 128 characters, "
        "used for this redemption only; required for a reward of kind PARTNER, whose order it "
        "settles.",
    )


@strawberry.type(description="Result of recording a delivery.")
class FulfilRedemptionPayload(Payload):
    redemption: Redemption | None = strawberry.field(
        default=None, description="Redemption after the delivery; null when refused."
    )


@strawberry.input(description="Coupon that is presented.")
class UseCouponInput(KeyedInput):
    code: str = strawberry.field(description="Coupon code.")


@strawberry.type(description="Result of accepting a coupon.")
class UseCouponPayload(Payload):
    redemption: Redemption | None = strawberry.field(
        default=None, description="Redemption that issued the coupon code; null when refused."
    )
    worth: Money | None = strawberry.field(
        default=None,
        description="Value of this coupon in money; null when none is set. The worth of its "
        "redemption is the sum over all its coupons.",
    )


@strawberry.input(description="Coupon whose validity is extended.")
class ExtendCouponInput(KeyedInput):
    code: str = strawberry.field(description="Coupon code.")
    valid_until: date = strawberry.field(
        description="New last local day on which the coupon can be used; it must be later than "
        "the present one."
    )
    reason: str = strawberry.field(description="Reason; it is kept.")


@strawberry.type(description="Result of extending a coupon.")
class ExtendCouponPayload(Payload):
    coupon: Coupon | None = strawberry.field(
        default=None, description="Coupon as it is now; null when refused."
    )


@strawberry.type
class FulfilmentsMutation:
    @mutation("Record the delivery of a confirmed reward; this settles an order with a partner.")
    async def fulfil_redemption(
        self, info: Info, input: Sent[FulfilRedemptionInput]
    ) -> FulfilRedemptionPayload | None:
        key = await to_redemption_key(info, input.redemption)
        sent = FulfilSent(input.tracking, input.reference)
        outcome = await fulfilments.fulfil(request(info, input), info.context.programme, *key, sent)
        return FulfilRedemptionPayload(
            redemption=await load_redemption(info, key), replayed=outcome.replayed
        )

    @mutation("Accept a coupon code; each code is accepted once.")
    async def use_coupon(self, info: Info, input: Sent[UseCouponInput]) -> UseCouponPayload | None:
        outcome = await coupon_uses.use(request(info, input), info.context.programme, input.code)
        redemption = await load_accepted(info, outcome.owned("redemption_id"))
        return UseCouponPayload(
            redemption=redemption,
            worth=redemption.worth_each if redemption else None,
            replayed=outcome.replayed,
        )

    @mutation(
        f"Extend the validity of a coupon, also of one that ended at most {EXPIRED_DAYS_MAX} days "
        "ago."
    )
    async def extend_coupon(
        self, info: Info, input: Sent[ExtendCouponInput]
    ) -> ExtendCouponPayload | None:
        sent = ExtensionSent(input.code, input.valid_until, input.reason)
        outcome = await coupon_uses.extend(request(info, input), info.context.programme, sent)
        return ExtendCouponPayload(
            coupon=await load_coupon(info, outcome.owned("redemption_id"), input.code),
            replayed=outcome.replayed,
        )
