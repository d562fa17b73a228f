"""Scalars: the meaning of one word of a document by the rules of YAML 1.2, read strictly.

Only `true` and `false` are booleans, so that `on`, `off`, `yes` and `no` are words. A number has
one form; what any YAML reader could take for another number than its author is refused.
"""

import re
from decimal import Decimal, InvalidOperation

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
NUMBER_CHARACTERS_MAX = 40

NOTHING = frozenset(("", "~", "null", "Null", "NULL"))
FLAGS = {"true": True, "false": False}

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""What no text has, though it can be written by an escape: the database cannot keep all of it."""

_LIKE_A_NUMBER = re.compile(
    r"""[-+]?(?:
        (?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]*)?
        | 0[xX][0-9a-fA-F_]*
        | 0[oO][0-9_]*
        | 0[bB][0-9_]*
        | [0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?
        | \.(?:inf|Inf|INF|nan|NaN|NAN)
    )""",
    re.VERBOSE,
)
_BASES = {"0x": 16, "0o": 8, "0b": 2}


def like_a_number(text: str) -> bool:
    """Whether some reader takes this word for a number."""
    return _LIKE_A_NUMBER.fullmatch(text) is not None


def plain_number(text: str) -> int | Decimal | None:
    """The number that this text writes in the one form; None for any other text."""
    found = NUMBER.fullmatch(text)
    if found is None:
        return None
    return Decimal(text) if found[2] else int(text)


def likely_number(text: str) -> str | None:
    """How the number that this text most likely means is written: 500 for 0500 or 5e2."""
    bare = text.replace("_", "").replace(",", "").strip().lower().removeprefix("+")
    base = _BASES.get(bare[:2])
    try:
        value = Decimal(int(bare, base) if base else bare)
    except (InvalidOperation, ValueError):
        return None
    if not value.is_finite() or abs(value.adjusted()) > NUMBER_CHARACTERS_MAX:
        return None
    written = format(value, "f")
    return written if NUMBER.fullmatch(written) else None


def whole_text(text: str) -> str | None:
    """The text with the pairs of surrogates that JSON writes put together; None for half a one."""
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        return None
