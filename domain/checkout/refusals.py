"""Why points do not pay for a booking, and why a quote does not hold."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from domain.kernel.refusals import Points, Refusal


@dataclass(eq=False)
class BelowMinimum(Refusal):
    """Fewer points than may be used at once."""

    minimum: Annotated[Points, "The fewest that may be used."]


@dataclass(eq=False)
class NotAStep(Refusal):
    """Points are used in steps, and this is between two."""

    step: Annotated[Points, "How many points a step is."]


@dataclass(eq=False)
class ShareExceeded(Refusal):
    """Points may not pay that much of this booking."""

    max_points: Annotated[Points, "How many points may pay for it."]
    share_percent: Annotated[Decimal, "What part of it points may pay."]


@dataclass(eq=False)
class QuoteExpired(Refusal):
    """The quote's time ran out; what it reserved is free again."""

    expired_at: Annotated[datetime, "When it expired."]


@dataclass(eq=False)
class QuoteMismatch(Refusal):
    """The booking is not the one that was quoted."""

    what: Annotated[
        str,
        "What differs, as its input field is called: amount, travelFrom, "
        "paymentMethod … ; reference where another booking has the quote.",
    ]
    quoted: Annotated[str, "What the quote says."]
    found: Annotated[str, "What the booking says."]
