"""Why a booking is not recorded, or not refunded."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from domain.kernel.refusals import Currency, Refusal


@dataclass(eq=False)
class CurrencyNotSupported(Refusal):
    """The programme has no prices in this currency."""

    currency: Annotated[Currency, "Currency that was given."]
    supported: Annotated[tuple[Currency, ...], "Currencies that the programme has prices in."]


@dataclass(eq=False)
class RefundExceedsBooking(Refusal):
    """The refund exceeds what was paid and is not refunded yet."""

    line: Annotated[int, "Number of the line, from 1."]
    left: Annotated[Decimal, "Gross amount of the line that is not refunded yet."]
    currency: Annotated[Currency, "Currency of `left`."]
