"""Why a booking is not recorded, or not refunded."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from domain.kernel.refusals import Refusal


@dataclass(eq=False)
class CurrencyNotSupported(Refusal):
    code: ClassVar[str] = "CURRENCY_NOT_SUPPORTED"
    template: ClassVar[str] = "This programme prices {supported}, not {currency}."

    currency: str
    supported: str


@dataclass(eq=False)
class RefundExceedsBooking(Refusal):
    """`left` is in the currency's units."""

    code: ClassVar[str] = "REFUND_EXCEEDS_BOOKING"
    template: ClassVar[str] = "Line {line} has {left} {currency} left to refund."

    line: int
    left: Decimal
    currency: str
