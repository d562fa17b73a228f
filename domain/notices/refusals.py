"""Why a text of notices is not accepted."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from domain.kernel.refusals import Refusal


class TemplateFaultCode(StrEnum):
    """Faults of a text; the message of each is `template.` and its code."""

    MISSING = "missing"
    NOT_TAKEN = "not_taken"
    TOO_LONG = "too_long"
    SYNTAX = "syntax"
    NOT_ALLOWED = "not_allowed"
    UNKNOWN_NAME = "unknown_name"
    UNKNOWN_FILTER = "unknown_filter"
    LOOP = "loop"
    RENDERING = "rendering"


@dataclass(frozen=True, slots=True)
class TemplateFault:
    """One fault: its part, its line from 1, and the text there."""

    code: TemplateFaultCode
    part: str
    line: int | None = None
    value: str | None = None
    allowed: tuple[str, ...] = ()


@dataclass(eq=False)
class TemplateInvalid(Refusal):
    """The text of a notice has faults."""

    faults: Annotated[tuple[TemplateFault, ...], "All faults in the text."]


@dataclass(eq=False)
class ContactCodeRefused(Refusal):
    """This code is not the last one, or it was used, has expired or was tried too often."""
