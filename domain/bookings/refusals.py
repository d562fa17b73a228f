"""Reasons for which a booking is not recorded or not refunded."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from domain.kernel.refusals import Currency, Refusal


@dataclass(eq=False)
class CurrencyNotSupported(Refusal):
    """The programme does not have prices in this currency."""

    currency: Annotated[Currency, "Currency that was given."]
    supported: Annotated[tuple[Currency, ...], "Currencies in which the programme has prices."]


@dataclass(eq=False)
class RefundExceedsBooking(Refusal):
    """The refund exceeds what was paid and is not refunded yet."""

    line: Annotated[int, "Number of the line, from 1."]
    left: Annotated[Decimal, "Gross amount of the line that is not refunded yet."]
    currency: Annotated[Currency, "Currency of `left`."]


@dataclass(eq=False)
class CompletionTooEarly(Refusal):
    """The line's travel begins on a later day; only staff may complete it before, with a reason."""

    line: Annotated[int, "Number of the line, from 1."]
    completed_on: Annotated[date, "Local day of the completion that was reported."]
    travel_from: Annotated[date, "First day of the line's travel."]
