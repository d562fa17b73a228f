"""Reasons for which points are not moved."""

from dataclasses import dataclass
from typing import Annotated

from domain.kernel.refusals import Points, Refusal


@dataclass(eq=False)
class InsufficientPoints(Refusal):
    """Fewer points are available than are required."""

    available: Annotated[Points, "Points available."]
    required: Annotated[Points, "Points required."]


@dataclass(eq=False)
class HoldsOpen(Refusal):
    """Points are held, which must be spent or released first."""

    held: Annotated[Points, "Points held."]


@dataclass(eq=False)
class AccountInArrears(Refusal):
    """The account owes points, which must be settled first."""

    owed: Annotated[Points, "Points owed."]
