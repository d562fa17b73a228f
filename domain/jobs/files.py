"""Files of rows, read piece by piece as they arrive: CSV or JSON lines, either gzipped.

Memory holds only a piece and a row, however large the file is.
"""

import csv
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from domain.jobs.columns import IGNORED, SURPLUS, Columns, is_plain
from domain.kernel.cells import as_meant
from domain.kernel.refusals import InvalidInput, Quantity

BYTES_MAX = 2**30
"""Most bytes of a file, as sent and unpacked; a file compressed a thousandfold is an attack."""

ROWS_MAX = 5_000_000
"""Most rows; empty lines are counted, too."""

ROW_BYTES_MAX = 16_384
COLUMNS_MAX = 64
LEVELS_MAX = 100
"""Most levels of nested values; far deeper ones could be read, but not stored."""
PIECE_BYTES = 65_536
"""Bytes that are unpacked and read at a time."""

_FILE = ("file",)
_GZIP, _BOM = b"\x1f\x8b", b"\xef\xbb\xbf"

Content = dict[str, Any]


@dataclass(slots=True)
class FileReader:
    """A parser: fed with what arrives, it gives the complete rows; `end` gives the last one.

    Every fault is an InvalidInput that names the line.
    """

    columns: Columns
    rows: int = 0
    lines: int = 0
    sent: int = 0
    unpacked: int = 0
    _head: bytes = b""
    _begun: bool = False
    _inflate: Any = None
    _rest: bytes = b""
    _quoted: list[bytes] = field(default_factory=list)
    _quoted_bytes: int = 0
    _open: bool = False
    _header: tuple[str, ...] | None = None
    _json: bool = False
    _places: list[int] = field(default_factory=list)
    _width: int = 0
    _again: bool = False
    _seen: dict[str, None] = field(default_factory=dict)

    @property
    def header(self) -> tuple[str, ...]:
        """The columns of the rows until now."""
        return tuple(self._seen) if self._header is None else self._header

    def feed(self, sent: bytes) -> Iterator[list[Content]]:
        """The rows that end in this piece, yielded for each amount read at a time: a well
        compressed piece is long, and other tasks need their turn. Raises: InvalidInput.
        """
        self.sent = _counted(self.sent, sent)
        if not self._begun:
            self._head += sent
            if len(self._head) < len(_BOM):
                return
            sent, self._head = self._head, b""
            self._begin(sent)
        for piece in self._unpack(sent):
            self.unpacked = _counted(self.unpacked, piece)
            yield list(self._read(piece))

    def end(self) -> Iterator[Content]:
        """The row after the last line end, if there is one. Raises: InvalidInput."""
        if not self._begun:
            self._begin(self._head)
            yield from self._read(self._head)
        if self._inflate is not None and not self._inflate.eof:
            raise InvalidInput("file_broken", path=_FILE)
        if self._rest:
            yield from self._read(b"\n")
        if self._quoted:
            raise InvalidInput("line_not_csv", str(self.lines), path=_FILE)
        if self._header is None and not self._json:
            self.columns.named(())

    def _begin(self, head: bytes) -> None:
        self._begun = True
        if head.startswith(_GZIP):
            self._inflate = zlib.decompressobj(wbits=31)

    def _unpack(self, sent: bytes) -> Iterator[bytes]:
        if self._inflate is None:
            for start in range(0, len(sent), PIECE_BYTES):
                yield sent[start : start + PIECE_BYTES]
            return
        more = True
        while more:
            if self._inflate.eof and sent:
                # a file may consist of several gzip members, one after the other
                self._inflate = zlib.decompressobj(wbits=31)
            try:
                piece = self._inflate.decompress(sent, PIECE_BYTES)
            except zlib.error:
                raise InvalidInput("file_broken", path=_FILE) from None
            sent = self._inflate.unconsumed_tail or self._inflate.unused_data
            # the decompressor may consume all input before it has returned all output
            more = bool(sent) or (len(piece) == PIECE_BYTES and not self._inflate.eof)
            yield piece

    def _read(self, piece: bytes) -> Iterator[Content]:
        *complete, rest = (self._rest + piece).split(b"\n")
        self._rest = rest
        for line in complete:
            yield from self._line(line)
        self._check_length(len(rest))

    def _check_length(self, more: int) -> None:
        if self._quoted_bytes + more > ROW_BYTES_MAX:
            at, most = str(self.lines + 1), (str(ROW_BYTES_MAX),)
            raise InvalidInput("line_too_long", at, most, path=_FILE)

    def _line(self, line: bytes) -> Iterator[Content]:
        self._check_length(len(line))
        self.lines += 1
        if self.lines == 1:
            line = line.removeprefix(_BOM)
            self._json = line.lstrip().startswith(b"{")
        if self._header is not None or self._json:
            self._count_row()
        if self._json:
            if line.strip():
                yield self._object(line)
            return
        if self._header is not None and not self._open and line in (b"", b"\r"):
            return
        # counted while it grows: a row may have as many lines as bytes
        self._quoted.append(line)
        self._quoted_bytes += len(line) + 1
        self._open ^= line.count(b'"') % 2 == 1
        if self._open:
            return
        record = b"\n".join(self._quoted)
        self._quoted, self._quoted_bytes = [], 0
        cells = self._cells(record)
        if self._header is None:
            self._take_header(cells)
        elif cells:
            yield self._by_column(cells)

    def _count_row(self) -> None:
        self.rows += not self._open
        if self.rows > ROWS_MAX:
            most = Quantity.of(ROWS_MAX, "rows")
            raise InvalidInput("file_too_long", path=_FILE, allowed=(most,))

    def _object(self, line: bytes) -> Content:
        try:
            found = orjson.loads(line)
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise InvalidInput("line_not_json", str(self.lines), path=_FILE)
        if line.count(b"[") + line.count(b"{") > LEVELS_MAX and _is_deep(found):
            raise InvalidInput("line_too_deep", str(self.lines), (str(LEVELS_MAX),), path=_FILE)
        row = {
            name: value
            for name, value in found.items()
            if value is not None and not name.startswith(IGNORED)
        }
        # any other name is refused with its row, and is no column of the file of refused rows
        self._seen |= dict.fromkeys(filter(is_plain, row))
        self._check_columns(len(self._seen))
        return row

    def _cells(self, record: bytes) -> list[str]:
        try:
            return next(csv.reader([record.decode().removesuffix("\r")], strict=True), [])
        except UnicodeDecodeError:
            raise InvalidInput("line_not_text", str(self.lines), path=_FILE) from None
        except csv.Error:
            raise InvalidInput("line_not_csv", str(self.lines), path=_FILE) from None

    def _take_header(self, cells: list[str]) -> None:
        self._check_columns(len(cells))
        self._places = [place for place, name in enumerate(cells) if not _is_ignored(name)]
        self._width = len(cells)
        self._again = len(self._places) < len(cells)
        self._header = self.columns.named([cells[place] for place in self._places])

    def _check_columns(self, count: int) -> None:
        if count > COLUMNS_MAX:
            raise InvalidInput("too_many_columns", str(count), (str(COLUMNS_MAX),), path=_FILE)

    def _by_column(self, cells: list[str]) -> Content:
        if self._again:  # the form of a file of refused rows
            cells = [as_meant(cell) for cell in cells]
        row: Content = {
            name: cells[place].strip()
            for name, place in zip(self._header or (), self._places, strict=True)
            if place < len(cells) and cells[place].strip()
        }
        if len(cells) > self._width:
            row[SURPLUS] = ",".join(cells[self._width :])
        return row


def _counted(before: int, piece: bytes) -> int:
    """Raises: InvalidInput where the file is too large."""
    if before + len(piece) > BYTES_MAX:
        raise InvalidInput("file_too_long", path=_FILE, allowed=(Quantity.of(BYTES_MAX, "bytes"),))
    return before + len(piece)


def _is_deep(value: object) -> bool:
    level: list[Any] = [value]
    for _ in range(LEVELS_MAX + 1):
        inside = (one.values() if isinstance(one, dict) else one for one in level)
        level = [one for found in inside for one in found if isinstance(one, dict | list)]
    return bool(level)


def _is_ignored(name: str) -> bool:
    return name.strip().lower().startswith(IGNORED)
