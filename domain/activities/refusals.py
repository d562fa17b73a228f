"""Why an activity is not taken from its reporter."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.refusals import Refusal


@dataclass(eq=False)
class ReporterNotAllowed(Refusal):
    code: ClassVar[str] = "REPORTER_NOT_ALLOWED"
    template: ClassVar[str] = "{activity!r} may be reported by {allowed}, not by a {reporter}."

    activity: str
    reporter: str
    allowed: str
