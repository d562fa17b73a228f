"""Files of coupon codes: CSV in UTF-8, plain or gzipped, one code in each row.

The header names `code` and, in any order, an optional `valid_until`: a date is the last day on
which the code can be used, an instant the moment from which it cannot. The result of each row is
written to another file beside it.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.kernel import dates
from domain.kernel.cells import as_meant, plain
from ops import written
from ops.commands.booking_files import ROWS_MAX, RowRefused, opened
from ops.errors import OperationError

CODE, VALID_UNTIL = "code", "valid_until"
REPORT = (CODE, VALID_UNTIL, "outcome", "reason")


@dataclass(frozen=True, slots=True)
class Row:
    """A row, unchanged; `cells` are as many as in the file."""

    code: str
    valid_until: str
    cells: int


@dataclass(frozen=True, slots=True)
class RowResult:
    """Result of a row: imported, known or refused, and the reason."""

    row: Row
    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CodeFile:
    columns: tuple[str, ...]
    rows: list[Row]


def read(path: Path) -> CodeFile:
    """All rows of a file with a good header.

    Raises: OperationError
    """
    with readable(path) as lines:
        columns = _checked_header(path, next(lines, []))
        rows = [_row(columns, cells) for cells in lines if cells]
    if len(rows) > ROWS_MAX:
        raise OperationError(f"{path} has more than {ROWS_MAX} rows: split it")
    return CodeFile(columns, rows)


def to_code(file: CodeFile, row: Row, zone: ZoneInfo) -> tuple[str, datetime | None]:
    """The code and the exclusive end (UTC) of its validity; null for none.

    Raises: RowRefused
    """
    if row.cells != len(file.columns):
        raise RowRefused(f"This row has {row.cells} columns, the header {len(file.columns)}.")
    return row.code, _end(row.valid_until, zone) if row.valid_until else None


def write_report(path: Path, outcomes: Iterable[RowResult]) -> None:
    """Raises: OperationError"""
    with written.told(path), path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(REPORT)
        for found in outcomes:
            row = found.row
            told = (row.code, row.valid_until, found.outcome, found.reason)
            writer.writerow(map(plain, told))


@contextmanager
def readable(path: Path) -> Iterator[Iterator[list[str]]]:
    """The lines of a file, header first.

    Raises: OperationError
    """
    try:
        with opened(path) as text:
            yield ([as_meant(cell) for cell in line] for line in csv.reader(text, strict=True))
    except OSError as error:
        raise OperationError(f"cannot read {path}: {error.strerror or error}") from None
    except EOFError:
        raise OperationError(f"cannot read {path}: it is cut off") from None
    except UnicodeDecodeError:
        raise OperationError(f"cannot read {path}: it is not UTF-8 text") from None
    except csv.Error as error:
        raise OperationError(f"cannot read {path}: {error}") from None


def _checked_header(path: Path, header: Sequence[str]) -> tuple[str, ...]:
    columns = tuple(name.strip().lower() for name in header)
    if columns not in ((CODE,), (CODE, VALID_UNTIL), (VALID_UNTIL, CODE)):
        raise OperationError(f"{path}: its header is {CODE} and optionally {VALID_UNTIL}")
    return columns


def _row(columns: Sequence[str], cells: Sequence[str]) -> Row:
    found = {name: cell.strip() for name, cell in zip(columns, cells, strict=False)}
    return Row(found.get(CODE, ""), found.get(VALID_UNTIL, ""), len(cells))


def _end(text: str, zone: ZoneInfo) -> datetime:
    try:
        if len(text) <= len("2027-01-01"):
            return dates.end_of_day(date.fromisoformat(text), zone)
        instant = datetime.fromisoformat(text)
        local = instant if instant.tzinfo else instant.replace(tzinfo=zone)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise RowRefused(f"{VALID_UNTIL}: {text!r} is not a date or an instant.") from None
