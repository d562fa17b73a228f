"""Why a policy document is not accepted."""

from dataclasses import dataclass
from typing import Annotated

from domain.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class PolicyFault:
    """One fault in a policy document."""

    path: Annotated[str, "Place in the document."]
    message: Annotated[str, "The fault in words."]


@dataclass(eq=False)
class PolicyInvalid(Refusal):
    """The policy document has faults."""

    faults: Annotated[tuple[PolicyFault, ...], "All faults in the document."]


@dataclass(eq=False)
class TierCodesMissing(Refusal):
    """The policy document lacks levels that earlier versions have and that members may hold."""

    missing: Annotated[tuple[str, ...], "Codes of the levels that the document lacks."]
    levels: Annotated[tuple[str, ...], "Codes of the levels that it has."]
