"""Why points are not moved."""

from dataclasses import dataclass
from typing import Annotated

from domain.kernel.refusals import Points, Refusal


@dataclass(eq=False)
class InsufficientPoints(Refusal):
    """Fewer points are available than this takes."""

    available: Annotated[Points, "How many are available."]
    required: Annotated[Points, "How many it takes."]


@dataclass(eq=False)
class AccountInArrears(Refusal):
    """The account owes points, which are settled first."""

    owed: Annotated[Points, "How many are owed."]
