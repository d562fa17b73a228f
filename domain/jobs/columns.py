"""Columns of an import's file, and their values: each row is a JSON object of its columns.

CSV has only texts; JSON lines may have numbers, booleans and objects where those belong.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from domain.kernel.inputs import check_day
from domain.kernel.refusals import InvalidInput

Row = Mapping[str, Any]
"""A row's values by column; empty ones are left out."""

SURPLUS = ""
"""The column of surplus values of a line of CSV, beyond its header."""

IGNORED = "refused_"
"""Prefix of the columns in which a file of refused rows gives reasons, as a corrected file is sent
again.
"""

SHOWN_CHARACTERS_MAX = 64
WHOLE_MAX = 10**18 - 1
_WHOLE = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_TOO_LONG = re.compile(r"0*[1-9][0-9]{18,}", re.ASCII)
_AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)
_CAPITAL = re.compile("(?<=[a-z])[A-Z]")
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True)
class Columns:
    """The required columns of a kind's rows, the optional ones, and the prefixes of further
    ones.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    called: Mapping[str, str] = field(default_factory=dict)
    """Columns by the API's name of their fields, where that differs."""
    naming: tuple[str, ...] = ()
    """Columns that identify the member of a row."""

    @property
    def allowed(self) -> tuple[str, ...]:
        return (*self.required, *self.optional, *(f"{prefix}…" for prefix in self.prefixes))

    def named(self, header: Iterable[str]) -> tuple[str, ...]:
        """The columns of a header, by their names here.

        Raises: InvalidInput.
        """
        found = tuple(map(self._known, header))
        for name in self.required:
            if name not in found:
                raise InvalidInput("column_missing", name, self.allowed, path=("file",))
        for place, name in enumerate(found):
            if name in found[:place]:
                raise InvalidInput("column_twice", _shown(name), path=("file",))
        return found

    def check(self, row: Row) -> None:
        """The same of one row, which has no header. Raises: InvalidInput."""
        for name in row:
            self._known(name)
        for name in self.required:
            text(row, name)

    def of_field(self, path: Sequence[str]) -> str:
        """The column of a field that a refusal names as the API does: a row is one line."""
        inside = path[2:] if path[:1] == ("lines",) and len(path) > 2 else path
        if not inside or inside[0].startswith(self.prefixes):
            return ".".join(inside)
        name = self.called.get(inside[0]) or _CAPITAL.sub(
            lambda found: f"_{found[0].lower()}", inside[0]
        )
        return ".".join((name, *inside[1:]))

    def _known(self, name: str) -> str:
        bare = name.strip()
        if bare.lower() in self.required or bare.lower() in self.optional:
            return bare.lower()
        begun = any(bare.startswith(prefix) and bare != prefix for prefix in self.prefixes)
        if not begun or not is_plain(bare):
            raise InvalidInput("column_unknown", _shown(bare), self.allowed, path=("file",))
        return bare


def is_plain(name: str) -> bool:
    """Whether this is an allowed name of a column: it has no character that cannot be shown."""
    return name.isprintable()


def _shown(value: object) -> str:
    return str(value)[:SHOWN_CHARACTERS_MAX]


def text(row: Row, name: str) -> str:
    """Raises: InvalidInput where there is none."""
    found = maybe_text(row, name)
    if found is None:
        raise InvalidInput("too_short", path=(name,))
    return found


def maybe_text(row: Row, name: str) -> str | None:
    """Raises: InvalidInput for a value that is no text."""
    found = row.get(name)
    if isinstance(found, bool | Mapping | list):
        raise InvalidInput("cell_kind", _shown(found), path=(name,))
    return None if found is None or found == "" else str(found)


def whole(row: Row, name: str) -> int:
    """A whole number. Raises: InvalidInput."""
    found = text(row, name)
    if _TOO_LONG.fullmatch(found):
        raise InvalidInput("amount_too_large", _shown(found), (str(WHOLE_MAX),), path=(name,))
    if not _WHOLE.fullmatch(found):
        raise InvalidInput("not_whole", _shown(found), path=(name,))
    return int(found)


def maybe_day(row: Row, name: str) -> date | None:
    """A date as 2026-12-31. Raises: InvalidInput."""
    found = maybe_text(row, name)
    if found is None:
        return None
    try:
        return date.fromisoformat(found)
    except ValueError:
        raise InvalidInput("not_a_day", _shown(found), ("2026-12-31",), path=(name,)) from None


def bounded_day(row: Row, name: str) -> date | None:
    """A date from 1900 to 2999. Raises: InvalidInput."""
    found = maybe_day(row, name)
    return None if found is None else check_day(found, (name,))


def instant(row: Row, name: str, zone: ZoneInfo) -> datetime:
    """An instant in ISO 8601 as UTC, local in the zone without an offset. Raises: InvalidInput."""
    found = text(row, name)
    try:
        said = datetime.fromisoformat(found)
        return (said if said.tzinfo else said.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        form = ("2026-12-31T10:30",)
        raise InvalidInput("not_an_instant", _shown(found), form, path=(name,)) from None


def amount(row: Row, name: str) -> Decimal:
    """A number with decimals. Raises: InvalidInput."""
    found = text(row, name)
    if not _AMOUNT.fullmatch(found):
        raise InvalidInput("not_an_amount", _shown(found), ("1500.00",), path=(name,))
    return Decimal(found)


def truth(row: Row, name: str) -> bool:
    """Yes or no. Raises: InvalidInput."""
    found = row.get(name)
    if isinstance(found, bool):
        return found
    said = _TRUTHS.get(str(found).lower())
    if said is None:
        raise InvalidInput("not_a_truth", _shown(found), tuple(_TRUTHS), path=(name,))
    return said


def beginning_with(row: Row, prefix: str) -> Iterator[tuple[str, Any]]:
    """Values of the columns with this prefix, by the rest of their names."""
    for name, found in row.items():
        if name.startswith(prefix) and name != prefix:
            yield name.removeprefix(prefix), found
