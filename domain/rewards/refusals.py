"""Why a reward or a coupon code is not to be had."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.refusals import Refusal


@dataclass(eq=False)
class TierRequired(Refusal):
    code: ClassVar[str] = "TIER_REQUIRED"
    template: ClassVar[str] = "This reward is for tier {minimum_tier!r} and above."

    minimum_tier: str
    tier: str


@dataclass(eq=False)
class OutOfStock(Refusal):
    code: ClassVar[str] = "OUT_OF_STOCK"
    template: ClassVar[str] = "{reward!r} is out of stock; {remaining} are left."

    reward: str
    remaining: int


@dataclass(eq=False)
class CodePoolExhausted(Refusal):
    code: ClassVar[str] = "CODE_POOL_EXHAUSTED"
    template: ClassVar[str] = "There are no codes of {reward!r} left."

    reward: str


@dataclass(eq=False)
class RewardInactive(Refusal):
    code: ClassVar[str] = "REWARD_INACTIVE"
    template: ClassVar[str] = "{reward!r} is not on offer now."

    reward: str
