"""Figures of a programme, each with the sentence of the source that states it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Said:
    """A figure of a document, and the sentence of its source; None where the document decides."""

    value: Any
    sentence: str | None
