"""Why a proposal is not decided."""

from dataclasses import dataclass
from typing import Annotated

from domain.kernel.refusals import Refusal


@dataclass(eq=False)
class SamePerson(Refusal):
    """Another person has to approve it than the one who proposed it."""

    proposed_by: Annotated[str, "Person who proposed it."]


@dataclass(eq=False)
class ProposalState(Refusal):
    """The proposal is not open any more."""

    status: Annotated[str, "State of the proposal: DONE, REJECTED or EXPIRED."]
