"""Why a redemption is not confirmed, fulfilled or cancelled."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.kernel.refusals import Refusal


@dataclass(eq=False)
class RedemptionState(Refusal):
    """The redemption is in a state that does not allow this."""

    status: Annotated[str, "Its state."]
    allowed: Annotated[str, "The states that would allow this."]


@dataclass(eq=False)
class CodeRevealed(Refusal):
    """The coupon code was shown: only a partner or staff can cancel."""


@dataclass(eq=False)
class HoldExpired(Refusal):
    """The hold's time ran out; its points are available again."""

    expired_at: Annotated[datetime, "When it died."]
