"""Reasons for which a redemption is not confirmed, fulfilled or cancelled."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.kernel.refusals import Refusal


@dataclass(eq=False)
class RedemptionState(Refusal):
    """The status of the redemption does not allow this."""

    status: Annotated[str, "Status of the redemption; USED when its coupon code was accepted."]
    allowed: Annotated[
        tuple[str, ...],
        "Statuses that allow this, or the one operation to use instead, such as earnForBooking.",
    ]


@dataclass(eq=False)
class CodeRevealed(Refusal):
    """The coupon codes have been issued: only a partner or staff can cancel."""


@dataclass(eq=False)
class HoldExpired(Refusal):
    """The hold has expired; its points are available again."""

    expired_at: Annotated[datetime, "Instant at which the hold expired."]
