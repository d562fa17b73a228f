"""What the source of a programme says of it: a figure with its sentence."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Said:
    """A figure of a document, and the sentence of its source; without one the document decides."""

    value: Any
    sentence: str | None
