"""Why a redemption is not confirmed, fulfilled or cancelled."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.kernel.refusals import Refusal


@dataclass(eq=False)
class RedemptionState(Refusal):
    code: ClassVar[str] = "REDEMPTION_STATE"
    template: ClassVar[str] = "The redemption is {status}; this needs one of {allowed}."

    status: str
    allowed: str


@dataclass(eq=False)
class CodeRevealed(Refusal):
    code: ClassVar[str] = "CODE_REVEALED"
    template: ClassVar[str] = "Its code was shown: only its partner or staff can cancel it."


@dataclass(eq=False)
class HoldExpired(Refusal):
    code: ClassVar[str] = "HOLD_EXPIRED"
    template: ClassVar[str] = "The hold died at {expired_at}; its points are available again."

    expired_at: datetime
