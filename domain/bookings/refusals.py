"""Why a booking is not recorded, or not refunded."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from domain.kernel.refusals import Currency, Refusal


@dataclass(eq=False)
class CurrencyNotSupported(Refusal):
    """The programme does not price this currency."""

    currency: Annotated[Currency, "The currency given."]
    supported: Annotated[str, "The currencies that are priced."]


@dataclass(eq=False)
class RefundExceedsBooking(Refusal):
    """More is refunded than was paid and is left."""

    line: Annotated[int, "The line in question."]
    left: Annotated[Decimal, "What is left of it to refund."]
    currency: Annotated[Currency, "The currency of that."]
