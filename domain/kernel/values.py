"""Values: frozen records that are created in large numbers.

A frozen dataclass refuses assignments at run time, so its own fields are set by calls, which makes
creation eight times slower. For a value, only the type checker refuses assignments.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

__all__ = ["value"]

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:

    def value(*, frozen: bool, slots: bool) -> Any:
        """`dataclass` whose `frozen` only the type checker enforces."""
        return dataclass(slots=slots, unsafe_hash=frozen)
