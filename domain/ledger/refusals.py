"""Why points are not moved."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.refusals import Refusal


@dataclass(eq=False)
class InsufficientPoints(Refusal):
    code: ClassVar[str] = "INSUFFICIENT_POINTS"
    template: ClassVar[str] = "This takes {required} points; {available} are available."

    available: int
    required: int


@dataclass(eq=False)
class AccountInArrears(Refusal):
    code: ClassVar[str] = "ACCOUNT_IN_ARREARS"
    template: ClassVar[str] = "The account owes {owed} points; they are settled first."

    owed: int
