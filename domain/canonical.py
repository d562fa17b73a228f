"""One text for one meaning: what requests are compared by.

Equal instants, amounts and key orders give equal text however a client wrote them.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from enum import Enum
from typing import Any
from uuid import UUID

_EXACT = Context(prec=1000)

LATER = {"left_out": None}
"""The metadata of a field that an input came to have later: left out where it is not given, so
that what was stored before compares equal.
"""


def sha256(value: Any) -> bytes:
    """SHA-256 of the canonical JSON of a frozen input and everything in it."""
    text = json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).digest()


def _plain(value: Any) -> Any:
    match value:
        case Mapping():
            plain: Any = {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            plain = [_plain(item) for item in value]
        case Enum():
            plain = value.value
        case Decimal():
            plain = str(value.normalize(_EXACT))
        case datetime():
            plain = value.astimezone(UTC).isoformat()
        case date() | UUID():
            plain = str(value)
        case _ if is_dataclass(value):
            plain = {
                f.name: _plain(item)
                for f in fields(value)
                if (item := getattr(value, f.name)) is not None or "left_out" not in f.metadata
            }
        case _:
            plain = value
    return plain
