"""Files of bookings: CSV in UTF-8, plain or gzipped, one booking of one line in each row.

The header names the columns in any order. A refused row is written to another file with the reason,
so that it can be corrected and imported again.
"""

import csv
import gzip
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from domain.bookings.reports import BookingSent
from domain.checkout.booking_lines import LineSent
from domain.history.history import PastBooking
from domain.kernel.cells import as_meant, plain
from ops import written
from ops.errors import OperationError

REQUIRED = ("member", "reference", "booked_at", "product", "amount")
OPTIONAL = ("travel_from", "travel_to", "payment_method")
REASON = "reason"
ROWS_MAX = 5_000_000
"""Rows are kept in memory, by member; a larger file is split by member."""

_AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)
_GZIP = b"\x1f\x8b"


class RowRefused(Exception):
    """A row that says nothing that could be a booking; the message names the column."""


@dataclass(frozen=True, slots=True)
class BookingFile:
    """A file's rows, unchanged: the first has number 1."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]

    def by_member(self) -> dict[str, list[int]]:
        """Numbers of the rows of each member, members in the order of their first rows."""
        place = self.columns.index("member")
        found: dict[str, list[int]] = {}
        for number, row in enumerate(self.rows, start=1):
            member = row[place].strip() if len(row) > place else ""
            found.setdefault(member, []).append(number)
        return found


def read(path: Path) -> BookingFile:
    """All rows of a file with a good header.

    Raises: OperationError
    """
    try:
        with opened(path) as text:
            reader = csv.reader(text, strict=True)
            columns = _checked_header(path, next(reader, []))
            rows = []
            for row in reader:
                if row:
                    rows.append(tuple(map(as_meant, row)))
                if len(rows) > ROWS_MAX:
                    raise OperationError(
                        f"{path} has more than {ROWS_MAX} rows: split it by member"
                    )
    except OSError as error:
        raise OperationError(f"cannot read {path}: {error.strerror or error}") from None
    except EOFError:
        raise OperationError(f"cannot read {path}: it is cut off") from None
    except UnicodeDecodeError:
        raise OperationError(f"cannot read {path}: it is not UTF-8 text") from None
    except csv.Error as error:
        raise OperationError(f"{path}: line {reader.line_num}: {error}") from None
    return BookingFile(columns, rows)


def to_past(file: BookingFile, number: int, zone: ZoneInfo) -> PastBooking:
    """The booking of a row; an instant without an offset is local in `zone`.

    Raises: RowRefused
    """
    row = file.rows[number - 1]
    if len(row) != len(file.columns):
        raise RowRefused(f"This row has {len(row)} columns, the header {len(file.columns)}.")
    cells = {name: cell.strip() for name, cell in zip(file.columns, row, strict=True)}
    booked_at = _instant(cells["booked_at"], zone)
    line = LineSent(
        cells["product"],
        _amount(cells["amount"]),
        travel_from=_day(cells, "travel_from"),
        travel_to=_day(cells, "travel_to"),
    )
    method = cells.get("payment_method") or None
    sent = BookingSent(cells["reference"], (line,), booked_at=booked_at, payment_method=method)
    return PastBooking(number, booked_at, sent)


def write_refused(path: Path, file: BookingFile, reasons: Mapping[int, str]) -> None:
    """The refused rows in their own order, each with its reason; without any, no file.

    Raises: OperationError
    """
    kept = [place for place, name in enumerate(file.columns) if name != REASON]
    with written.told(path):
        if not reasons:
            path.unlink(missing_ok=True)
            return
        with path.open("w", encoding="utf-8", newline="") as text:
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow([*(file.columns[place] for place in kept), REASON])
            for number, reason in sorted(reasons.items()):
                row = file.rows[number - 1]
                cells = [row[place] if place < len(row) else "" for place in kept]
                writer.writerow(map(plain, (*cells, reason)))


@contextmanager
def opened(path: Path) -> Iterator[IO[str]]:
    with path.open("rb") as raw:
        zipped = raw.read(2) == _GZIP
        raw.seek(0)
        content: Any = gzip.GzipFile(fileobj=raw) if zipped else raw
        with io.TextIOWrapper(content, encoding="utf-8-sig", newline="") as text:
            yield text


def _checked_header(path: Path, header: Sequence[str]) -> tuple[str, ...]:
    columns = tuple(name.strip().lower() for name in header)
    wanted = f"its header is {','.join(REQUIRED)} and optionally {','.join(OPTIONAL)}"
    missing = [name for name in REQUIRED if name not in columns]
    unknown = [name for name in columns if name not in (*REQUIRED, *OPTIONAL, REASON)]
    if missing:
        raise OperationError(f"{path} has no column {', '.join(missing)}: {wanted}")
    if unknown:
        raise OperationError(f"{path} has an unknown column {unknown[0]!r}: {wanted}")
    if len(set(columns)) != len(columns):
        raise OperationError(f"{path} names a column twice: {wanted}")
    return columns


def _instant(text: str, zone: ZoneInfo) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
        local = instant if instant.tzinfo else instant.replace(tzinfo=zone)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise RowRefused(f"booked_at: {text!r} is not a date or an instant (ISO 8601).") from None


def _amount(text: str) -> Decimal:
    if not _AMOUNT.fullmatch(text):
        raise RowRefused(f"amount: {text!r} is not a number such as 1500.00.")
    return Decimal(text)


def _day(cells: Mapping[str, str], name: str) -> date | None:
    text = cells.get(name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RowRefused(f"{name}: {text!r} is not a date (ISO 8601).") from None
