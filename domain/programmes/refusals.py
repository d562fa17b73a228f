"""Why a policy document is not accepted."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class PolicyFault:
    """One thing wrong with a policy document: where, what, and what was found there."""

    path: str
    message: str


@dataclass(eq=False)
class PolicyInvalid(Refusal):
    code: ClassVar[str] = "POLICY_INVALID"

    faults: tuple[PolicyFault, ...]

    @property
    def message(self) -> str:
        count = len(self.faults)
        first = self.faults[0]
        return f"The policy document has {count} fault(s); first: {first.path}: {first.message}"
