"""Why a policy document is not accepted."""

from dataclasses import dataclass
from typing import Annotated

from domain.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class PolicyFault:
    """One fault of a policy document."""

    path: Annotated[str, "Where in the document."]
    message: Annotated[str, "What is wrong there."]


@dataclass(eq=False)
class PolicyInvalid(Refusal):
    """The policy document has faults."""

    faults: Annotated[tuple[PolicyFault, ...], "Every one of them."]
