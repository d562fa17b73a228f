"""Deliveries: the orders that wait for them, sent, rejected, and their details changed."""

import strawberry

from api.balances import Balance, load_balance
from api.delivery_details import DeliveryInput, to_sent
from api.grants import load_grants
from api.kit.connections import PAGE_DEFAULT, After, First, Listing
from api.kit.context import Info
from api.kit.fields import field
from api.kit.inputs import KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.kit.scalars import Points
from api.payloads import FactPayload, load_shown
from api.redemptions import (
    LISTING,
    Redemption,
    RedemptionConnection,
    load_redemption,
    to_redemption,
    to_redemption_key,
)
from domain.redemptions import deliveries, redemption_reads
from domain.redemptions.redemption_reads import Deliverer

ORDERS: Listing[redemption_reads.Redemption, RedemptionConnection] = Listing(
    "orders", RedemptionConnection, LISTING.edge, LISTING.parts, LISTING.key
)


@strawberry.type
class DeliveriesQuery:
    @field(
        "Orders that are confirmed or on their way and that the caller may deliver, oldest first: "
        "all for staff, and for a partner those of rewards that name it."
    )
    async def orders_to_fulfil(
        self, info: Info, first: First = PAGE_DEFAULT, after: After = None
    ) -> RedemptionConnection:
        caller, now = info.context.caller, info.context.now
        named = caller.partner_id if caller.confined_to else None
        deliverer = Deliverer(caller.programme_id, named)
        return await ORDERS.page(
            first,
            after,
            rows=lambda limit, start: redemption_reads.page_to_deliver(
                deliverer, limit=limit, after=start
            ),
            node=lambda row: to_redemption(row, now),
            count=lambda: redemption_reads.count_to_deliver(deliverer),
        )


@strawberry.input(description="Details of a delivery, which replace the earlier ones.")
class ChangeDeliveryInput(KeyedInput):
    redemption: strawberry.ID = strawberry.field(description="Global id of the redemption.")
    delivery: DeliveryInput = strawberry.field(
        description="Details, complete: what is left out is removed."
    )


@strawberry.type(description="Result of changing the details of a delivery.")
class ChangeDeliveryPayload(Payload):
    redemption: Redemption | None = strawberry.field(
        default=None, description="Redemption with the new details; null when refused."
    )


@strawberry.input(description="Order that was sent.")
class ShipRedemptionInput(KeyedInput):
    redemption: strawberry.ID = strawberry.field(description="Global id of the redemption.")
    tracking: str | None = strawberry.field(
        default=None, description="Tracking information for the delivery."
    )


@strawberry.type(description="Result of recording that an order was sent.")
class ShipRedemptionPayload(Payload):
    redemption: Redemption | None = strawberry.field(
        default=None, description="Redemption, now on its way; null when refused."
    )


@strawberry.input(description="Order that cannot be delivered.")
class RejectOrderInput(KeyedInput):
    redemption: strawberry.ID = strawberry.field(description="Global id of the redemption.")
    reason: str = strawberry.field(description="Reason, shown to the member.")
    restock: bool = strawberry.field(
        default=False, description="Whether its units go back to the stock."
    )


@strawberry.type(description="Result of rejecting an order.")
class RejectOrderPayload(FactPayload):
    redemption: Redemption | None = strawberry.field(
        default=None, description="Redemption after the rejection; null when refused."
    )
    points_reinstated: Points = strawberry.field(
        default=Points(0),
        description="Points reinstated, which stay valid for at least the policy's grace period.",
    )
    balance: Balance | None = strawberry.field(
        default=None, description="Balance of the member now; null when refused."
    )


@strawberry.type
class DeliveriesMutation:
    @mutation(
        "Change where and to whom a reward is delivered: until it is sent, or until 24 hours "
        "before its appointment."
    )
    async def change_delivery(
        self, info: Info, input: Sent[ChangeDeliveryInput]
    ) -> ChangeDeliveryPayload | None:
        key = await to_redemption_key(info, input.redemption)
        outcome = await deliveries.change(
            request(info, input), info.context.programme, key, to_sent(input.delivery)
        )
        return ChangeDeliveryPayload(
            redemption=await load_redemption(info, key), replayed=outcome.replayed
        )

    @mutation("Record that a confirmed reward is on its way.")
    async def ship_redemption(
        self, info: Info, input: Sent[ShipRedemptionInput]
    ) -> ShipRedemptionPayload | None:
        key = await to_redemption_key(info, input.redemption)
        outcome = await deliveries.ship(
            request(info, input), info.context.programme, key, input.tracking
        )
        return ShipRedemptionPayload(
            redemption=await load_redemption(info, key), replayed=outcome.replayed
        )

    @mutation(
        "Cancel a confirmed order that cannot be delivered; its points are reinstated, and stay "
        "valid for at least the policy's grace period."
    )
    async def reject_order(
        self, info: Info, input: Sent[RejectOrderInput]
    ) -> RejectOrderPayload | None:
        key = await to_redemption_key(info, input.redemption)
        outcome = await deliveries.reject(
            request(info, input),
            info.context.programme,
            key,
            input.reason,
            restock=input.restock,
        )
        return RejectOrderPayload(
            redemption=await load_redemption(info, key),
            points_reinstated=Points(outcome.figures["points_reinstated"]),
            member=await load_shown(info, outcome.holder_id),
            balance=await load_balance(info, outcome.holder_id),
            grants=await load_grants(info, outcome),
            replayed=outcome.replayed,
        )
