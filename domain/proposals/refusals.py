"""Refusals of decisions about proposals."""

from dataclasses import dataclass
from typing import Annotated

from domain.kernel.refusals import Refusal


@dataclass(eq=False)
class SamePerson(Refusal):
    """A person other than the proposer must approve it."""

    proposed_by: Annotated[str, "Person who proposed it."]


@dataclass(eq=False)
class ProposalState(Refusal):
    """The proposal is no longer open."""

    status: Annotated[str, "State of the proposal: DONE, REJECTED or EXPIRED."]
