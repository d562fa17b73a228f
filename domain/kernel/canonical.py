"""One text for one meaning, by which requests are compared.

Equal instants, amounts and key orders give equal text however a client wrote them.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from enum import Enum
from typing import Any, Protocol
from uuid import UUID

_EXACT = Context(prec=1000)


class Canonical(Protocol):
    """A frozen input that names the fields by which it is compared, whatever its attributes are
    called.

    Stored digests used the same names, so none is ever renamed, and a field that was added later is
    left out where it is None.
    """

    def canonical(self) -> dict[str, Any]: ...


def sha256(value: Any) -> bytes:
    """SHA-256 of the canonical JSON of a frozen input and everything in it.

    Raises: TypeError for a dataclass that does not name these fields.
    """
    text = json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).digest()


_AS_IT_IS = (str, int, bool)


def _plain(value: Any) -> Any:
    if value is None or type(value) in _AS_IT_IS:
        return value
    if type(value) is dict:
        return {str(key): _plain(item) for key, item in value.items()}
    match value:
        case list() | tuple():
            plain: Any = [_plain(item) for item in value]
        case Enum():
            plain = value.value
        case Decimal():
            plain = str(value.normalize(_EXACT))
        case datetime():
            plain = value.astimezone(UTC).isoformat()
        case date() | UUID():
            plain = str(value)
        case _ if hasattr(value, "canonical"):  # an isinstance of a protocol is slow
            plain = _plain(value.canonical())
        case Mapping():  # after all types that are recognised by their class, which is quicker
            plain = {str(key): _plain(item) for key, item in value.items()}
        case _:
            plain = _unknown(value)
    return plain


def _unknown(value: Any) -> Any:
    if is_dataclass(value):
        raise TypeError(f"{type(value).__name__} does not say what it is compared by")
    return value
