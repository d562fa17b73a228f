"""Why points do not pay for a booking, and why a quote does not hold."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from domain.kernel.refusals import Refusal


@dataclass(eq=False)
class BelowMinimum(Refusal):
    code: ClassVar[str] = "BELOW_MINIMUM"
    template: ClassVar[str] = "At least {minimum} points are needed."

    minimum: int


@dataclass(eq=False)
class NotAStep(Refusal):
    code: ClassVar[str] = "NOT_A_STEP"
    template: ClassVar[str] = "Points are taken in steps of {step}."

    step: int


@dataclass(eq=False)
class ShareExceeded(Refusal):
    """`share_percent` is exact: what part of the whole booking points may pay."""

    code: ClassVar[str] = "SHARE_EXCEEDED"
    template: ClassVar[str] = (
        "Points may pay {share_percent} % of this booking: at most {max_points} points."
    )

    max_points: int
    share_percent: Decimal


@dataclass(eq=False)
class QuoteExpired(Refusal):
    code: ClassVar[str] = "QUOTE_EXPIRED"
    template: ClassVar[str] = "The quote expired at {expired_at}; ask for another one."

    expired_at: datetime


@dataclass(eq=False)
class QuoteMismatch(Refusal):
    """`what` names the first thing that differs, as the input field is called."""

    code: ClassVar[str] = "QUOTE_MISMATCH"
    template: ClassVar[str] = "The quote is for another {what}: {quoted}, not {found}."

    what: str
    quoted: str
    found: str
