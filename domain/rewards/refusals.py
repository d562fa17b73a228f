"""Why a reward or a coupon code is not to be had."""

from dataclasses import dataclass
from typing import Annotated

from domain.kernel.refusals import Refusal


@dataclass(eq=False)
class TierRequired(Refusal):
    """The member's tier is too low."""

    minimum_tier: Annotated[str, "Code of the lowest tier that is allowed; empty when no tier is."]
    tier: Annotated[str, "Code of the member's tier."]


@dataclass(eq=False)
class OutOfStock(Refusal):
    """The stock is smaller than the quantity."""

    reward: Annotated[str, "Code of the reward."]
    remaining: Annotated[int, "Units left in stock."]


@dataclass(eq=False)
class CodePoolExhausted(Refusal):
    """No coupon codes are left for this reward."""

    reward: Annotated[str, "Code of the reward."]


@dataclass(eq=False)
class RewardInactive(Refusal):
    """The reward is not on offer now."""

    reward: Annotated[str, "Code of the reward."]
