"""Why a reward or a coupon code is not to be had."""

from dataclasses import dataclass
from typing import Annotated

from domain.kernel.refusals import Refusal


@dataclass(eq=False)
class TierRequired(Refusal):
    """The member's tier is too low."""

    minimum_tier: Annotated[str, "The code of the lowest tier that may."]
    tier: Annotated[str, "The code of the member's tier."]


@dataclass(eq=False)
class OutOfStock(Refusal):
    """Not as many are left."""

    reward: Annotated[str, "The reward's code."]
    remaining: Annotated[int, "How many are left."]


@dataclass(eq=False)
class CodePoolExhausted(Refusal):
    """No coupon codes are left."""

    reward: Annotated[str, "The reward's code."]


@dataclass(eq=False)
class RewardInactive(Refusal):
    """The reward is not on offer now."""

    reward: Annotated[str, "The reward's code."]
