"""The refusal of a fact on a settled day."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.kernel.refusals import Refusal


@dataclass(eq=False)
class DaySettled(Refusal):
    """The day is settled: nothing can be recorded on it any more."""

    settled_until: Annotated[datetime, "Instant before which nothing can be recorded any more."]
