"""Rewards kept by staff: one offered or changed, its stock corrected."""

from datetime import date
from decimal import Decimal
from typing import Any

import strawberry

from api.catalogue import Reward, shopper_of, to_reward
from api.kit.context import Info
from api.kit.inputs import KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.kit.scalars import JSON, Points
from domain.kernel.idempotency import Outcome
from domain.rewards import catalogue, editing
from domain.rewards.catalogue import Requirement, RewardKind
from domain.rewards.editing import StockSent


@strawberry.input(
    description="Reward as it is offered from now on. A field that is not given has the same "
    "default as in a rewards file."
)
class RewardInput:
    code: str = strawberry.field(
        description="Code of the reward; a code not used before creates a new reward."
    )
    kind: RewardKind = strawberry.field(description="Kind of reward; it never changes.")
    name: JSON = strawberry.field(description='Name in each language: {"zh-CN": "…", "en": "…"}.')
    description: JSON = strawberry.field(description="Description in each language.")
    points: Points = strawberry.field(
        description="List price of one unit; 0 for one that only the programme itself gives."
    )
    open_value: bool = strawberry.field(
        default=False,
        description="Whether the member chooses the number of points; it never changes.",
    )
    worth: Decimal | None = strawberry.field(
        default=None, description="Value of one unit, in the programme's currency."
    )
    stock: int | None = strawberry.field(
        default=None,
        description="Stock of a new reward, in units; null when it cannot run out. The stock of "
        "an existing reward stays as it is: adjustStock changes it.",
    )
    pooled: bool = strawberry.field(
        default=False,
        description="Whether its coupon codes come from a pool; it never changes.",
    )
    low_water: int | None = strawberry.field(
        default=None, description="Number of codes left in the pool at which staff are notified."
    )
    units: int | None = strawberry.field(
        default=None, description="Partner's units in one unit of a reward of kind PARTNER."
    )
    unit: JSON | None = strawberry.field(
        default=None, description="Name of the partner's units in each language."
    )
    partner: str | None = strawberry.field(
        default=None, description="Code of the only partner that delivers the reward."
    )
    minimum_tier: str | None = strawberry.field(
        default=None, description="Code of the lowest tier that may redeem the reward."
    )
    per_member_limit: int | None = strawberry.field(
        default=None, description="Largest number of units per member."
    )
    active: bool = strawberry.field(
        default=True, description="Whether the reward is on offer; false retires it."
    )
    valid_from: date | None = strawberry.field(
        default=None, description="First local day of the offer."
    )
    valid_until: date | None = strawberry.field(
        default=None, description="Last local day of the offer."
    )
    image_url: str | None = strawberry.field(default=None, description="URL of a picture.")
    theme: str | None = strawberry.field(
        default=None, description="Code of the theme under which the reward is shown."
    )
    cost: Decimal | None = strawberry.field(
        default=None, description="Amount that its partner is paid for delivering one unit."
    )
    minimum_spend: Decimal | None = strawberry.field(
        default=None,
        description="Smallest total price of the booking lines that the coupon applies to.",
    )
    products: list[str] | None = strawberry.field(
        default=None, description="Codes of the products that the coupon applies to; null for all."
    )
    valid_days: int | None = strawberry.field(
        default=None,
        description="Number of days after its issue for which a coupon is valid, when its code "
        "has no end of its own; null for no end.",
    )
    transferable: bool = strawberry.field(
        default=True, description="Whether another member may use the coupon."
    )
    requires: Requirement | None = strawberry.field(
        default=None,
        description="Details that must be given for its delivery when a service or product is "
        "redeemed.",
    )


@strawberry.input(description="Reward to offer or to change.")
class SaveRewardInput(KeyedInput):
    reward: RewardInput = strawberry.field(
        description="Reward to save, complete: it replaces the earlier one."
    )


@strawberry.type(description="Result of offering or changing a reward.")
class SaveRewardPayload(Payload):
    reward: Reward | None = strawberry.field(
        default=None, description="Reward as it is offered now; null when refused."
    )


@strawberry.input(description="Correction of a reward's stock.")
class AdjustStockInput(KeyedInput):
    reward: str = strawberry.field(description="Code of the reward.")
    change: int = strawberry.field(
        description="Signed number of units: positive for units added, negative for units removed."
    )
    reason: str = strawberry.field(description="Reason for the correction; it is kept.")


@strawberry.type(description="Result of correcting a stock.")
class AdjustStockPayload(Payload):
    reward: Reward | None = strawberry.field(
        default=None, description="Reward with the units that are left; null when refused."
    )


@strawberry.type
class EditingMutation:
    @mutation(
        "Offer a new reward, or change the one that has this code, as importing a rewards file "
        "does."
    )
    async def save_reward(
        self, info: Info, input: Sent[SaveRewardInput]
    ) -> SaveRewardPayload | None:
        outcome = await editing.save(
            request(info, input), info.context.programme, _offer(input.reward)
        )
        return SaveRewardPayload(reward=await _after(info, outcome), replayed=outcome.replayed)

    @mutation("Correct the number of units of a reward in stock.")
    async def adjust_stock(
        self, info: Info, input: Sent[AdjustStockInput]
    ) -> AdjustStockPayload | None:
        sent = StockSent(input.reward, input.change, input.reason)
        outcome = await editing.adjust_stock(request(info, input), info.context.programme, sent)
        return AdjustStockPayload(reward=await _after(info, outcome), replayed=outcome.replayed)


def _offer(sent: RewardInput) -> dict[str, Any]:
    """The given fields, in the form of a file of rewards."""
    given = {name: value for name, value in vars(sent).items() if value is not None}
    given["kind"] = sent.kind.lower()
    if sent.requires is not None:
        given["requires"] = sent.requires.lower()
    return given


async def _after(info: Info, outcome: Outcome) -> Reward | None:
    context = info.context
    row = await catalogue.find(context.programme.id, outcome.figures["reward"], context.now)
    return to_reward(info, row, await shopper_of(info, None)) if row else None
