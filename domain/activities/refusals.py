"""Why an activity is not taken from its reporter."""

from dataclasses import dataclass
from typing import Annotated

from domain.kernel.refusals import Refusal


@dataclass(eq=False)
class ReporterNotAllowed(Refusal):
    """The policy does not let this caller report this activity."""

    activity: Annotated[str, "Code of the activity."]
    reporter: Annotated[str, "Kind of caller."]
    allowed: Annotated[tuple[str, ...], "Kinds of callers that may report it."]
