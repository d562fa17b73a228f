"""Values: frozen records of which many are made.

Setting a field of a frozen dataclass is refused where it runs, and so each field of a new one is
set by a call: making it takes eight times as long. Of a value, the type checker refuses it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

__all__ = ["value"]

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:

    def value(*, frozen: bool, slots: bool) -> Any:
        """`dataclass`, whose `frozen` is left to the type checker."""
        return dataclass(slots=slots, unsafe_hash=frozen)
